"""One task's state, kept in step with its stream. Every append of a running task goes through here.

Input, decide, append, fold: optimistic, so that a durable action takes one round trip; on a version conflict the new
events are folded and the decision is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from conductor.core.decide import Decided, decide
from conductor.core.evolve import evolve
from conductor.core.machine import TABLES, IllegalFact, Mover
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.decoding import prepared
from conductor.envelope import Draft, Head, Recorded, utc_now
from conductor.errors import CorruptLog, Refused, UsageError
from conductor.events import Body, TaskCreated, type_of
from conductor.log.connection import ReplyError
from conductor.log.store import EventStore, VersionConflict, damaged

Watcher = Callable[[Recorded, TaskState, TaskState], None]  # the event, the state before it, the state after


class Ledger:
    """A task's state and the head of its stream."""

    def __init__(self, store: EventStore, task: str, *, clock: Callable[[], str] = utc_now) -> None:
        self.store = store
        self.task = task
        self.state = TaskState(task)
        self.head = Head()
        self._clock = clock
        self._watch: Watcher | None = None
        self._mover = TABLES

    def watch(self, watcher: Watcher) -> None:
        """From now on `watcher` is called with each event as it is folded, in order."""
        self._watch = watcher

    def move_by(self, mover: Mover) -> None:
        """From now on `mover` advances the state for appends made here; for others' appends the tables do."""
        self._mover = mover

    def catch_up(self) -> TaskState:
        """Fold new events. Raises CorruptLog if the record is inconsistent, or not the one known so far."""
        events = self.store.read(self.task, after=self.head.version)
        if events and events[0].envelope.prev != self.head.hash:
            raise self._lost(self.store.head(self.task))
        self._fold(events)
        return self.state

    def open(self) -> TaskState:
        """Catch up with an existing task, up to its recorded head.

        Raises CorruptLog if nothing is recorded of it, or its record does not end at its head.
        """
        self.catch_up()
        while (kept := self.store.head(self.task)) != self.head:
            if kept.version < self.head.version:
                raise damaged(self.task, f"it goes on after version {kept.version}, where it was left")
            if kept.version == self.head.version:
                raise damaged(self.task, "another event stands where it was left", kept.version)
            if self.catch_up().version < kept.version:  # otherwise it has grown in the meantime
                raise self._cut_off(kept)
        if not self.head.version:
            raise damaged(self.task, "nothing is recorded of it")
        return self.state

    def submit(
        self, body: Body, *, actor: str, request: str | None = None, announce: Callable[[int], None] | None = None
    ) -> Sequence[Recorded]:
        """Append an input or observation with the decisions it calls for; returns the recorded batch.

        With a `request` key already used for the same input, returns the earlier batch and appends nothing.
        `announce` is called with the version that `body` would get, before each try to append it.
        Raises Refused (nothing is appended; also if the key was used for another input) and StoreError.
        """
        if isinstance(body, TaskCreated):
            _refuse_unreadable(body)
        while True:
            now = self._clock()  # decisions use the recorded time, so that replay decides the same
            try:
                decided = decide(self.state, body, actor=actor, now=now, mover=self._mover)
            except Refused:
                if request and (earlier := self.store.requested(self.task, request)):
                    return self._same(earlier, body, request)
                known = self.head.version
                if self.catch_up().version == known:
                    raise
                continue
            cause = self.head.version + 1
            effect = getattr(body, "effect", None)
            drafts = [Draft(body, actor, request=request, correlation=effect)]
            drafts += [
                Draft(decision, "conductor", cause=cause, correlation=effect, rule=rule)
                for decision, rule in zip(decided.bodies[1:], decided.rules[1:], strict=True)
            ]
            if announce:
                announce(cause)
            try:
                appended = self.store.append(self.task, self.head, drafts, time=now)
            except VersionConflict as conflict:
                if conflict.actual.version <= self.head.version:
                    raise self._lost(conflict.actual) from None
                if self.catch_up().version < conflict.actual.version:
                    raise self._cut_off(conflict.actual) from None
                continue
            except ReplyError as error:
                if wrong := self.store.misplaced(self.task):
                    raise damaged(self.task, wrong) from error
                raise
            if appended.repeated and request:
                self.catch_up()
                return self._same(appended.events, body, request)
            self._take(appended.events, decided)
            return appended.events

    def rehearse(self, *inputs: Body, actor: str) -> None:
        """Check whether the task, as known here, would accept these inputs one after the other. Appends nothing.

        Raises Refused if it would refuse one.
        """
        state, now = self.state, self._clock()
        for body in inputs:
            state = decide(state, body, actor=actor, now=now).state

    def _same(self, earlier: Sequence[Recorded], body: Body, request: str) -> Sequence[Recorded]:
        """The batch recorded with a request key, if its input is `body`. Raises Refused if it is another."""
        known = next(event for event in earlier if event.envelope.request == request)
        if known.type != type_of(body) or known.envelope.digest != self.store.digest(body):
            raise Refused(
                f"request key {request!r} had other content before: {known.type}, {self.task}/{known.version}",
                allowed="the same type and data again, or another key",
            )
        return earlier

    def _lost(self, actual: Head) -> CorruptLog:
        """The stream is not ahead of what we know but behind it or different: waiting for it would never end."""
        return CorruptLog(
            f"the record of task {self.task} was at version {self.head.version} and is now another one, "
            f"at version {actual.version}: the server has lost or replaced its data",
            task=self.task,
            hint=f"`conduct verify {self.task}` says more; restore the server's data before you continue",
        )

    def _cut_off(self, actual: Head) -> CorruptLog:
        return damaged(self.task, f"it ends at version {self.head.version}, and {actual.version} events were recorded")

    def _take(self, events: Sequence[Recorded], decided: Decided) -> None:
        """Adopt the states that were decided; if something was redacted, fold what was recorded instead."""
        if any(event.body is not body for event, body in zip(events, decided.bodies, strict=True)):
            return self._fold(events)
        for event, after in zip(events, decided.states, strict=True):
            self._advance(event, after)
        return None

    def _fold(self, events: Sequence[Recorded]) -> None:
        for event in events:
            try:
                after = evolve(self.state, Fact.of(event))
            except IllegalFact as error:
                what = f"the record of task {self.task} is inconsistent: {error}"
                raise CorruptLog(what, task=self.task) from error
            self._advance(event, after)

    def _advance(self, event: Recorded, after: TaskState) -> None:
        before, self.state, self.head = self.state, after, Head(event.version, event.head)
        if self._watch:
            self._watch(event, before, after)


def _refuse_unreadable(body: TaskCreated) -> None:
    """Raises UsageError if the first event could not be read again: JSON has no NaN, and settings have ranges."""
    try:
        msgspec.json.decode(msgspec.json.encode(body), type=prepared(TaskCreated))
    except msgspec.ValidationError as error:
        raise UsageError(f"the task cannot be recorded: {error}") from None
