"""Merges a module's commits into the task's branch. A conflict changes nothing here; it is resolved elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.ids import Commit
from conductor.workspace import rescue
from conductor.workspace.git import history, refs
from conductor.workspace.git.client import Git
from conductor.workspace.repository import Repository
from conductor.workspace.results import Conflicted, Merged
from conductor.workspace.worktree import Worktree


def predict(git: Git, ours: str, theirs: str) -> tuple[str, tuple[str, ...]]:
    """The tree of a merge, including conflict markers, and the paths in conflict. Touches no file."""
    args = ("--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
    status, out = git.outcome("merge-tree", *args, ok=(0, 1))
    tree, *files = (os.fsdecode(item) for item in out.split(b"\0") if item)
    if status == 1 and not files:
        raise WorkspaceError(f"git merge-tree reported a conflict between {ours} and {theirs} without naming a file")
    return tree, tuple(files)


def merge(
    repository: Repository,
    path: Path,
    theirs: str,
    subject: str,
    *,
    effect: str,
    ours: str | None,
    resolution: Commit | None,
) -> Merged | Conflicted:
    """See Workspace.merge."""
    tree = repository.open(path, effect)
    git, tip = tree.git, tree.tip
    theirs, ours = git.commit_of(theirs), git.commit_of(ours or tip)

    if resolution is not None and history.parents(git, git.commit_of(refs.object_id(resolution)))[1:] != (theirs,):
        raise WorkspaceError(f"{resolution} is not a merge of {theirs}")
    done = _done(git, tip, theirs, effect, resolution)
    if done is not None:
        commit, how = done
        return Merged(commit, git.tree_of(commit), how, _bring(repository, tree, tip, effect))
    if tip != ours:
        raise WorkspaceError(
            f"branch {tree.branch} is at {tip}, not at {ours} as expected", hint="merge again from there"
        )

    if resolution is not None:
        if history.parents(git, resolution)[0] != ours:
            raise WorkspaceError(f"{resolution} is not a merge into {ours}", hint="merge again from there")
        commit, how = resolution, "resolved"
    elif git.contains(theirs, ours):
        commit, how = theirs, "fast-forward"
    else:
        merged, conflicts = predict(git, ours, theirs)
        if conflicts:
            return Conflicted(conflicts)
        commit, how = repository.commit(git, merged, (ours, theirs), subject, effect), "clean"
    rescued = _bring(repository, tree, commit, effect)
    return Merged(commit, git.tree_of(commit), how, rescued)


def _done(git: Git, tip: Commit, theirs: Commit, effect: str, resolution: Commit | None) -> tuple[Commit, str] | None:
    """What an earlier, interrupted run of this merge has already put on the branch."""
    if resolution is not None:
        return (resolution, "resolved") if git.contains(tip, resolution) else None
    if not git.contains(tip, theirs):
        return None
    earlier = history.find_effect(git, tip, effect)
    return (earlier, "clean") if earlier else (tip, "fast-forward")


def _bring(repository: Repository, tree: Worktree, commit: str, effect: str) -> tuple[str, ...]:
    """Move branch and worktree to `commit`, which contains the branch; uncommitted work is rescued first."""
    unsaved = rescue.keep_directory(repository, tree, f"{effect}-unsaved", bound_for=commit)
    tree.put(commit)
    return (unsaved,) if unsaved else ()
