"""What a projection is: a pure fold of one task's events into a view, independent of the order across tasks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from conductor.envelope import Recorded


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of views, stored as JSON. `version` is that of the last event folded, kept by `follow`."""

    task: str
    version: int = 0


V = TypeVar("V", bound=View)


class Projection(Protocol[V]):
    """A changed fold or view gets a new `version`; what was stored under an older one is rebuilt."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def view(self) -> type[V]: ...

    def start(self, task: str) -> V:
        """The view of a task without events."""

    def fold(self, view: V, event: Recorded) -> V:
        """The view after `event`, the next one of its task. Pure; may raise anything for an event it cannot fold."""


class Unfoldable(Exception):
    """An event that a projection could not fold; `version` is the event's."""

    def __init__(self, version: int, error: str) -> None:
        super().__init__(error)
        self.version = version
        self.error = error


def follow(projection: Projection[V], view: V, events: Iterable[Recorded]) -> V:
    """`view` after `events`, the next ones of its task. Raises Unfoldable for whatever the fold raises."""
    for event in events:
        try:
            folded: Any = projection.fold(view, event)
        except Exception as error:  # a failing fold is reported for its task and must not stop the others
            raise Unfoldable(event.version, f"{type(error).__name__}: {error}") from error
        view = msgspec.structs.replace(folded, version=event.version)
    return view


def build(projection: Projection[V], task: str, events: Iterable[Recorded]) -> V:
    """The view of all of a task's events, from the first one on. Raises Unfoldable."""
    return follow(projection, projection.start(task), events)
