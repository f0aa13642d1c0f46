"""The past: every state again, and every event in words."""

from __future__ import annotations

import msgspec
import pytest

from conductor.core.evolve import evolve
from conductor.core.state import TaskState, replace
from conductor.envelope import Draft
from conductor.errors import CorruptLog, UsageError
from conductor.events import (
    REGISTRY,
    Body,
    Custom,
    Finding,
    FindingReported,
    PhaseStarted,
    Question,
    QuestionAsked,
    new,
)
from conductor.log.store import EventStore
from replay.describe import LIMIT, SENTENCES, describe
from replay.history import state_at
from tests.support.simulation.histories import chaos, record, recorded


def test_every_state_that_ever_was_can_be_had_again(store: EventStore) -> None:
    facts = chaos(3, moves=80)
    record(store, "t", facts)
    state = TaskState("t")
    for fact in facts:
        state = evolve(state, fact)
        if fact.version % 7 == 0:
            again = state_at(store, "t", fact.version)
            assert replace(again, created_at="", updated_at="") != TaskState("t")
            assert _timeless(again) == _timeless(state)
    assert _timeless(state_at(store, "t")) == _timeless(state)


def _timeless(state: TaskState) -> TaskState:
    """The world's clock stands still, the store's does not."""
    phases = {n: replace(p, started_at="") for n, p in state.phases.items()}
    points = tuple(replace(c, time="") for c in state.checkpoints)
    held = {n: replace(o, claimed_at="", worked=0.0) for n, o in state.open.items()}
    spent = {n: replace(used, minutes=0.0) for n, used in state.spent.items()}
    still = replace(state, created_at="", updated_at="", phases=phases, checkpoints=points)
    return replace(still, open=held, spent=spent)


def test_what_never_was_is_said(store: EventStore) -> None:
    with pytest.raises(UsageError, match="no task 'nobody'"):
        state_at(store, "nobody")
    record(store, "t", chaos(3, moves=10))
    last = store.head("t").version
    for version in (0, -1, last + 1):
        with pytest.raises(UsageError, match=f"no version {version}") as error:
            state_at(store, "t", version)
        assert error.value.allowed == f"1 to {last}"


@pytest.mark.parametrize("forged", [PhaseStarted("no such phase"), FindingReported(Finding("gotcha", "g"))])
def test_a_record_that_cannot_be_folded_is_no_traceback(store: EventStore, forged: Body) -> None:
    if isinstance(forged, PhaseStarted):
        record(store, "t", chaos(3, moves=10))
    store.append("t", store.head("t"), [Draft(forged, "conductor")])
    with pytest.raises(CorruptLog, match="task t"):
        state_at(store, "t")


def test_each_event_is_said_on_one_line(store: EventStore) -> None:
    record(store, "t", chaos(5, moves=120))
    lines = [describe(event) for event in store.read("t")]
    assert lines[0].startswith("task 'A plan' from READY.md: 3 phases, 6 modules")
    assert all(line and "\n" not in line and len(line) <= LIMIT for line in lines)


def test_every_type_of_event_has_its_sentence() -> None:
    assert set(SENTENCES) == set(REGISTRY)


def test_agents_text_cannot_reach_the_terminal() -> None:
    evil = "a\x1b[31mred\x07\nsecond\r\x9b2J \u202eleft " + "long " * 100
    for event in recorded(
        "t",
        FindingReported(Finding("gotcha", evil)),
        QuestionAsked(Question("q1", "tool", evil, ("retry",))),
        Custom("mine.own", msgspec.Raw(b'{"x":"\\u001b[31m \\u0007"}')),
    ):
        says = describe(event)
        assert says.isprintable() and len(says) <= LIMIT, says
    assert (
        describe(recorded("t", FindingReported(Finding("gotcha", "a\x1b[31mred\nb")))[0]) == "gotcha reported: ared b"
    )


def test_sentences_say_what_matters() -> None:
    def says(name: str, **data: object) -> str:
        return describe(recorded("t", new(REGISTRY[name].body, **data))[0])

    outcome = {"effect": "e", "claim": 3, "commit": "c" * 40, "tree": "t"}
    checked = says(
        "check.observed", **outcome, key="tests:0", kind="tests", status="failed", summary="2 of 9", exit_code=1
    )
    assert checked == "check tests:0 on cccccccccc: failed (exit code 1): 2 of 9"
    assert says("phase.rolled_back", **outcome, phase="2", checkpoint=1, rescue="refs/x", rescued=["refs/y"]) == (
        "phase 2 rolled back to checkpoint 1; kept under refs/x, refs/y"
    )
    assert says("task.completed", proofs=[{"criterion": "a", "text": "b", "checks": [4]}]) == (
        "completed; 1 of 1 criterion proven"
    )
    finding = {"kind": "gotcha", "title": "x"}
    reported = says("agent.reported", **outcome, role="fix-executor", verdict="FAIL", summary="no", findings=[finding])
    assert reported == "fix-executor says FAIL: no; 1 finding, leaving cccccccccc"
