"""Whether the current work may continue: asked before each git command, as the process may have been suspended.

The caller that started the work decides; without one, it may. It undoes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from conductor.errors import ConductorError

_allowed: ContextVar[Callable[[], bool] | None] = ContextVar("allowed", default=None)


class Overtaken(ConductorError):
    """Another runner has taken over the work."""


@contextmanager
def held_while(allowed: Callable[[], bool]) -> Iterator[None]:
    """Work inside, also in threads, continues only while `allowed()` is true; it is called in the working thread."""
    before = _allowed.set(allowed)
    try:
        yield
    finally:
        _allowed.reset(before)


def insist() -> None:
    """Raises Overtaken if the work may not continue."""
    allowed = _allowed.get()
    if allowed is not None and not allowed():
        raise Overtaken("another runner took over this work while this one was suspended")
