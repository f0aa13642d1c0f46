"""A task's past: its state at any version, and what happened, line by line. Reads the log, and writes nothing."""

from __future__ import annotations

import msgspec

from conductor.core.evolve import evolve
from conductor.core.machine import IllegalFact
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.envelope import Recorded
from conductor.errors import CorruptLog, UsageError
from conductor.log.store import EventStore
from replay.describe import describe


class Moment(msgspec.Struct, frozen=True):
    """One event in a timeline. `time`: RFC 3339 UTC; `says`: one short line, safe to print."""

    version: int
    time: str
    actor: str
    type: str
    says: str


def state_at(store: EventStore, task: str, version: int | None = None) -> TaskState:
    """The state that the recorded facts up to `version` (None: all) add up to.

    Raises UsageError where there is no such task or version, CorruptLog where the record does not fit together.
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
    """The state after one more recorded event. Raises CorruptLog where it cannot follow."""
    try:
        return evolve(state, Fact.of(event))
    except IllegalFact as error:
        raise CorruptLog(f"task {state.id}: {error}", task=state.id) from error


def timeline(store: EventStore, task: str, after: int = 0, upto: int | None = None) -> list[Moment]:
    """A task's events of versions `after`+1 to `upto` (None: the last), in order. Raises CorruptLog."""
    return [moment(event) for event in store.read(task, after, upto)]


def moment(event: Recorded) -> Moment:
    """An event as a line of a timeline."""
    envelope = event.envelope
    return Moment(event.version, envelope.time, envelope.actor, event.type, describe(event))
