"""Runs blocking work (git, the store) beside the event loop, and to its end even when its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[..., T], *args: object, **named: object) -> T:
    """`work(...)` in a thread. A cancellation waits for its end: of half a step nobody knows where it stands."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **named))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        task.exception()  # looked at, or Python complains of it: what the half step came to no longer matters
        raise
