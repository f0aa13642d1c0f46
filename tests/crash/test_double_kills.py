"""The process that goes on after a death dies as well, somewhere else."""

from __future__ import annotations

import random

import pytest

from tests.crash.deaths import Theatre


@pytest.mark.parametrize("seed", range(8))
def test_two_deaths(pair: Theatre, seed: int) -> None:
    luck = random.Random(seed)
    first = ("append", luck.randint(2, pair.points["append"] - 8))
    kind = luck.choice(("append", "effect"))
    second = (kind, luck.randint(1, 8 if kind == "append" else 3))
    wrong = pair.differs(f"double-{seed}", first, second)
    assert not wrong, "\n".join(wrong)
