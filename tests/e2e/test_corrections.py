"""What an agent says is wrong with the specification, in whole runs: Conductor looks for itself, asks, undoes."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.events import (
    AgentRequested,
    CorrectionAccepted,
    CorrectionRefused,
    EvidenceObserved,
    QuestionAsked,
    SpecAmended,
)
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import verified
from tests.support.runs.writing import Module, Phase, agent, bash, create, turn

PHASES = [Phase("One", (Module("one"),), files=("one.txt",))]
FACT = {
    "original": "One is built",
    "reality": "One is two",
    "why_fact": "it was read",
    "action": "built two",
    "impact": "minor",
}


def says(**change: Any) -> dict[str, Any]:
    return {"status": "PASS", "summary": "Done.", "corrections": [{**FACT, **change}]}


def begun(box: Sandbox, report: dict[str, Any], *more: dict[str, Any]) -> None:
    first = agent(turn(create("one.txt", "first\nsecond\n"), report=report), role="implementation-executor", attempt=1)
    box.begin("Corrected", PHASES, [first, *more], QUICK + "review = false\n")


@pytest.mark.parametrize(
    ("evidence", "status", "accepted"),
    [
        ("$ head -n 1 one.txt\nfirst", "holds", True),
        ("$ head -n 1 one.txt\nsecond", "refuted", False),
        ("$ cat nowhere.txt; no-such-tool", "refuted", False),
        ("one.txt:2: second", "holds", True),
        ("one.txt:7: seventh", "refuted", False),
        ("two.txt:1", "refuted", False),
        ("the manual, page 3", None, True),
    ],
)
def test_evidence_is_looked_at_where_it_can_be(
    sandbox: Sandbox, evidence: str, status: str | None, accepted: bool
) -> None:
    begun(sandbox, says(evidence=evidence))
    state = sandbox.run()
    assert state.status == "completed"
    assert [b.status for b in sandbox.bodies(state.id, EvidenceObserved)] == ([status] if status else [])
    ruled = sandbox.bodies(state.id, CorrectionAccepted, CorrectionRefused)
    assert [isinstance(b, CorrectionAccepted) for b in ruled] == [accepted]
    assert verified(sandbox, state.id) == []


def test_a_command_that_deletes_is_not_run_as_evidence(sandbox: Sandbox) -> None:
    begun(sandbox, says(evidence="$ rm -rf one.txt\n"))
    state = sandbox.run()
    assert state.status == "awaiting_approval"
    (seen,) = sandbox.bodies(state.id, EvidenceObserved)
    assert seen.status == "unseen" and "it deletes" in seen.summary
    sandbox.answer(state, "approve")
    state = sandbox.drive(state.id)
    assert state.status == "completed" and sandbox.read(state, "one.txt") == "first\nsecond\n"


def test_what_looking_wrote_is_thrown_away(sandbox: Sandbox) -> None:
    begun(sandbox, says(evidence="$ echo more >> one.txt; echo first\nfirst"))
    state = sandbox.run()
    assert state.status == "completed" and sandbox.read(state, "one.txt") == "first\nsecond\n"


def test_work_that_follows_a_refused_wish_is_undone(sandbox: Sandbox) -> None:
    undo = agent(turn(bash("echo plain > one.txt"), report="PASS"), role="fix-executor")
    begun(sandbox, says(nature="choice", applied=True), undo)
    state = sandbox.run()
    assert state.status == "completed" and sandbox.read(state, "one.txt") == "plain\n"
    because = [r.because for r in sandbox.bodies(state.id, AgentRequested) if r.role == "fix-executor"]
    assert because and "The specification stands" in because[0][0]


def test_what_is_unclear_is_asked_and_the_answer_is_in_the_next_briefing(sandbox: Sandbox) -> None:
    again = agent(turn(bash("echo right > one.txt"), report="PASS"), role="implementation-executor", attempt=2)
    unclear = {**says(nature="unclear", reality="one or two"), "status": "FAIL"}
    begun(sandbox, unclear, again)
    state = sandbox.run()
    assert state.status == "awaiting_answer"
    sandbox.answer(state, "answer", "it is one")
    state = sandbox.drive(state.id)
    assert state.status == "completed" and sandbox.read(state, "one.txt") == "right\n"
    assert sandbox.bodies(state.id, AgentRequested)[1].hint == "it is one"
    assert "it is one" in (sandbox.read(state, ".prelude/DISCOVERIES.md") or "")


def test_an_approved_correction_of_the_core_amends_the_specification(sandbox: Sandbox) -> None:
    begun(sandbox, says(impact="core", evidence="one.txt:1: first"))
    state = sandbox.run()
    (question,) = sandbox.bodies(state.id, QuestionAsked)
    assert question.question.kind == "correction" and "it holds" in question.question.text
    sandbox.answer(state, "approve")
    state = sandbox.drive(state.id)
    assert state.status == "completed"
    (amended,) = sandbox.bodies(state.id, SpecAmended)
    assert (amended.amendment.old, amended.amendment.new) == ("One is built", "One is two")
    text = sandbox.read(state, ".prelude/READY.md") or ""
    assert "- One is two" in text and "- One is built" not in text
    assert verified(sandbox, state.id) == []
