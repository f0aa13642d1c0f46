"""Runs a function on a stack that is deep enough for parsers which recurse in C as deep as their text nests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_ROOM = 64 * 1024 * 1024  # bytes of stack; only what is used of it is memory
_starting = threading.Lock()  # the size of new stacks is the process's


def on_deep_stack(function: Callable[[], T]) -> T:
    """What the function returns, or raises. What it made should be freed before it returns: that recurses, too.

    The stack of an ordinary thread may be as small as 512 KB, and running out of it ends the process.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def call() -> None:
        try:
            returned.append(function())
        except BaseException as error:  # for the caller, in whose thread it is raised again
            raised.append(error)

    with _starting:
        before = threading.stack_size(_ROOM)
        try:
            thread = threading.Thread(target=call)
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if raised:
        raise raised[0]
    return returned[0]
