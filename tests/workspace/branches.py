"""What a branch and its worktree hold, as git says."""

from __future__ import annotations


def files(repo, git, commit):
    return set(git(repo, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")) - {""}


def has(repo, git, commit, ancestor):
    return ancestor in git(repo, "rev-list", commit).splitlines()


def on_branch(module, git, commit):
    """HEAD is on the module's branch, at the commit, with nothing left over."""
    assert git(module.path, "symbolic-ref", "HEAD") == f"refs/heads/{module.branch}"
    assert git(module.path, "rev-parse", "HEAD") == commit
    assert git(module.path, "status", "--porcelain") == ""
    return True
