from __future__ import annotations

from pathlib import Path

import pytest
from agent_stage import Stage
from confinement import BWRAP, PLAIN, Ground

from conductor.log.store import EventStore


@pytest.fixture
def stage(tmp_path: Path, store: EventStore) -> Stage:
    return Stage(tmp_path, store)


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    """A folder to work in, with a neighbour that is none of an agent's business."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret\n")
    return folder


@pytest.fixture(params=[BWRAP, PLAIN])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """A worktree to break out of, with the sandbox and without it."""
    return Ground(tmp_path, request.param)


@pytest.fixture
def bwrap(tmp_path: Path) -> Ground:
    return Ground(tmp_path, BWRAP)
