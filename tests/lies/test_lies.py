"""Agents that lie, break, hang, delete and hide: nothing unproven is ever complete, and nothing is lost."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.lies.trial import trial
from tests.support.runs.sandbox import Sandbox

SEEDS = range(1000)
QUICK, CHUNKS, AT_ONCE = SEEDS[:16], 40, 4


def tried(folder: Path, url: str, seeds: Iterable[int]) -> list[str]:
    """What does not hold in the fables of some seeds, a few played at a time."""

    async def one(seed: int, room: asyncio.Semaphore) -> list[str]:
        async with room:
            try:
                return await trial(Sandbox(folder / str(seed), url, f"lies-{uuid.uuid4().hex}"), seed)
            except Exception as error:  # what reaches us would have reached the user
                error.add_note(f"seed {seed}")
                raise

    async def every() -> list[str]:
        room = asyncio.Semaphore(AT_ONCE)
        return [line for lines in await asyncio.gather(*(one(seed, room) for seed in seeds)) for line in lines]

    return asyncio.run(every())


@pytest.mark.parametrize("chunk", range(4))
def test_lies(tmp_path: Path, server_url: str, chunk: int) -> None:
    wrong = tried(tmp_path, server_url, QUICK[chunk::4])
    assert not wrong, "\n".join(wrong)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_thousand_lies(tmp_path: Path, server_url: str, chunk: int) -> None:
    wrong = tried(tmp_path, server_url, SEEDS[chunk::CHUNKS])
    assert not wrong, "\n".join(wrong)
