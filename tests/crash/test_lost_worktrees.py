"""Somebody deletes all worktrees after a SIGKILL: they are made again, with what agents had not committed in them."""

from __future__ import annotations

import shutil

import pytest

from tests.crash.deaths import Theatre
from tests.support.runs.sandbox import Sandbox

SAMPLES = 4  # kill points of each kind, spread over the run


def lose_worktrees(box: Sandbox) -> None:
    shutil.rmtree(box.home / "worktrees", ignore_errors=True)


@pytest.mark.parametrize("kind", ["append", "journal", "effect"])
def test_a_run_goes_on_without_its_worktrees(pair: Theatre, kind: str) -> None:
    last = pair.points[kind]
    points = range(last // SAMPLES // 2, last + 1, max(1, last // SAMPLES))
    wrong = [
        line
        for point in points
        for line in pair.differs(f"lost-{kind}-{point}", (kind, point), meanwhile=lose_worktrees)
    ]
    assert not wrong, "\n".join(wrong)
