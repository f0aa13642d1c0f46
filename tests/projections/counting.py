"""A projection that counts events, and connections that break or watch while it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from conductor.envelope import Draft, Recorded
from conductor.events import TaskPaused
from conductor.log.connection import Argument, Connection, Lost
from conductor.log.store import EventStore
from projections.view import View


class Count(View, frozen=True, kw_only=True):
    events: int = 0


class Counting:
    """A projection of one number; `on_fold` is called before each event is folded."""

    name, version, view = "counting", 1, Count

    def __init__(self, on_fold: Callable[[Recorded], None] = lambda _: None) -> None:
        self.on_fold = on_fold

    def start(self, task: str) -> Count:
        return Count(task=task)

    def fold(self, view: Count, event: Recorded) -> Count:
        self.on_fold(event)
        return msgspec.structs.replace(view, events=view.events + 1)


class Cut:
    """A connection that breaks when a command of one kind is sent, before or after the server has carried it out."""

    def __init__(self, inner: Connection, command: str, *, after: bool) -> None:
        self.inner, self.command, self.after, self.done = inner, command, after, False

    def call(self, *args: Argument) -> Any:
        if args[0] != self.command or self.done:
            return self.inner.call(*args)
        self.done = True
        if self.after:
            self.inner.call(*args)
        raise Lost("cut off")

    def close(self) -> None:
        self.inner.close()


class Spied:
    """A connection that looks at the view of task `a` after each script."""

    def __init__(self, inner: Connection, key: str) -> None:
        self.inner, self.key, self.stored = inner, key, list[bytes]()

    def call(self, *args: Argument) -> Any:
        reply = self.inner.call(*args)
        if args[0] == "EVAL":
            self.stored.append(self.inner.call("HGET", self.key, "a"))
        return reply

    def close(self) -> None:
        self.inner.close()


def note(store: EventStore, task: str, count: int = 1) -> None:
    """Append events that any counting projection takes."""
    for _ in range(count):
        store.append(task, store.head(task), [Draft(TaskPaused(), "person:p")])
