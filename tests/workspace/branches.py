"""What a branch and its worktree hold, as git says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conductor.workspace.workspace import Committed, Prepared

Run = Callable[..., str]  # git, as the fixture of that name calls it
CommitAll = Callable[..., Committed]


def files(repo: Path, git: Run, commit: str) -> set[str]:
    return set(git(repo, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")) - {""}


def has(repo: Path, git: Run, commit: str, ancestor: str) -> bool:
    return ancestor in git(repo, "rev-list", commit).splitlines()


def on_branch(module: Prepared, git: Run, commit: str) -> bool:
    """HEAD is on the module's branch, at the commit, with nothing left over."""
    assert git(module.path, "symbolic-ref", "HEAD") == f"refs/heads/{module.branch}"
    assert git(module.path, "rev-parse", "HEAD") == commit
    assert git(module.path, "status", "--porcelain") == ""
    return True
