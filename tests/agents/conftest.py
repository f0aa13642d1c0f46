from __future__ import annotations

from pathlib import Path

import pytest

from conductor.log.store import EventStore
from tests.support.agents.stage import Stage


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
