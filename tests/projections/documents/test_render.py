"""What was learned: merged, never dropped, marked where its work was undone; rendered the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor.envelope import Draft, Head, encode
from conductor.events import (
    AgentReported,
    AgentRequested,
    Amendment,
    Body,
    CheckpointRequested,
    Correction,
    CorrectionAccepted,
    CorrectionRefused,
    DocumentsRequested,
    Finding,
    FindingReported,
    PhaseRetried,
    PhaseRolledBack,
    PhaseSkipped,
    PhaseStarted,
    PhaseWaived,
    Question,
    QuestionAnswered,
    QuestionAsked,
    RollbackRequested,
    SpecAmended,
    TaskCompletedWithWaivers,
    TaskCreated,
    TaskRolledBack,
    WorkReported,
)
from conductor.ids import Branch, Commit, Digest, EffectId, Tree
from projections.documents.findings import Findings
from projections.documents.projection import Documents
from projections.documents.render import render_documents
from projections.engine import decode
from projections.engine import encode as view_bytes
from projections.view import build
from tests.support.folding import render_task
from tests.support.simulation.histories import chaos, recorded
from tests.support.simulation.world import plan

GOLDEN = Path(__file__).parent / "golden"
ODD: Any = "odd kind"  # as a newer version may know one
DONE: dict[str, Any] = {"claim": 0, "commit": "c", "tree": "t"}
CREATED = TaskCreated(
    "Pinch *of* <salt>", plan(1), "READY.md", Digest("5a17" * 16), "/r", Commit("base"), "main", Branch("conductor/t")
)


def worked(
    phase: str | None, n: int, *findings: Finding, module: str | None = None, corrections: tuple[Correction, ...] = ()
) -> list[Body]:
    """An agent is asked for, and reports."""
    effect = f"{phase}:{module or '-'}:a:{n}"
    asked = AgentRequested(effect=EffectId(effect), phase=phase, module=module, role="r", attempt=n)
    said: dict[str, Any] = {"verdict": "PASS", "findings": findings, "corrections": corrections}
    return [asked, AgentReported(effect=EffectId(effect), **DONE, role="r", **said)]


def amended(correction: Correction, n: int, phase: str = "1", module: str | None = None) -> list[Body]:
    """A person approves what changes the specification's core."""
    amendment = Amendment(
        f"a{n}",
        correction.original,
        correction.reality,
        f"q{n}",
        about=correction.about,
        affects=correction.affects,
        phase=phase,
        module=module,
    )
    accepted = CorrectionAccepted(correction, phase=phase, module=module, approved_by=f"q{n}")
    return [accepted, SpecAmended(amendment)]


def unclear(question: str, said: Correction, answer: str, phase: str = "1") -> list[Body]:
    """Something is unclear; a person is asked, and answers."""
    text = f"The specification says: {said.original}\nIt can be read in several ways: {said.reality}\nWhich is meant?"
    asked = Question(question, "ambiguity", text, ("answer", "proceed"), phase, "m0", said.affects)
    choice = "answer" if answer else "proceed"
    return [QuestionAsked(asked), QuestionAnswered(question, choice, answer)]


def undone(phase: str, n: int, checkpoint: int = 0, reason: str = "tests: 2 failed") -> list[Body]:
    """A phase fails and is rolled back."""
    effect = f"{phase}:-:rollback:{n}"
    asked = RollbackRequested(
        effect=EffectId(effect), phase=phase, checkpoint=checkpoint, commit=Commit("c"), reason=reason
    )
    refs: dict[str, Any] = {"rescue": f"refs/conductor/rescue/t/{n}", "rescued": ("refs/conductor/rescue/t/m0",)}
    return [asked, PhaseRolledBack(effect=EffectId(effect), **DONE, phase=phase, checkpoint=checkpoint, **refs)]


def findings(*bodies: Body) -> Findings:
    return build(Documents(), "t", recorded("t", CREATED, *bodies))


def titles(view: Findings, *, abandoned: bool) -> list[str]:
    return [e.title for e in view.entries if e.abandoned == abandoned]


ONLINE = Correction("Offline", "Online", "dns", impact="core", about="architecture")
CUPS = Correction("A cup", "240 or 250 ml", nature="unclear", affects=("2",))


def story() -> list[Body]:
    """A bit of everything."""
    units = Correction(
        "Units are\nalways metric",
        "`cups` <b>too</b>",
        "$ grep -c cup recipes/*\n12\n# a heading?",
        "read both",
        "minor",
    )
    return [
        CREATED,
        PhaseStarted("1"),
        *worked("1", 1, Finding("discovery", "Ratios come *as fractions*", "Such as:\n\n- 1/2\n- # no heading")),
        *worked("1", 2, Finding("gotcha", "Mind the `½` sign", "It is\none character.", "len('½') == 1")),
        *worked("1", 9, Finding("gotcha", "It blocks"), Finding("security", "Paths", "As `../x`.")),
        CorrectionRefused(Correction("In /etc", "In /var"), "no evidence: an assumption", phase="1"),
        *undone("1", 1),
        PhaseRetried("1"),
        *worked(
            "1", 3, Finding("discovery", "ratios come *as  Fractions*."), Finding("security", "Eval", "```\nrm -rf")
        ),
        CorrectionAccepted(units, phase="1"),
        *worked(
            "1", 4, Finding("discovery", "It needs the net", "At start.", weight="core"), corrections=(ONLINE, CUPS)
        ),
        *amended(ONLINE, 1),
        *unclear("q2", CUPS, "the <metric> one"),
        CorrectionAccepted(Correction("In /etc", "In ~", "ls", affects=("m1", "3")), phase="1"),
        CorrectionRefused(Correction("Fast", "Slow"), "no evidence: an assumption", phase="1", module="m0"),
        FindingReported(Finding("performance", "Parsing is linear", "", "10k lines: 0.1 s\n20k lines: 0.2 s")),
        FindingReported(Finding("gotcha", "mind the `½` sign!"), phase="1"),
        FindingReported(Finding("discovery", "It was there")),
        FindingReported(Finding("discovery", "Nobody need know", weight="minor")),
        FindingReported(Finding("gotcha", "Dots", "In @names.", "`@x`", "pattern")),
        PhaseWaived("1", 1, "lint: 3 warnings"),
        *worked(None, 5, Finding(ODD, "<!-- conductor:end t -->", "<!-- conductor:end t -->\n# Not a heading")),
        TaskCompletedWithWaivers(("1", "final")),
    ]


def shelf(folder: str) -> dict[str, str]:
    root = GOLDEN / folder
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.md")}


def test_golden_at_a_checkpoint() -> None:
    assert render_task(recorded("pinch-k3v", *story())) == shelf("checkpoint")


def test_golden_at_the_end() -> None:
    """What no longer holds is in the archive, and the documents point there."""
    at_end = [*story()[:-1], DocumentsRequested(effect=EffectId("all:-:documents:9")), story()[-1]]
    assert render_task(recorded("pinch-k3v", *at_end)) == shelf("end")


@pytest.mark.parametrize("seed", range(3))
def test_rendering_is_the_same_after_json(seed: int) -> None:
    drafts = [Draft(f.body, f.actor) for f in chaos(seed, moves=150)]
    events = encode("t", Head(), drafts, time="")[1]
    again = decode(Documents(), view_bytes(build(Documents(), "t", events)))
    assert render_documents(again) == render_task(iter(events)) != {}


def test_what_was_unclear_is_known_by_its_words_however_the_question_quotes_them() -> None:
    said = Correction("A cup\nof milk", "240 or\n250 ml", nature="unclear")
    quoted = "The specification says:\n    A cup\n    of milk\nIt can be read in several ways:\n    240 or\n    250 ml"
    question = QuestionAsked(Question("q1", "ambiguity", f"{quoted}\nWhich is meant?", ("answer", "proceed"), "1"))
    (entry,) = findings(*worked("1", 1, corrections=(said,)), question).entries
    assert (entry.title, entry.details["It can be read as"]) == ("A cup\nof milk", "240 or\n250 ml")


def test_nothing_learned_is_no_document() -> None:
    assert render_task([]) == {}
    assert render_task(recorded("t", CREATED, PhaseStarted("1"), PhaseSkipped("2", "done"))) == {}


def test_what_says_the_same_is_one_entry_with_all_its_events() -> None:
    view = findings(
        *worked("1", 1, Finding("gotcha", "Files are UTF-8"), Finding("gotcha", "Files are UTF-8")),
        *worked("1", 2, Finding("gotcha", " files  are utf-8. ", "said twice", "bom.txt")),
        *worked("1", 3, Finding("discovery", "Files are UTF-8")),
        *worked("1", 4, Finding("gotcha", "Files are UTF-16")),
    )
    assert [(e.kind, e.title, [s.version for s in e.sources]) for e in view.entries] == [
        ("gotcha", "Files are UTF-8", [3, 5]),
        ("discovery", "Files are UTF-8", [7]),
        ("gotcha", "Files are UTF-16", [9]),
    ]
    assert (view.entries[0].text, view.entries[0].details) == ("said twice", {"Evidence": "bom.txt"})


def test_rulings_on_one_correction_stay_apart() -> None:
    correction = Correction("a", "b", "c")
    view = findings(
        CorrectionRefused(correction, "why"), CorrectionAccepted(correction), CorrectionAccepted(correction)
    )
    assert [(e.details["Ruling"], len(e.sources)) for e in view.entries] == [("refused: why", 1), ("accepted", 2)]


def test_a_rolled_back_attempt_marks_what_it_taught() -> None:
    view = findings(
        PhaseStarted("1"),
        *worked("1", 1, Finding("gotcha", "first phase")),
        PhaseStarted("2"),
        *worked("2", 1, Finding("gotcha", "first try"), Finding("gotcha", "both tries")),
        FindingReported(Finding("gotcha", "a person's")),
        *undone("2", 1),
        PhaseRetried("2"),
        *worked("2", 2, Finding("gotcha", "second try"), Finding("gotcha", "both tries")),
    )
    assert titles(view, abandoned=True) == ["first try"]
    both = next(e for e in view.entries if e.title == "both tries")
    assert [bool(s.abandoned) for s in both.sources] == [True, False]
    text = render_documents(view)["ARCHITECTURE.md"]
    assert "- **both tries** (`2:-:a:1`, phase 2, rolled back; `2:-:a:2`, phase 2)" in text
    gone = "(Abandoned: the work that this comes from was rolled back.) (`2:-:a:1`, phase 2, rolled back)"
    assert f"- **first try** {gone}" in text


def test_a_second_rollback_marks_only_its_own_attempt() -> None:
    view = findings(
        PhaseStarted("1"),
        *worked("1", 1, Finding("gotcha", "one")),
        *undone("1", 1),
        PhaseRetried("1"),
        *worked("1", 2, Finding("gotcha", "two")),
        *undone("1", 2),
    )
    one, two = (e for e in view.entries if e.kind == "gotcha")
    assert one.sources[0].abandoned == 6 and two.sources[0].abandoned == 11


def test_what_was_told_of_a_phase_outside_of_an_attempt_is_no_part_of_it() -> None:
    view = findings(
        FindingReported(Finding("gotcha", "before"), phase="1"),
        PhaseStarted("1"),
        FindingReported(Finding("gotcha", "during"), phase="1"),
        *undone("1", 1),
        FindingReported(Finding("gotcha", "between"), phase="1"),
        PhaseRetried("1"),
        *undone("1", 2),
    )
    assert titles(view, abandoned=True) == ["during"]


def test_a_persons_rollback_marks_the_phases_after_the_checkpoint() -> None:
    view = findings(
        PhaseStarted("1"),
        *worked("1", 1, Finding("gotcha", "kept")),
        CheckpointRequested(effect=EffectId("c1"), phase="1", number=1, checked_tree=Tree("t")),
        PhaseWaived("1", 1, "kept too"),
        PhaseStarted("2"),
        *worked("2", 1, Finding("gotcha", "gone")),
        CheckpointRequested(effect=EffectId("c2"), phase="2", number=2, checked_tree=Tree("t")),
        WorkReported("r", None, findings=(Finding("gotcha", "final"),)),
        CheckpointRequested(effect=EffectId("c3"), number=3, checked_tree=Tree("t")),
        FindingReported(Finding("gotcha", "told")),
        RollbackRequested(effect=EffectId("r"), checkpoint=1, commit=Commit("c"), reason="start over"),
        TaskRolledBack(effect=EffectId("r"), **DONE, checkpoint=1, rescued=("refs/x",)),
    )
    assert titles(view, abandoned=True) == ["gone", "final"]
    assert view.entries[-1].details == {"Reason": "start over", "Kept under": "refs/x"}


def test_going_back_to_the_last_checkpoint_abandons_nothing() -> None:
    view = findings(
        WorkReported("r", None, findings=(Finding("gotcha", "final"),)),
        CheckpointRequested(effect=EffectId("c3"), number=3, checked_tree=Tree("t")),
        TaskRolledBack(effect=EffectId("r"), **DONE, checkpoint=3),
    )
    assert titles(view, abandoned=True) == []


def test_a_phase_that_a_person_skips_is_a_waiver() -> None:
    view = findings(PhaseStarted("1"), PhaseSkipped("1", "skipped by a person"), PhaseSkipped("2", "done before"))
    assert [(e.kind, e.title) for e in view.entries] == [("waiver", "Phase 1 was skipped")]
