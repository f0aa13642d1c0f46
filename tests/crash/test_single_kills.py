"""SIGKILL after each append to a task and at each effect; the next process goes on, and nobody can tell.

That it dies after an append to an agent's transcript is one of the long runs.
"""

from __future__ import annotations

import pytest

from tests.crash.deaths import Theatre

CHUNKS = 8


@pytest.mark.parametrize("kind", ["append", "effect"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_one_death(pair: Theatre, kind: str, chunk: int) -> None:
    points = range(1 + chunk, pair.points[kind] + 1, CHUNKS)
    assert points
    wrong = [line for point in points for line in pair.differs(f"{kind}-{point}", (kind, point))]
    assert not wrong, "\n".join(wrong)
