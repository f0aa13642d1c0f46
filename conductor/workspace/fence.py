"""Whether the work in hand may go on: asked before each git command, as who does it may have been stopped meanwhile.

Who asked for the work says so; without a word of theirs it may. It undoes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from conductor.errors import ConductorError

_allowed: ContextVar[Callable[[], bool] | None] = ContextVar("allowed", default=None)


class Overtaken(ConductorError):
    """The work has been taken over by another runner, and is no longer this one's to do."""


@contextmanager
def held_while(allowed: Callable[[], bool]) -> Iterator[None]:
    """What is done within, in threads too, goes on only while `allowed()`; it is asked in whichever thread works."""
    before = _allowed.set(allowed)
    try:
        yield
    finally:
        _allowed.reset(before)


def insist() -> None:
    """Raises Overtaken."""
    allowed = _allowed.get()
    if allowed is not None and not allowed():
        raise Overtaken("another runner has taken this over while this one was held up")
