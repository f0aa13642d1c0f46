"""Runs blocking work (git, the store) in a thread, to its end even if the caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[..., T], *args: object, **named: object) -> T:
    """`work(...)` in a thread. A cancellation waits for it to end: a half-done step would leave an unknown state."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **named))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        task.exception()  # retrieved, so that asyncio does not log it: the result no longer matters
        raise
