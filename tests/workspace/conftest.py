"""A user's repository, a workspace on it, and git as a user or an agent would call it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conductor.ids import Branch
from conductor.workspace.workspace import Prepared, Workspace
from tests.support import git_user
from tests.workspace.branches import CommitAll, Run


@pytest.fixture
def users_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config file of the user themselves, which is empty."""
    config = tmp_path / "global.gitconfig"
    config.touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return config


@pytest.fixture
def git() -> Run:
    """`git(cwd, *args)`: standard output without its last newline."""

    def run(cwd: Path, *args: str, check: bool = True) -> str:
        done = subprocess.run(["git", *args], cwd=cwd, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")

    return run


@pytest.fixture
def repo(tmp_path: Path, git: Run) -> Path:
    """A user's repository with a few files and one commit on `main`."""
    path = tmp_path / "a user's repo"
    path.mkdir()
    git_user.init(path)
    (path / "app.py").write_text("one\ntwo\nthree\n")
    (path / "keep.txt").write_text("keep\n")
    (path / ".gitignore").write_text("*.log\nvenv/\n")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "-m", "Begin")
    return path


@pytest.fixture
def base(repo: Path, git: Run) -> str:
    return git(repo, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "state" / "worktrees"


@pytest.fixture
def ws(repo: Path, root: Path) -> Workspace:
    return Workspace(repo, "t1", root)


@pytest.fixture
def task(ws: Workspace, root: Path, base: str) -> Prepared:
    """The task's own worktree."""
    return ws.prepare(Branch("conduct/t1"), base, root / "task")


@pytest.fixture
def module(ws: Workspace, root: Path, base: str) -> Prepared:
    """A module's worktree."""
    return ws.prepare(Branch("conduct/t1.core"), base, root / "core")


@pytest.fixture
def commit_all(ws: Workspace, module: Prepared, base: str) -> CommitAll:
    """`commit_all(**changes)`: the module's work as a commit since the base."""
    return lambda **more: ws.commit_all(module.path, "work", **{"effect": "e1", "since": base, **more})
