"""Runs a function on a stack deep enough for parsers that recurse in C as deeply as their text nests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_ROOM = 64 * 1024 * 1024  # bytes of stack; only the part in use takes memory
_starting = threading.Lock()  # the size of new stacks is a setting of the process


def on_deep_stack(function: Callable[[], T]) -> T:
    """Return or raise what the function does. It should free what it made before it returns: freeing recurses, too.

    The stack of an ordinary thread may be as small as 512 KB, and overflowing it kills the process.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def call() -> None:
        try:
            returned.append(function())
        except BaseException as error:  # raised again in the caller's thread
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
