"""SIGKILL after each append to a task and at each effect; the next process goes on, and nobody can tell.

Here every fourth point; the long runs have the others, and those after an append to an agent's transcript.
"""

from __future__ import annotations

import pytest

from tests.crash.deaths import Theatre

CHUNKS = 8
AT_ONCE = (0, 4)  # chunks that are not left to the long runs


@pytest.mark.parametrize("kind", ["append", "effect"])
@pytest.mark.parametrize(
    "chunk", [n if n in AT_ONCE else pytest.param(n, marks=pytest.mark.soak) for n in range(CHUNKS)]
)
def test_one_death(pair: Theatre, kind: str, chunk: int) -> None:
    points = range(1 + chunk, pair.points[kind] + 1, CHUNKS)
    assert points
    wrong = [line for point in points for line in pair.differs(f"{kind}-{point}", (kind, point))]
    assert not wrong, "\n".join(wrong)
