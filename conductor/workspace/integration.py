"""A worktree in which a conflicted merge waits to be resolved. Only plumbing: no merge driver or hook can run."""

from __future__ import annotations

import os
import re
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.workspace import rescue
from conductor.workspace.commits import committed
from conductor.workspace.git import history
from conductor.workspace.git.client import Git
from conductor.workspace.merge import predict
from conductor.workspace.repository import Repository
from conductor.workspace.results import Committed, Conflicted
from conductor.workspace.worktree import THEIRS, Worktree

_MARKER = re.compile(rb"^(?:<<<<<<<|>>>>>>>) ", re.MULTILINE)


def begin(repository: Repository, tree: Worktree, ours: str, theirs: str) -> tuple[str, ...]:
    """See Workspace.begin_integration; `tree` is already prepared."""
    git = tree.git
    merged, conflicts = predict(git, ours, theirs)
    waiting = git.resolve("MERGE_HEAD") == theirs and tree.tip == ours
    if waiting or (git.contains(tree.tip, ours) and git.contains(tree.tip, theirs)):
        return conflicts
    # Rescue what an abandoned earlier integration left here.
    rescue.keep_directory(repository, tree, f"{tree.path.name}-unsaved", bound_for=merged)
    if not git.contains(ours, tree.tip):
        rescue.keep(repository, git, tree.path.name, tree.tip)
    tree.put(ours)
    git.run("update-ref", THEIRS, theirs)
    tree.fill(merged)
    git.run("read-tree", merged)
    git.run("update-index", "-z", "--index-info", feed=_stages(git, ours, theirs))
    git.run("update-index", "-q", "--unmerged", "--refresh", ok=(0, 1))  # or an agent's `git merge --abort` fails
    (git.git_dir / "MERGE_MSG").write_text(f"Merge {theirs}\n")
    git.run("update-ref", "MERGE_HEAD", theirs)  # last: marks all of the above as done
    return conflicts


def _stages(git: Git, ours: str, theirs: str) -> bytes:
    """The conflicts as `update-index --index-info` takes them: each path cleared, then its stages."""
    args = ("--write-tree", "-z", "--no-messages", ours, theirs)
    entries = [item for item in git.run("merge-tree", *args, ok=(0, 1)).split(b"\0")[1:] if item]
    paths = dict.fromkeys(entry.partition(b"\t")[2] for entry in entries)
    nothing = b"0" * len(ours)
    lines = [b"0 " + nothing + b"\t" + path for path in paths] + entries
    return b"\0".join(lines) + b"\0"


def finish(repository: Repository, path: Path, subject: str, *, effect: str) -> Committed | Conflicted:
    """See Workspace.finish_integration."""
    tree = repository.open(path, effect)
    git, (last, tip, head) = tree.git, tree.heads
    theirs = git.resolve(THEIRS)
    if theirs is None or last is None:
        raise WorkspaceError(f"no integration was started in {path}")
    done = history.parents(git, tip)
    ours = done[0] if len(done) == 2 and done[1] == theirs and last == tip else last
    merged, conflicts = predict(git, ours, theirs)
    with tree.whole() as index:
        content = index.text("write-tree")
        given_up = git.resolve("MERGE_HEAD") != theirs and not any(
            one and git.contains(one, theirs) for one in (tip, head)
        )
        left = conflicts if given_up else _unresolved(git, content, merged, conflicts)
        if left:
            return Conflicted(left)
        commit, rescued = tip, []
        if done != (ours, theirs) or git.tree_of(tip) != content:
            commit = repository.commit(git, content, (ours, theirs), subject, effect)
            # The resolution is one commit with two parents; the agent's own commits on the way are kept beside it.
            for own in history.independent(git, [tip, head]):
                if not git.contains(commit, own):
                    rescued.append(rescue.keep(repository, git, f"{effect}-steps", own))
        tree.settle(commit, index)
    return committed(git, ours, commit, rescued=tuple(rescued), aside=tuple(tree.leftovers.moved))


def _unresolved(git: Git, content: str, merged: str, conflicts: tuple[str, ...]) -> tuple[str, ...]:
    """Conflicted paths that contain markers, or (a deletion, a binary file) have not been changed or staged since."""
    unmerged = {
        os.fsdecode(entry.partition(b"\t")[2]) for entry in git.run("ls-files", "-z", "--unmerged").split(b"\0")
    }
    left = []
    for path in conflicts:
        now = git.blob(content, path)
        untouched = path in unmerged and now == git.blob(merged, path)
        if untouched or (now is not None and _MARKER.search(git.run("cat-file", "blob", now))):
            left.append(path)
    return tuple(left)
