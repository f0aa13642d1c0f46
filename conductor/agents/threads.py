"""Runs blocking work beside the event loop, and to its end even when its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def finish(work: Callable[[], T]) -> T:
    """`work()` in a thread. A cancellation waits for it: of half a step nobody knows where it stands."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
