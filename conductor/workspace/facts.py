"""A user's checkout: find its repository, inspect its state, create one. Only `initialise` writes."""

from __future__ import annotations

import os
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.ids import Branch
from conductor.workspace.git.checkout import Checkout, around
from conductor.workspace.git.client import Git
from conductor.workspace.results import Facts


def locate(path: Path) -> Git:
    """Git bound to the checkout that contains `path` (or is it); WorkspaceError if there is none."""
    path = path.resolve()
    found = _found(path)
    if found is None:
        raise WorkspaceError(f"{path} is not in a git repository", hint="run `conduct init` there")
    git = Git(found.git_dir, found.common, found.top)
    if git.text("rev-parse", "--is-inside-git-dir", "--is-inside-work-tree").split() != ["false", "true"]:
        raise WorkspaceError(f"{path} is inside a git directory", allowed="a folder of a working tree")
    return git


def _found(path: Path) -> Checkout | None:
    found = around(path)
    if found is not None and found.bare:
        raise WorkspaceError(
            f"{found.top} is a bare repository",
            allowed="a repository with a working tree",
            hint="clone it, and run there",
        )
    return found


def inspect(path: Path) -> Facts:
    """The state of the checkout at `path`. Writes nothing, not even the cached times in the index.

    Raises WorkspaceError if there is no repository, or it is bare or has no commit yet.
    """
    git = locate(path)
    commit = git.resolve("HEAD")
    if commit is None:
        raise WorkspaceError(
            f"{git.work_tree} has no commit yet, so there is nothing to build on",
            hint="commit your files, or run `conduct init` for a first commit",
        )
    status = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=all")
    return Facts(str(git.work_tree), commit, current_branch(git), tuple(entry[3:] for entry in git.paths(*status)))


def current_branch(git: Git) -> Branch | None:
    """The branch that HEAD names, without `refs/heads/`; None if it is detached."""
    status, out = git.outcome("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    return Branch(os.fsdecode(out).strip().removeprefix("refs/heads/")) if status == 0 else None


def initialise(path: Path) -> Facts:
    """Make sure that `path` is in a repository with at least one commit.

    The first commit is empty: which of the existing files belong in git is for their owner to decide.
    """
    path = path.resolve()
    if _found(path) is None:
        path.mkdir(parents=True, exist_ok=True)
        dot = path / ".git"
        Git(dot, dot, path).run("init", "--quiet", "--template=")
    git = locate(path)
    if git.resolve("HEAD") is None:
        tree = git.text("mktree", feed=b"")
        commit = git.text("commit-tree", "--no-gpg-sign", tree, "-F", "-", feed=b"Start the repository\n")
        git.run("update-ref", "-m", "conduct init", "HEAD", commit, "0" * len(commit))
    return inspect(path)
