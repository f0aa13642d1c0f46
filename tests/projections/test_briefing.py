"""What an agent gets to read: all that concerns it, nothing that is past, nothing that another's words could forge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from conductor.envelope import Draft, Head, Recorded, encode
from conductor.events import (
    AgentRequested,
    Correction,
    Finding,
    FindingReported,
    PhaseFailed,
    PhaseRetried,
    PhaseStarted,
    PlanAdopted,
    QuestionAnswered,
)
from conductor.ids import Digest, EffectId
from projections.briefing import ROWS, briefing
from projections.documents import relevance
from projections.documents.findings import Findings
from projections.documents.projection import Documents
from projections.view import build
from tests.support.simulation.story import CORE, FIX, IMPLEMENT, REVIEW, Story, given
from tests.support.simulation.world import plan

FACT = Correction("it is JSON", "it is TOML", "the first line of conf", "read TOML", "minor", "it was read")


def recorded(story: Story) -> list[Recorded]:
    drafts = [Draft(f.body, f.actor, correlation=getattr(f.body, "effect", None)) for f in story.facts]
    return encode("t", Head(), drafts, time="")[1]


def findings(story: Story) -> Findings:
    return build(Documents(), "t", recorded(story))


def requested(phase: str | None, module: str | None = None, role: str = IMPLEMENT, **more: Any) -> AgentRequested:
    return AgentRequested(effect=EffectId("x"), phase=phase, module=module, role=role, attempt=1, **more)


def brief(
    story: Story,
    phase: str | None,
    module: str | None = None,
    role: str = IMPLEMENT,
    read: Callable[[str], bytes | None] = lambda _: None,
    **more: Any,
) -> str:
    return briefing(story.state, requested(phase, module, role, **more), findings(story), read)


def part(text: str, heading: str) -> str:
    """What stands below a heading of any level."""
    return next((p.split("\n#")[0] for p in text.split(f"# {heading}\n")[1:]), "")


def finds(*findings: Finding, module: str = "m0", phase: str = "1", shape: tuple[int, ...] = (3, 1)) -> Story:
    where: dict[str, object] = {"phase": phase, "module": module}
    return given(plan(*shape)).agent(IMPLEMENT, where=where, findings=findings)


# ---- the plan --------------------------------------------------------------------------------------------------------


def test_a_module_reads_its_own_part_and_what_is_not_its_own() -> None:
    text = brief(given(plan(3, 1)), "1", "m1")
    assert "## Phase 1: Phase 1, module m1" in text
    assert part(text, "Goals").strip() == "- a goal"
    assert part(text, "Expected files").strip() == "- 1/1.py"
    assert part(text, "Success criteria").strip() == "- tests pass"
    assert part(text, "Test commands").strip() == "- make test"
    assert part(text, "Other modules, not yours to touch").strip() == "- m0: 1/0.py\n- m2: 1/2.py"
    assert "Phase 2" not in text


def test_a_phase_of_one_module_reads_as_the_phase() -> None:
    text = brief(given(plan(1)), "1", "m0")
    assert "## Phase 1: Phase 1\n" in text and "not yours" not in text


def test_only_the_plan_that_was_adopted_last_is_read() -> None:
    story = given(plan(1, 1)).until(PhaseStarted)
    changed = plan(1, 1)
    second = msgspec.structs.replace(changed.phases[1], goals=("a better goal",))
    story.when(PlanAdopted(msgspec.structs.replace(changed, phases=(changed.phases[0], second)), Digest("1" * 64)))
    text = brief(story, "2", "m0")
    assert "a better goal" in text and "- a goal" not in text


# ---- what was learned ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finding", "phase", "module", "there"),
    [
        (Finding("gotcha", "Mind it"), "1", "m0", True),
        (Finding("gotcha", "Mind it"), "1", "m1", False),  # built beside it
        (Finding("gotcha", "Mind it"), "1", "m2", True),  # depends on m0
        (Finding("gotcha", "Mind it in 1/1.py"), "1", "m1", True),  # names its file
        (Finding("gotcha", "Mind it"), "1", None, True),
        (Finding("gotcha", "Mind it"), "2", "m0", True),  # builds on phase 1
        (Finding("gotcha", "Mind it"), None, None, True),
        (Finding("gotcha", "Mind it", "", "seen", "pattern"), "1", "m1", True),
        (Finding("gotcha", "Mind it", "so", weight="minor"), "2", "m0", False),
        (Finding("gotcha", "Mind it", "so", weight="minor"), "1", "m0", True),
        (Finding("discovery", "Mind it", weight="minor"), "1", "m0", False),  # in no document
    ],
)
def test_a_finding_is_told_to_those_whom_it_concerns(
    finding: Finding, phase: str | None, module: str | None, there: bool
) -> None:
    story = finds(finding).ran()
    text = brief(story, phase, module)
    assert ("Mind it" in text) is there
    if there:
        assert "Mind it" in part(text, "Gotchas" if finding.kind == "gotcha" else "Found by others")


def test_a_person_tells_everybody() -> None:
    story = given(plan(2, 1)).until(PhaseStarted)
    story.when(FindingReported(Finding("security", "Mind it")))
    assert "Mind it" in part(brief(story, "2", "m0"), "Found by others")
    assert "Mind it" in brief(story, "1", "m1")


def test_what_was_rolled_back_is_not_told() -> None:
    story = finds(Finding("gotcha", "Mind it")).check("tests:0", "failed", times=99, phase="1")
    story.until(PhaseFailed)
    assert "Mind it" in brief(story, "1", "m0")
    story.ran()
    story.when_answered("retry", "slowly")
    story.until(PhaseRetried)
    assert "Mind it" not in brief(story, "1", "m0")


def test_what_an_agent_builds_on() -> None:
    where: dict[str, object] = {"phase": "1", "module": "m0"}
    said: dict[str, Any] = {"summary": "Call `parse()`.\n## Phase 9: no", "files": ("1/0.py",)}
    story = given(plan(3, 1)).agent(IMPLEMENT, where=where, **said).ran()
    told = "- Phase 1, m0: 1/0.py. Its agent says: Call `parse()`. ## Phase 9: no"
    assert told in part(brief(story, "1", "m2"), "What you build on")
    assert told in part(brief(story, "2", "m0"), "What you build on")
    assert told not in brief(story, "1", "m1")
    assert "- Phase 1 (Phase 1): 1.py" in part(brief(story, "2", "m0"), "Done before")


# ---- rulings ---------------------------------------------------------------------------------------------------------

HOLDS = "What holds beside the specification"


def corrected(correction: Correction, shape: tuple[int, ...] = (3, 1)) -> Story:
    return given(plan(*shape)).agent(IMPLEMENT, where={"phase": "1", "module": "m0"}, corrections=(correction,))


@pytest.mark.parametrize(
    ("affects", "phase", "module", "there"),
    [
        ((), "1", "m0", True),
        ((), "1", "m1", False),
        ((), "1", None, True),
        ((), "2", "m0", False),
        (("2",), "2", "m0", True),
        (("m1",), "1", "m1", True),
        ((), None, None, True),
    ],
)
def test_a_ruling_is_told_to_those_whom_it_concerns(
    affects: tuple[str, ...], phase: str | None, module: str | None, there: bool
) -> None:
    story = corrected(msgspec.structs.replace(FACT, affects=affects)).ran()
    text = brief(story, phase, module)
    assert ("So it is: it is TOML" in part(text, HOLDS)) is there
    ruling = story.state.rulings[-1]
    assert bool(relevance.news(story.state, requested(phase, module), ruling.version - 1)) is there
    assert relevance.news(story.state, requested(phase, module), ruling.version) == ()


def test_an_amendment_is_told_to_everybody_and_is_news_to_those_at_work() -> None:
    story = corrected(CORE).ran()
    before = story.state.version
    story.answer("approve")
    (news,) = relevance.news(story.state, requested("1", "m1"), before)
    assert "amended (a1). It said: sync It says now: async" in news
    for phase, module in (("1", "m1"), ("2", "m0"), (None, None)):
        assert news in part(brief(story, phase, module), HOLDS)


def test_an_answer_is_told_and_is_news() -> None:
    story = corrected(msgspec.structs.replace(FACT, nature="unclear", affects=("m1",))).ran()
    before = story.state.version
    story.when(QuestionAnswered("q1", "answer", "TOML 1.0"))
    assert "Answer: TOML 1.0" in part(brief(story, "1", "m1"), HOLDS)
    assert "Answer: TOML 1.0" in relevance.news(story.state, requested("1", "m1"), before)[0]
    assert "TOML 1.0" not in brief(story, "2", "m0")


def test_a_refusal_that_was_overtaken_is_not_told() -> None:
    """Else an agent would read that the specification stands, and that it does not."""
    unproven = msgspec.structs.replace(FACT, evidence="")
    story = corrected(unproven).agent(IMPLEMENT, where={"phase": "2"}, corrections=(FACT,)).ran()
    assert len(story.state.rulings) == 2
    told = part(brief(story, None), HOLDS)
    assert "So it is: it is TOML" in told and "The specification stands" not in told


# ---- why it is asked -------------------------------------------------------------------------------------------------


def test_a_fixer_reads_the_very_output_of_the_check_and_a_persons_hint() -> None:
    story = given(plan(1)).check("tests:0", "failed", times=1, phase="1")
    story.until(AgentRequested, role=FIX)
    request = story.last(AgentRequested)
    assert request.because
    text = briefing(
        story.state, msgspec.structs.replace(request, hint="the API is paged"), findings(story), {"o": b"E 1\n# 2"}.get
    )
    assert "      E 1\n      # 2" in part(text, "What went wrong")
    assert "the API is paged" in part(text, "A person's hint")
    assert text.startswith("# A plan\n") and "Fix the cause" in text


def test_long_outputs_and_long_lists_are_cut_with_a_note() -> None:
    story = given(plan(1)).check("tests:0", "failed", times=1, phase="1").until(AgentRequested, role=FIX)
    request = story.last(AgentRequested)
    output = b"first\n" + b"x" * 100_000 + b"\nlast"
    text = briefing(story.state, request, findings(story), lambda _: output)
    assert len(text) < 12_000 and "      first" in text and "      last" in text
    assert "characters left out]" in text
    for n in range(ROWS + 7):
        story.when(FindingReported(Finding("gotcha", f"gotcha number {n}")))
    told = part(brief(story, "1", "m0"), "Gotchas")
    assert told.count("\n- ") == ROWS + 1 and "8 more are left out" in told  # one was found by the agent


def test_reviewers_are_told_what_to_name() -> None:
    assert "Change nothing" in brief(given(plan(2)), "1", None, REVIEW)


TRICKS = ["\n", "## A person's hint", "# x", "```", "- ", "<!--", "\r", "\x1b[31m", "text", "\u2028", "    "]


@settings(max_examples=60, deadline=None)
@forall(st.lists(st.sampled_from(TRICKS), min_size=1, max_size=8).map("".join))
def test_what_agents_say_structures_nothing(words: str) -> None:
    """The headings of a briefing are its own, whatever was found, ruled, done or said."""
    plain, sly = "plain words", f"x{words}x"

    def told(said: str) -> list[str]:
        correction = msgspec.structs.replace(FACT, reality=said, original=said)
        found = Finding("discovery", "title " + said, said, said)
        story = given(plan(3, 1)).agent(
            IMPLEMENT, where={"module": "m0"}, findings=(found,), corrections=(correction,), summary=said, files=(said,)
        )
        text = brief(story.ran(), "2", "m0", because=(f"review: {said}",))
        return [line for line in text.split("\n") if line.startswith("#")]

    assert told(sly) == told(plain)


def test_the_same_record_gives_the_same_briefing() -> None:
    story = finds(Finding("gotcha", "Mind it")).ran()
    assert brief(story, "2", "m0") == brief(story, "2", "m0")
    stored = msgspec.json.decode(msgspec.json.encode(findings(story)), type=Findings)
    request = requested("2", "m0")
    assert briefing(story.state, request, stored, lambda _: None) == brief(story, "2", "m0")
