"""What the files that stand offer, as briefings tell it: the latest, of what an agent needs first, within bounds."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from conductor.envelope import Draft, Head, Recorded, encode
from conductor.events import (
    AgentRequested,
    CheckpointCreated,
    Interface,
    MergeCompleted,
    MergeRequested,
    PhaseFailed,
    PhaseResultSaved,
    PhaseRetried,
    PhaseStarted,
    RollbackAsked,
    TaskPaused,
    TaskRolledBack,
)
from conductor.ids import EffectId
from projections.briefing import INTERFACES, briefing
from projections.documents.findings import Findings
from projections.documents.projection import Documents
from projections.view import build
from tests.support.simulation.story import IMPLEMENT, Story, given
from tests.support.simulation.world import plan

HEADING = "### Interfaces of the files built in this task\n\n"
replace = msgspec.structs.replace


class Record:
    """A story's events, in which merges (`m0`) and checkpoints (1) tell what files offer; and the texts behind it."""

    def __init__(self, story: Story, offers: dict[str | int, list[Interface]]) -> None:
        self.story, self.offers = story, offers
        self.texts = {str(key): msgspec.json.encode(told) for key, told in offers.items()}

    def events(self) -> list[Recorded]:
        drafts, merging = [], dict[str, str]()
        for fact in self.story.facts:
            body: Any = fact.body
            if isinstance(body, MergeRequested):
                merging[body.effect] = body.module or ""
            key = merging.get(body.effect) if isinstance(body, MergeCompleted) else getattr(body, "number", None)
            if isinstance(body, MergeCompleted | CheckpointCreated) and key in self.offers:
                body = replace(body, interfaces=str(key))
            drafts.append(Draft(body, fact.actor, correlation=getattr(body, "effect", None)))
        return encode("t", Head(), drafts, time="")[1]

    @property
    def findings(self) -> Findings:
        return build(Documents(), "t", self.events())

    def brief(self, phase: str | None, module: str | None = None) -> str:
        request = AgentRequested(effect=EffectId("x"), phase=phase, module=module, role=IMPLEMENT, attempt=1)
        return briefing(self.story.state, request, self.findings, self.texts.get)

    def told(self, phase: str | None, module: str | None = None) -> str:
        """What stands below the heading; "" without it."""
        return self.brief(phase, module).partition(HEADING)[2].partition("\n#")[0].rstrip("\n")


def left(*shape: int) -> Story:
    """Agents leave the files that their modules were to write."""
    story = given(plan(*shape))
    for number, modules in enumerate(shape, 1):
        for n in range(modules):
            story.agent(IMPLEMENT, where={"phase": str(number), "module": f"m{n}"}, files=(f"{number}/{n}.py",))
    return story


def test_a_module_reads_what_those_that_it_depends_on_offer() -> None:
    story = left(3, 1).until(MergeRequested, module="m2")
    offers: dict[str | int, list[Interface]] = {
        "m0": [Interface("1/0.py", ("def a(x: int) -> str", "class B", "  def c(self)"), 2)]
    }
    record = Record(story, {**offers, "m1": [Interface("1/1.py", ("D",))]})
    assert record.told("1", "m2") == "\n".join(
        ["    1/0.py", "      def a(x: int) -> str", "      class B", "        def c(self)", "      [2 more]"]
    )
    assert HEADING not in record.brief("1", "m1")
    assert "1/1.py\n      D" in record.told("1")  # the merged tree has them all


def test_the_latest_record_counts_and_what_is_gone_is_not_told() -> None:
    story = left(1, 1, 1).until(PhaseStarted, phase="3")
    first = [Interface("a.py", ("A",)), Interface("b.py", ("B",)), Interface("c.py", ("C",))]
    record = Record(story, {1: first, 2: [Interface("a.py", ("A2",)), Interface("b.py")]})
    assert record.told("3", "m0") == "    a.py\n      A2\n    c.py\n      C"


def test_a_checkpoint_tells_of_the_merges_before_it() -> None:
    story = left(2, 1).until(PhaseStarted, phase="2")
    offers: dict[str | int, list[Interface]] = {"m0": [Interface("a.py", ("A",))], "m1": [Interface("b.py", ("B",))]}
    assert Record(story, {**offers, 1: [Interface("b.py", ("B1",))]}).told("2") == "    b.py\n      B1"
    gone = Record(story, offers)  # they were taken back before the checkpoint
    assert gone.told("2") == "" and gone.findings.offered == ()


def test_what_was_rolled_back_is_not_told() -> None:
    story = left(2).check("tests:0", "failed", times=99, phase="1").until(PhaseFailed)
    record = Record(story, {"m0": [Interface("1/0.py", ("A",))]})
    assert "A" in record.told("1")
    story.ran()
    story.when_answered("retry", "slowly")
    story.until(PhaseRetried)
    assert HEADING not in record.brief("1") and record.findings.offered == ()


def test_a_persons_rollback_takes_back_what_came_after_its_checkpoint() -> None:
    story = left(1, 1, 1).until(PhaseResultSaved, phase="3")
    record = Record(story, {1: [Interface("a.py", ("A",))], 2: [Interface("a.py", ("A2",))]})
    assert "A2" in record.told("3")
    story.when(TaskPaused())
    story.ran()
    story.when(RollbackAsked(1, "a better idea"))
    story.until(TaskRolledBack)
    assert record.told("2") == "    a.py\n      A"


def test_what_is_needed_comes_first_and_the_rest_is_counted() -> None:
    story = left(1, 1, 1).until(PhaseStarted, phase="3")
    names = tuple("x" * 100 for _ in range(INTERFACES // 250))
    offers = [Interface("1/0.py", names), Interface("a.py", names), Interface("b.py", names), Interface("c.py", names)]
    record = Record(story, {1: offers, 2: [Interface("2/0.py", ("Z",)), Interface("d.py", unread=True)]})
    told = record.told("3", "m0")
    files = [line.strip() for line in told.split("\n") if line.startswith("    ") and not line.startswith("     ")]
    assert files == ["2/0.py", "1/0.py", "a.py"]  # the latest phase first
    assert told.endswith("\n\n[3 more files offer something; read them where you need it]")
    assert len(told) < INTERFACES * 1.2


def test_where_a_record_was_erased_nothing_older_is_told() -> None:
    """It may be what has changed it."""
    story = left(1, 1, 1).until(PhaseStarted, phase="3")
    record = Record(story, {1: [Interface("a.py", ("A",))], 2: [Interface("a.py", ("A2",))]})
    del record.texts["2"]
    assert HEADING not in record.brief("3", "m0")
    record.texts["2"] = b"no JSON"
    assert HEADING not in record.brief("3", "m0")


def test_a_history_without_such_records_has_no_such_part() -> None:
    assert HEADING not in Record(left(2, 1).until(PhaseStarted, phase="2"), {}).brief("2")


@settings(max_examples=40, deadline=None)
@forall(st.lists(st.sampled_from(["\n", "# x", "```", "- ", "\r", "\x1b[31m", "text", "    ", "\t"])).map("".join))
def test_names_structure_nothing(words: str) -> None:
    """They are agents' words: literal, whatever they are."""
    story = left(1, 1).until(PhaseStarted, phase="2")
    lines = Record(story, {1: [Interface(f"a{words}.py", (f"A{words}",), 1)]}).told("2").split("\n")
    assert all(line.startswith("    ") or not line for line in lines)
    assert lines[0].startswith("    a") and "\x1b" not in "".join(lines)
