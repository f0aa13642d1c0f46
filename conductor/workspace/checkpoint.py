"""Known states of the task's branch: creating one, returning to one, and restoring rescued work."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.workspace import rescue
from conductor.workspace.commits import committed
from conductor.workspace.git import history, refs
from conductor.workspace.repository import Repository
from conductor.workspace.results import Committed, RolledBack
from conductor.workspace.worktree import Worktree


def checkpoint(
    repository: Repository,
    path: Path,
    *,
    number: int,
    subject: str,
    documents: Sequence[str],
    effect: str,
    trailers: Mapping[str, str],
) -> Committed:
    """See Workspace.checkpoint."""
    tree = repository.open(path, effect)
    git, tip = tree.git, tree.tip
    names = [refs.inside(name) for name in documents]

    commit = history.find_effect(git, tip, effect, depth=1)
    if commit is None:
        content = _with_documents(tree, tip, names)
        commit = repository.commit(git, content, (tip,), subject, effect, trailers)
    unsaved = rescue.keep_directory(repository, tree, f"{effect}-unsaved", bound_for=commit)
    rescued = [unsaved] if unsaved else []
    ref = refs.checkpoint(repository.task, number)
    earlier = git.resolve(ref)
    if earlier and earlier != commit and not rescue.is_kept(git, earlier, besides=(ref,)):
        rescued.append(rescue.keep(repository, git, f"checkpoint-{number}", earlier))
    tree.put(commit)
    git.run("update-ref", "-m", "conduct checkpoint", ref, commit)
    return committed(
        git, history.parents(git, commit)[0], commit, rescued=tuple(rescued), aside=tuple(tree.leftovers.moved)
    )


def _with_documents(tree: Worktree, tip: str, names: Sequence[str]) -> str:
    """The tree of `tip`, with the documents from the working directory."""
    with tree.whole() as index:
        index.run("read-tree", tip)
        there = [name for name in names if os.path.lexists(tree.path / name)]
        gone = [name for name in names if name not in there]
        if there:  # forced: a generated document is wanted even if the project ignores it
            index.run("add", "--force", "--", *(f":(top,literal){name}" for name in there))
        if gone:
            feed = os.fsencode("\0".join(gone) + "\0")
            index.run("update-index", "-z", "--force-remove", "--stdin", feed=feed)
        return index.text("write-tree")


def rollback(repository: Repository, tree: Worktree, commit: str, *, name: str) -> RolledBack:
    """See Workspace.rollback; `tree` is already prepared."""
    git = tree.git
    commit = git.commit_of(refs.object_id(commit))
    # With nothing to undo, an earlier, interrupted run of this rollback may have undone it; its refs exist.
    own = rescue.taken(repository, git, name)
    if not git.contains(commit, tree.tip):
        own = (rescue.keep(repository, git, name, tree.tip),)
    rescue.keep_directory(repository, tree, f"{name}-unsaved", bound_for=commit)
    tree.put(commit)
    return RolledBack(commit, git.tree_of(commit), (*own, *rescue.taken(repository, git, f"{name}-unsaved")))


def restore(repository: Repository, tree: Worktree, ref: str, *, effect: str) -> Committed:
    """See Workspace.restore_rescue; `tree` is already prepared."""
    git, tip = tree.git, tree.tip
    if not ref.startswith(refs.rescue(repository.task, "x").removesuffix("x")):
        raise WorkspaceError(
            f"{ref!r} is not rescued work of task {repository.task}", allowed="a refs/conductor/rescue/ ref"
        )
    commit = git.commit_of(ref)
    rescued = []
    if not git.contains(commit, tip):
        rescued.append(rescue.keep(repository, git, f"{effect}-before", tip))
    unsaved = rescue.keep_directory(repository, tree, f"{effect}-unsaved", bound_for=commit)
    tree.put(commit)
    return committed(git, tip, commit, rescued=(*rescued, unsaved) if unsaved else tuple(rescued))
