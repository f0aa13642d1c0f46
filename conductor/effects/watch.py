"""What a task observes of its subtasks while it waits for them, and the end of those no longer needed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from conductor.core.lifecycle import ENDED
from conductor.core.rules.subtasks import needed, under_way
from conductor.core.state import TaskState
from conductor.driving.ledger import Ledger
from conductor.envelope import Recorded
from conductor.errors import CorruptLog
from conductor.events import Body, CorrectionAccepted, SpecAmended, SubtaskAmended, SubtaskChanged, TaskAbandoned
from conductor.log.store import EventStore
from conductor.plan.decompose import SUBTASKS


class Watch:
    """Called with a task's state; yields inputs to it: which subtasks can continue, and what they amended."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._ledgers: dict[str, Ledger] = {}
        self._amendments: dict[str, int] = {}  # how many each subtask has, its own and received ones
        self._settled: frozenset[str] | None = None

    def __call__(self, state: TaskState) -> Iterator[Body]:
        if not state.subplans:
            return
        if self._settled != (now := needed(state)):
            end_unneeded(self._store, state)
            self._settled = now
        for name, subtask in under_way(state).items() if state.status != "paused" else ():
            try:
                there = self._ledgers.setdefault(subtask.id, Ledger(self._store, subtask.id)).catch_up()
            except CorruptLog:  # found when it is driven; the others continue
                continue
            if self._amendments.get(subtask.id, 0) != len(there.amendments):
                self._amendments[subtask.id] = len(there.amendments)
                yield from _amended(subtask.id, name, self._store.read(subtask.id))
            if subtask.status and (there.status, tuple(there.questions)) != (subtask.status, subtask.questions):
                yield SubtaskChanged(subtask.id, there.status)


def end_unneeded(store: EventStore, state: TaskState) -> None:
    """Abandon the subtasks of an abandoned task, and those that others have replaced."""
    keep = needed(state)
    for task in store.tasks():
        if not task.startswith(f"{state.id}.") or task in keep:
            continue
        ledger = Ledger(store, task)
        with contextlib.suppress(CorruptLog):  # a damaged one cannot continue anyway
            if ledger.catch_up().status not in ENDED and ledger.state.parent_task_id == state.id:
                ledger.submit(TaskAbandoned(f"task {state.id} no longer needs it"), actor="conductor")


def _amended(task: str, module: str, events: Sequence[Recorded]) -> Iterator[SubtaskAmended]:
    """The amendments that a person has approved in a subtask, from its own `events`."""
    accepted = {e.body.approved_by: e.body.correction for e in events if isinstance(e.body, CorrectionAccepted)}
    for event in events:
        if isinstance(event.body, SpecAmended):
            amendment = event.body.amendment
            correction = accepted[amendment.approved_by]
            yield SubtaskAmended(
                subtask=task, phase=SUBTASKS, module=module, correction=correction, amendment=amendment
            )
