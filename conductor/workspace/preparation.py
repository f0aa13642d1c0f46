"""Creates and removes worktrees. Creating one is idempotent; removing one loses only what its commit ignores."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.ids import Branch
from conductor.workspace import rescue
from conductor.workspace.git import folders, refs
from conductor.workspace.git.client import Git
from conductor.workspace.ignored.aside import Aside, label
from conductor.workspace.repository import Repository
from conductor.workspace.results import Prepared
from conductor.workspace.worktree import BRANCH, Worktree

CLEARING = "clearing"  # the operation that ends a task's worktrees


def prepare(repository: Repository, branch: Branch, base: str, path: Path, *, effect: str) -> Prepared:
    """See Workspace.prepare."""
    refs.branch_name(branch)
    with repository.exclusive():
        start = repository.git().commit_of(base)
        tree = repository.find(path, effect)
        if tree is not None and not tree.path.is_dir():
            _forget(repository, tree, effect)
            tree = None
        if tree is None:
            _make_way(repository, repository.place(path), effect)
            tree = _add(repository, branch, start, path, effect)
        if tree.branch is None:
            _complete(repository, tree, branch)
        elif tree.branch != branch:
            raise WorkspaceError(
                f"the worktree {tree.path} belongs to branch {tree.branch}, not {branch}", hint="remove it first"
            )
        tree.unlock()
        tree.attach()
        return Prepared(tree.path, tree.branch or branch, tree.tip, tree.git.tree_of(tree.tip))


def _add(repository: Repository, branch: str, start: str, path: Path, effect: str) -> Worktree:
    git = repository.git()
    full = repository.place(path)
    full.parent.mkdir(parents=True, exist_ok=True)
    tip = git.resolve(refs.head(branch))
    if tip is not None and tip != start and git.resolve(refs.mark(repository.task, branch)) is None:
        raise WorkspaceError(
            f"branch {branch} already exists at {tip}, and is not Conductor's",
            allowed=f"no such branch, or one at {start}",
            hint=f"rename it: `git branch -m {branch} <new name>`",
        )
    what = [str(full), branch] if tip is not None else ["--no-track", "-b", branch, str(full), start]
    # Without a checkout: that would be another git process, which would write the index named for this one.
    git.run("worktree", "add", "--no-checkout", "--quiet", *what)
    tree = repository.find(path, effect)
    if tree is None:
        raise WorkspaceError(f"git created no worktree at {full}")
    return tree


def _complete(repository: Repository, tree: Worktree, branch: str) -> None:
    """Fill a worktree in which no work was done yet; its branch's name is written last and marks it as complete."""
    head_ref, mark = refs.head(branch), refs.mark(repository.task, branch)
    tip = tree.git.commit_of(head_ref)
    tree.git.run("symbolic-ref", "HEAD", head_ref)
    tree.git.index.unlink(missing_ok=True)
    (tree.git.git_dir / "index.lock").unlink(missing_ok=True)
    tree.become(tree.git, tip)  # also after an interrupted removal, whose files have already been rescued
    tree.leftovers.settle(tree.git)
    tree.git.run("update-ref", mark, tip)
    tree.git.run("symbolic-ref", BRANCH, mark)


def _make_way(repository: Repository, full: Path, effect: str) -> None:
    """Move aside what is where a worktree must go, rather than delete it: git does not know what it is."""
    if os.path.lexists(full):
        Aside(repository.root, effect).take(full)


def _forget(repository: Repository, tree: Worktree, effect: str) -> tuple[str, ...]:
    """Drop git's record of a worktree whose folder is gone; a commit that only its HEAD has is rescued."""
    git, head = repository.git(), tree.head
    rescued: tuple[str, ...] = ()
    if head and not rescue.is_kept(git, head, besides=()):
        rescued = (rescue.keep(repository, git, tree.path.name, head),)
    if not tree.path.is_dir():
        _make_way(repository, tree.path, effect)
    _take_down(repository, tree)
    return rescued


def remove(
    repository: Repository,
    path: Path,
    branch: Branch | None = None,
    *,
    keep_branch: bool,
    back_to: str | None = None,
    effect: str,
) -> tuple[str, ...]:
    """See Workspace.remove."""
    full = repository.place(path)
    name = label(repository.root, full)
    git = repository.git()
    with repository.exclusive():
        tree = repository.find(path, effect)
        if tree is None:
            _make_way(repository, full, effect)
            _tidy(repository)  # in case an interrupted removal could not
            return () if keep_branch or branch is None else _delete_left_over(repository, git, branch, name)
        if tree.branch is None:  # half-made, so no work in it; or half-removed, so all is rescued
            rescued = (*rescue.taken(repository, git, f"{name}-unsaved"), *rescue.taken(repository, git, name))
            return rescued + _forget(repository, tree, effect)
        rescued = ()
        standing = tree.path.is_dir()
        if standing:
            tree.unlock()
            unsaved = rescue.keep_directory(repository, tree, f"{name}-unsaved", bound_for=back_to)
            rescued = (unsaved,) if unsaved else ()
            tree.fill(back_to or tree.tip)
        if not keep_branch:
            rescued += _delete_branch(repository, tree, name)
        if standing:
            _take_down(repository, tree)
        else:
            rescued += _forget(repository, tree, effect)
        return rescued


def clear(repository: Repository, record: Callable[[Sequence[str], Sequence[str]], None]) -> None:
    """See Workspace.clear."""
    trees = repository.worktrees(CLEARING)
    whole = [tree for tree in trees if tree.path.is_dir() and tree.branch is not None]
    unsaved = [
        rescue.keep_directory(repository, tree, f"{label(repository.root, tree.path)}-unsaved") for tree in whole
    ]
    for tree in whole:
        tree.fill(tree.tip)
    named = [ref for ref in unsaved if ref is not None]
    if trees:
        record([str(tree.path) for tree in trees], named)
    refs_after = [remove(repository, tree.path, keep_branch=True, effect=CLEARING) for tree in trees]
    later = [ref for kept in refs_after for ref in kept if ref not in named]
    if later:  # from a folder that something else removed, or just wrote to
        record([], later)
    try:
        with repository.exclusive():
            _delete_removed(repository)
    except OSError as error:
        where = error.filename or repository.removed
        raise WorkspaceError(
            f"{where} cannot be deleted: {error.strerror}", hint=f"delete {repository.removed} by hand"
        ) from None
    with contextlib.suppress(OSError):  # not empty
        repository.root.rmdir()


def _delete_branch(repository: Repository, tree: Worktree, name: str) -> tuple[str, ...]:
    """Delete the branch, its mark and the worktree's own mark."""
    return _delete_refs(
        repository, tree.git, tree.branch or Branch(""), (tree.tip, tree.last or tree.tip), name, BRANCH
    )


def _delete_left_over(repository: Repository, git: Git, branch: Branch, name: str) -> tuple[str, ...]:
    """Delete a branch of which git has no worktree, and its mark. A branch without a mark is not Conductor's."""
    mark = git.resolve(refs.mark(repository.task, branch))
    if mark is None:
        return ()
    return _delete_refs(repository, git, branch, (git.resolve(refs.head(branch)) or mark, mark), name)


def _delete_refs(
    repository: Repository, git: Git, branch: Branch, commits: Iterable[str], name: str, *others: str
) -> tuple[str, ...]:
    """Delete a branch, its mark, and `others`; those of `commits` that are in no other lasting ref are rescued first.

    All in one transaction: an interrupted removal never leaves only some of them.
    """
    head_ref, mark = refs.head(branch), refs.mark(repository.task, branch)
    rescued = tuple(
        rescue.keep(repository, git, name, commit)
        for commit in dict.fromkeys(commits)
        if not rescue.is_kept(git, commit, besides=(head_ref,))
    )
    there = [ref for ref in (head_ref, mark) if git.resolve(ref)]
    feed = "".join(f"option no-deref\ndelete {ref}\n" for ref in (*there, *others))
    git.run("update-ref", "--stdin", feed=os.fsencode(feed))
    return rescued


def _take_down(repository: Repository, tree: Worktree) -> None:
    """Remove a worktree's folder and git's record of it. If interrupted, it leaves no half-removed folder in place.

    Git's own removal would stop at a read-only folder, but still forget the worktree.
    """
    if os.path.lexists(tree.path):
        repository.removed.mkdir(exist_ok=True)
        try:
            folders.move(tree.path, Path(tempfile.mkdtemp(dir=repository.removed)) / tree.path.name)
        except OSError as error:
            hint = "stop what is using it, and try again"
            raise WorkspaceError(f"{tree.path} cannot be removed: {error.strerror}", hint=hint) from None
    repository.git().run("worktree", "remove", "--force", "--force", str(tree.path))
    _tidy(repository)


def _tidy(repository: Repository) -> None:
    """Delete what can be deleted: the rest is tried again with the next one, and reported when the task is cleared."""
    with contextlib.suppress(OSError):
        _delete_removed(repository)


def _delete_removed(repository: Repository) -> None:
    """Delete the content of removed worktrees. Raises OSError if something cannot be deleted."""
    if repository.removed.is_dir():
        folders.delete(repository.removed)
