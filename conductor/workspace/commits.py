"""Commits what an agent left in its worktree to its branch, and discards what a check left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from conductor.ids import Commit
from conductor.workspace import rescue
from conductor.workspace.git import history
from conductor.workspace.git.client import Git
from conductor.workspace.repository import Repository
from conductor.workspace.results import Committed
from conductor.workspace.worktree import Worktree

_AUTOSTASHES = ("MERGE_AUTOSTASH", "rebase-merge/autostash", "rebase-apply/autostash")


def commit_all(
    repository: Repository, path: Path, subject: str, *, effect: str, since: str, trailers: Mapping[str, str]
) -> Committed:
    """See Workspace.commit_all."""
    tree = repository.open(path, effect)
    git = tree.git
    since = git.commit_of(since)
    rescued = tuple(rescue.keep(repository, git, f"{effect}-autostash", commit) for commit in _autostashes(tree))
    with tree.whole() as index:
        content = index.text("write-tree")
        last, tip, head = tree.heads
        slipped = last is not None and tree.leftovers.slipped_in(index, last, content)
        if slipped:
            content = index.text("write-tree")
        if head and head != tip and not tree.on_branch and git.contains(tip, head) and content == git.tree_of(head):
            commit = tip  # an earlier commit was checked out and left so: nothing there is new
            tree.become(index, commit)
        else:
            # Whatever was done to HEAD and the branch, the history contains what either had, except what must not be
            # in it: then the agent's own commits are kept beside it.
            heads = history.independent(git, [last] if slipped else [last, tip, head])
            rescued += _beside(repository, git, heads[0], (tip, head), effect) if slipped else ()
            commit = heads[0]
            if len(heads) > 1 or content != git.tree_of(commit):
                commit = repository.commit(git, content, heads, subject, effect, trailers)
        tree.settle(commit, index)
    return committed(git, since, commit, rescued=rescued, aside=tuple(tree.leftovers.moved))


def _beside(
    repository: Repository, git: Git, commit: str, heads: Sequence[Commit | None], effect: str
) -> tuple[str, ...]:
    """Refs that keep the commits of `heads` that `commit` does not contain."""
    own = (head for head in history.independent(git, heads) if not git.contains(commit, head))
    return tuple(rescue.keep(repository, git, f"{effect}-steps", head) for head in own)


def _autostashes(tree: Worktree) -> list[Commit]:
    """Uncommitted work that an unfinished rebase or merge keeps in a file of its own."""
    files = (tree.git.git_dir / name for name in _AUTOSTASHES)
    found = (tree.git.resolve(file.read_text().strip()) for file in files if file.is_file())
    return [commit for commit in found if commit]


def committed(
    git: Git, since: str, commit: Commit, *, rescued: tuple[str, ...] = (), aside: tuple[str, ...] = ()
) -> Committed:
    """A commit, with what it changed since another one."""
    entries = history.changed(git, since, commit)
    created = tuple(path for status, path in entries if status == "A")
    return Committed(commit, git.tree_of(commit), tuple(path for _, path in entries), created, rescued, aside)


def discard(repository: Repository, path: Path, commit: str, *, effect: str) -> tuple[str, ...]:
    """See Workspace.discard."""
    tree = repository.open(path, effect)
    git = tree.git
    commit = git.commit_of(commit)
    with tree.whole() as index:
        content, kept, heads = index.text("write-tree"), git.tree_of(commit), tree.heads
        same = content == kept and not tree.leftovers.left
        if same and set(heads) == {commit} and tree.on_branch and not tree.operations():
            index.index.replace(git.index)
            tree.leftovers.settle(git)
            return ()
        paths = history.diff_paths(git, kept, content)
        for own in history.independent(git, heads):
            if not git.contains(commit, own):
                rescue.keep(repository, git, f"{tree.path.name}-after-check", own)
        tree.become(index, commit, spare=True)
        tree.settle(commit, index)
    return paths
