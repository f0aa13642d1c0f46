"""Histories that were recorded once: today's code folds them to the same end, and would decide the same again."""

from __future__ import annotations

import msgspec
import pytest

from conductor.core.decide import decide
from conductor.core.evolve import evolve
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.envelope import Head, Recorded, check_chain, decode
from conductor.events import CheckpointCreated, PhaseRetried, TaskCompleted, TaskRolledBack
from tests.core.record_histories import HISTORIES, STORIES, state_bytes
from tests.support.folding import fold


def history(name: str) -> list[Recorded]:
    return [decode(line) for line in (HISTORIES / f"{name}.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("name", STORIES)
def test_a_recorded_history_folds_to_the_recorded_end(name: str) -> None:
    state = msgspec.json.decode(state_bytes(fold("t", history(name))))
    recorded = msgspec.json.decode((HISTORIES / f"{name}.state.json").read_bytes())
    assert _known(state, recorded) == recorded


def _known(now: object, recorded: object) -> object:
    """`now` without the fields that came into being since: what was recorded may not differ."""
    if isinstance(now, dict) and isinstance(recorded, dict) and recorded:
        return {key: _known(value, recorded[key]) for key, value in now.items() if key in recorded}
    if isinstance(now, list) and isinstance(recorded, list) and len(now) == len(recorded):
        return [_known(*pair) for pair in zip(now, recorded, strict=True)]
    return now


@pytest.mark.parametrize("name", STORIES)
def test_todays_rules_decide_the_same_on_the_recorded_inputs(name: str) -> None:
    state, events = TaskState("t"), history(name)
    while state.version < len(events):
        start = state.version
        first = events[start]
        batch = decide(state, first.body, actor=first.envelope.actor, now=first.envelope.time).bodies
        assert list(batch) == [event.body for event in events[start : start + len(batch)]], (
            f"the batch of version {start + 1}"
        )
        for event in events[start : start + len(batch)]:
            assert event.envelope.cause in (None, start + 1)
            state = evolve(state, Fact.of(event))


@pytest.mark.parametrize("name", STORIES)
def test_the_chain_of_a_recorded_history_holds(name: str) -> None:
    head = Head()
    for event in history(name):
        assert check_chain(head, event) is None
        head = Head(event.version, event.head)


def test_the_histories_tell_what_they_are_there_for() -> None:
    kinds = {name: [event.type for event in history(name)] for name in STORIES}
    assert "question.asked" not in kinds["plain"] and kinds["plain"][-1] == "task.completed"
    assert {"phase.wave_started", "merge.conflicted", "phase.fix_started"} <= set(kinds["parallel"])
    wanted = (PhaseRetried, TaskRolledBack, TaskCompleted, CheckpointCreated)
    assert all(any(isinstance(event.body, kind) for event in history("rollback")) for kind in wanted)
