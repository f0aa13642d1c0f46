"""What is amended in a subtask stands in its parent's documents once, as soon as it is known, and as it holds now."""

from __future__ import annotations

from conductor.events import (
    Amendment,
    Body,
    Correction,
    CorrectionAccepted,
    SpecAmended,
    SubtaskAmended,
    SubtaskEnded,
    SubtaskRequested,
)
from conductor.ids import Branch, Commit, EffectId
from projections.documents.findings import CORRECTION, Entry
from projections.documents.projection import Documents
from projections.view import build
from tests.support.folding import render_task
from tests.support.simulation.histories import recorded

MADE = Correction("sync", "async", "the manual", impact="core", why_fact="it was read")
THERE = Amendment("a1", "sync", "async", "q1")
HERE = Amendment("a1", "sync", "async", "Left q1")
ASKED = SubtaskRequested(
    effect=EffectId("e"),
    phase="subtasks",
    module="Left",
    subtask="t.1",
    base=Commit("b"),
    branch=Branch("x"),
    parallel=1,
)
HEARD = SubtaskAmended(subtask="t.1", phase="subtasks", module="Left", correction=MADE, amendment=THERE)
LATER = CorrectionAccepted(Correction("sync", "both", "tried", impact="core"), "subtasks", "Right", "q7")


def ended(*corrections: Correction) -> SubtaskEnded:
    done = {"effect": "e", "claim": 1, "subtask": "t.1", "commit": "c", "tree": "t"}
    return SubtaskEnded(**done, status="completed", corrections=corrections, amendments=(THERE,))  # type: ignore[arg-type]


def corrections(*bodies: Body) -> list[Entry]:
    return [e for e in build(Documents(), "t", recorded("t", ASKED, *bodies)).entries if e.kind == CORRECTION]


def test_it_is_written_down_before_the_subtask_ends() -> None:
    (entry,) = corrections(HEARD, SpecAmended(HERE))
    assert (entry.amendment, entry.question, entry.holds) == ("a1", "Left q1", True)
    assert "async" in render_task(recorded("t", ASKED, HEARD, SpecAmended(HERE)))["DISCOVERIES.md"]


def test_the_end_of_the_subtask_adds_nothing_to_it() -> None:
    before = (HEARD, SpecAmended(HERE))
    assert corrections(*before, ended(MADE)) == corrections(*before)


def test_what_was_ruled_since_stands() -> None:
    """The subtask's end comes after it, and still says what it found at first."""
    entries = corrections(HEARD, SpecAmended(HERE), LATER, ended(MADE))
    assert [(e.details["Reality"], bool(e.superseded)) for e in entries] == [("async", True), ("both", False)]


def test_another_correction_of_its_end_is_taken() -> None:
    minor = Correction("tabs", "spaces", "ls")
    entries = corrections(HEARD, SpecAmended(HERE), ended(MADE, minor))
    assert [e.title for e in entries] == ["sync", "tabs"]
