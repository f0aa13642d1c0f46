from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checks.ground import Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path / "worktree", tmp_path / "repository")


@pytest.fixture
def only_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Leaves on PATH nothing but git and the named tools."""

    def only(*tools: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        for tool in ("git", *tools):
            (folder / tool).symlink_to(shutil.which(tool) or tool)
        monkeypatch.setenv("PATH", str(folder))

    return only
