"""A task's past: its state at any version. Reads the log and writes nothing."""

from __future__ import annotations

from conductor.core.evolve import evolve
from conductor.core.machine import IllegalFact
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.envelope import Recorded
from conductor.errors import CorruptLog, UsageError
from conductor.log.store import EventStore


def state_at(store: EventStore, task: str, version: int | None = None) -> TaskState:
    """The state after the recorded facts up to `version` (None: all).

    Raises UsageError if there is no such task or version, CorruptLog if the record is inconsistent.
    """
    head = store.head(task).version
    if not head:
        raise UsageError(f"there is no task {task!r}", hint="`conduct list` shows the tasks")
    if version is not None and not 1 <= version <= head:
        raise UsageError(f"task {task} has no version {version}", allowed=f"1 to {head}")
    state = TaskState(task)
    for event in store.read(task, upto=version):
        state = step(state, event)
    return state


def step(state: TaskState, event: Recorded) -> TaskState:
    """The state after the next recorded event. Raises CorruptLog if it cannot follow."""
    try:
        return evolve(state, Fact.of(event))
    except IllegalFact as error:
        raise CorruptLog(f"task {state.id}: {error}", task=state.id) from error
