"""Nothing is lost: work in a branch or directory that no ref keeps goes under refs/conductor/rescue/."""

from __future__ import annotations

import re
from collections.abc import Container

from conductor.errors import WorkspaceError
from conductor.workspace.git import history, refs
from conductor.workspace.git.client import Git, GitFailed
from conductor.workspace.repository import Repository
from conductor.workspace.worktree import Worktree

# Not remote-tracking refs, which a fetch may prune, nor the marks of branches, which are deleted with their worktrees.
_LASTING = re.compile(r"refs/(?:heads/|tags/|conductor/(?:rescue/|[^/]+/checkpoint/))")


def keep(repository: Repository, git: Git, name: str, commit: str) -> str:
    """A rescue ref for `commit`: an existing one of this name, or a new one (`name`, `name-2`, …)."""
    base = refs.rescue(repository.task, name)
    for number in range(1, 10_000):
        ref = base if number == 1 else f"{base}-{number}"
        found = git.resolve(ref)
        if found == commit:
            return ref
        if found is None:
            try:  # all zeros as the old value: create, and fail if another process was faster
                git.run("update-ref", "-m", "conduct rescue", ref, commit, "0" * len(commit))
            except GitFailed:
                if git.resolve(ref) is None:
                    raise
                continue
            return ref
    raise WorkspaceError(f"too many rescued states named {name!r}")


def taken(repository: Repository, git: Git, name: str) -> tuple[str, ...]:
    """The existing rescue refs `name`, `name-2`, …"""
    base = refs.rescue(repository.task, name)
    mine = re.compile(re.escape(base) + r"(?:-\d+)?")
    listed = git.text("for-each-ref", "--format=%(refname)", base.rpartition("/")[0] + "/").splitlines()
    return tuple(ref for ref in listed if mine.fullmatch(ref))


def keep_directory(repository: Repository, tree: Worktree, name: str, *, bound_for: str | None = None) -> str | None:
    """A rescue ref for what the working directory and HEAD have beyond the branch; None if nothing.

    A directory that already equals `bound_for` (a commit or tree) is left from an interrupted run, not unsaved work.
    """
    content, (_, tip, head) = tree.snapshot(), tree.heads
    base = head or tip
    if content in (tree.git.tree_of(base), bound_for and tree.git.tree_of(bound_for)):
        return None if tree.git.contains(tip, base) else keep(repository, tree.git, name, base)
    for ref in taken(repository, tree.git, name):
        if tree.git.tree_of(ref) == content and history.parents(tree.git, tree.git.commit_of(ref)) == (base,):
            return ref
    subject = f"Unsaved work in {tree.path.name}"
    return keep(repository, tree.git, name, repository.commit(tree.git, content, (base,), subject, name))


def is_kept(git: Git, commit: str, *, besides: Container[str]) -> bool:
    """Whether a lasting ref, other than `besides`, has `commit` in its history."""
    listed = git.text("for-each-ref", "--format=%(refname)", f"--contains={refs.object_id(commit)}").splitlines()
    return any(_LASTING.match(ref) and ref not in besides for ref in listed)
