"""Blocking work is not abandoned half done."""

from __future__ import annotations

import asyncio
import threading

import pytest

from conductor.process.threads import in_thread


def test_a_cancellation_waits_for_the_end_of_the_work() -> None:
    begun, go = threading.Event(), threading.Event()
    done: list[str] = []

    def work() -> None:
        begun.set()
        go.wait(10)
        done.append("whole")

    async def main() -> None:
        task = asyncio.create_task(in_thread(work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        asyncio.get_running_loop().call_later(0.05, go.set)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done == ["whole"]

    asyncio.run(main())


def test_the_result_and_the_error_come_back() -> None:
    assert asyncio.run(in_thread(lambda: 7)) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(lambda: 1 // 0))
