"""Decides again on the recorded inputs and observations, and reports where today's rules would decide differently.

It performs and appends nothing. A difference is not a fault of the record; rules may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from conductor.core.decide import decide
from conductor.core.state import TaskState
from conductor.envelope import Recorded
from conductor.errors import Refused, UsageError
from conductor.events import OLDEST, Body, PhaseFailed, PhaseResultSaved, QuestionAsked, RollbackRequested, type_of
from conductor.log.store import EventStore
from replay.describe import describe
from replay.history import step

CLOCKS = 0.02  # minutes: the end of a phase was once read from the clock twice, to decide and to record

REPHRASED = (
    ("May they?", "Allow Conductor to run them?"),
    ("Extend it by its own amount?", "Extend it by the same amount?"),
    ("Conductor has not looked at that evidence:", "Conductor has not checked that evidence:"),
    ("Conductor has looked, and it holds:", "Conductor has checked it, and it holds:"),
    (
        "`retry` runs them once more; `fail` takes them for failed work, which a fixer is to mend.",
        "`retry` runs them again; `fail` treats them as failed work, which a fixer has to fix.",
    ),
)
"""Phrases of decisions as earlier versions wrote them, and today's wording."""


class Difference(msgspec.Struct, frozen=True):
    """A batch that today's rules would not write. `recorded` and `today` are the types of its decisions."""

    version: int
    says: str  # the input or observation that the batch starts with
    recorded: tuple[str, ...]
    today: tuple[str, ...]
    reason: str  # the first difference, in words


class CheckedDecisions(msgspec.Struct, frozen=True):
    """How many batches were decided again, and which came out differently."""

    task: str
    batches: int
    differences: tuple[Difference, ...]


def check(store: EventStore, task: str) -> CheckedDecisions:
    """Decide a task's history again, batch by batch, each on the recorded state.

    Raises UsageError if there is no such task, CorruptLog if its record cannot be folded.
    """
    state, count, differences = TaskState(task), 0, []
    for batch in batches(store.read(task)):
        count += 1
        if difference := _decide_again(state, batch):
            differences.append(difference)
        for event in batch:
            state = step(state, event)
    if not count:
        raise UsageError(f"there is no task {task!r}", hint="`conduct list` shows the tasks")
    return CheckedDecisions(task, count, tuple(differences))


def batches(events: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """Each input or observation with the decisions that it caused."""
    batch: list[Recorded] = []
    for event in events:
        if event.envelope.cause is None and batch:
            yield batch
            batch = []
        batch.append(event)
    if batch:
        yield batch


def _decide_again(state: TaskState, batch: list[Recorded]) -> Difference | None:
    first = batch[0]
    recorded = [event.body for event in batch[1:]]
    try:
        today = decide(state, first.body, actor=first.envelope.actor, now=first.envelope.time).bodies[1:]
    except Refused as refusal:
        return _difference(first, recorded, [], f"it would be refused today: {refusal.what}")
    for n in range(max(len(recorded), len(today))):
        was, would = recorded[n : n + 1], today[n : n + 1]
        if not (was and would and _same(was[0], would[0])):
            names = [type_of(body[0]) if body else "nothing" for body in (was, would)]
            other = " with other data" if names[0] == names[1] else ""
            return _difference(first, recorded, today, f"{names[0]} was decided; today it is {names[1]}{other}")
    return None


def _same(was: Body, would: Body) -> bool:
    """Whether two decisions are the same. The layout of a text and the id of a correction do not count."""
    match was, would:
        case PhaseResultSaved(duration_minutes=one), PhaseResultSaved(duration_minutes=other):
            near = abs(one - other) <= CLOCKS
            return near and was == replace(would, duration_minutes=one)
        case PhaseFailed(reason=one), PhaseFailed(reason=other):
            return _words(one) == _words(other) and was == replace(would, reason=one)
        case RollbackRequested(reason=one), RollbackRequested(reason=other):
            return _words(one) == _words(other) and was == replace(would, reason=one)
        case QuestionAsked(question=one), QuestionAsked(question=other):
            named = was.correction in (OLDEST, would.correction)
            alike = _words(one.text) == _words(other.text) and one == replace(other, text=one.text)
            return named and alike and was.effect == would.effect
    return was == would


def _words(text: str) -> list[str]:
    for old, new in REPHRASED:
        text = text.replace(old, new)
    return re.findall(r"\w+", text)


def _difference(first: Recorded, recorded: Sequence[Body], today: Sequence[Body], reason: str) -> Difference:
    return Difference(first.version, describe(first), tuple(map(type_of, recorded)), tuple(map(type_of, today)), reason)
