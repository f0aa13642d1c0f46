"""An attempt that failed, the way back from it, and what the next one commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import Run, files
from tests.workspace.ignored.kinds import Back, Failed, NextCommit, write


@pytest.fixture
def failed(ws: Workspace, task: Prepared, base: str) -> Failed:
    """`failed(rules, **files)`: what an attempt left, its rules committed with it; and nothing of it on the branch."""

    def attempt(rules: str, *names: str) -> str:
        (task.path / ".gitignore").write_text(rules)
        for name in names:
            write(task.path / name)
        (task.path / "app.py").write_text("failed\n")
        done = ws.commit_all(task.path, "failed", effect="attempt", since=base)
        assert set(done.changed) == {".gitignore", "app.py"}
        return done.commit

    return attempt


@pytest.fixture
def back(ws: Workspace, task: Prepared, base: str) -> Back:
    return lambda: ws.rollback(task.path, task.branch, base, name="back")


@pytest.fixture
def next_commit(ws: Workspace, task: Prepared, base: str, git: Run, repo: Path) -> NextCommit:
    """What the next attempt's commit has, whatever lies about."""

    def make() -> set[str]:
        (task.path / "next.py").write_text("next\n")
        return files(repo, git, ws.commit_all(task.path, "next", effect="next", since=base).commit)

    return make
