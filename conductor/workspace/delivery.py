"""The only operation that touches what is the user's: merging the task's commits into their branch. All or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.ids import Commit
from conductor.workspace.facts import current_branch
from conductor.workspace.git import history, refs
from conductor.workspace.git.client import Git, GitFailed
from conductor.workspace.merge import predict
from conductor.workspace.repository import Repository


def deliver(repository: Repository, commit: str, into: str) -> Commit:
    """See Workspace.deliver."""
    git = repository.git()
    branch = refs.head(into)
    commit, old = git.commit_of(commit), git.commit_of(branch)
    if git.contains(old, commit):
        return old
    new = commit if git.contains(commit, old) else _merged(git, old, commit, into)
    for checkout in _checkouts(repository):
        _refuse_in_progress(checkout, branch, into, commit)
        if current_branch(checkout) == into and checkout.work_tree.is_dir():
            _update(checkout, old, new, into, commit)
    git.run("update-ref", "-m", f"conduct: deliver {commit}", branch, new, old)
    return new


def _merged(git: Git, old: str, commit: str, into: str) -> Commit:
    tree, conflicts = predict(git, old, commit)
    if conflicts:
        raise WorkspaceError(
            f"{commit} and branch {into} conflict in {', '.join(conflicts)}",
            hint=f"on {into}, run `git merge {commit}`",
        )
    return history.write_commit(git, tree, (old, commit), f"Merge the work of Conductor into {into}", {})


def _checkouts(repository: Repository) -> Iterator[Git]:
    """Git for the main checkout and every linked one."""
    main = _main_checkout(repository)
    if main is not None:
        yield Git(repository.common, repository.common, main)
    for pointer in sorted(repository.common.glob("worktrees/*/gitdir")):
        top = Path(os.path.normpath(pointer.parent / os.fsdecode(pointer.read_bytes()).rstrip("\n"))).parent
        yield Git(pointer.parent, repository.common, top)


def _main_checkout(repository: Repository) -> Path | None:
    """The checkout that is not a linked worktree; None if the linked ones belong to a bare repository."""
    if repository.git_dir == repository.common:
        return repository.top
    if repository.git().run("config", "--type=bool", "--default=false", "core.bare").strip() == b"true":
        return None
    if repository.common.name == ".git":
        return repository.common.parent
    raise WorkspaceError(f"the main checkout of {repository.common} is unknown", hint="deliver from the main checkout")


def _refuse_in_progress(checkout: Git, branch: str, into: str, commit: str) -> None:
    """Refuse during a rebase, whose branch looks free, and during a merge, whose first parent this would change."""
    busy = (checkout.git_dir / "MERGE_HEAD").exists() and current_branch(checkout) == into
    for name in ("rebase-merge/head-name", "rebase-apply/head-name"):
        file = checkout.git_dir / name
        busy = busy or (file.is_file() and file.read_text(errors="replace").strip() == branch)
    if busy:
        hint = f"finish it, then deliver again or run `git merge {commit}`"
        raise WorkspaceError(f"a merge or rebase of {into} is in progress in {checkout.work_tree}", hint=hint)


def _update(checkout: Git, old: str, new: str, into: str, commit: str) -> None:
    """Update the user's files and index from `old` to `new`, unless they would lose anything."""
    hint = f"commit or move them, then deliver again, or run `git merge {commit}` in {checkout.work_tree}"
    if any(key.startswith(("filter.", "merge.")) for key in checkout.overrides):
        raise WorkspaceError(
            f"{into} is checked out in {checkout.work_tree}, whose own config names filters or merge drivers",
            hint=f"run `git merge {commit}` there",
        )
    before = {os.fsdecode(item) for item in checkout.run("ls-tree", "-r", "-z", "--name-only", old).split(b"\0")}
    # An earlier, interrupted delivery has already put `new` into the index: such files are ours.
    before |= {os.fsdecode(item) for item in checkout.run("ls-files", "-z").split(b"\0")}
    lost = [
        path
        for status, path in history.changed(checkout, old, new)
        if status == "A" and _in_the_way(checkout, path, before)
    ]
    if lost:
        raise WorkspaceError(
            f"untracked files in {checkout.work_tree} would be overwritten: {', '.join(lost)}", hint=hint
        )
    checkout.run("update-index", "-q", "--refresh", ok=(0, 1))
    try:  # two-way: keeps local changes, and refuses before the first write if one is in a file that must change
        checkout.run("read-tree", "-m", "-u", old, new)
    except GitFailed as error:
        raise WorkspaceError(
            f"local changes in {checkout.work_tree} are in the way: {error.what}", hint=hint
        ) from error


def _in_the_way(checkout: Git, path: str, known: set[str]) -> bool:
    """Whether something untracked, ignored or not, is where `path` or a folder of it must go."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        name = "/".join(parts[:count])
        place = checkout.work_tree / name
        if (
            name not in known
            and os.path.lexists(place)
            and (count == len(parts) or place.is_symlink() or not place.is_dir())
        ):
            return not _only_tracked(place, checkout.work_tree, known)
    return False


def _only_tracked(place: Path, top: Path, known: set[str]) -> bool:
    """Whether `place` is a folder with only tracked files, which git itself replaces by a file."""
    if place.is_symlink() or not place.is_dir():
        return False
    return all(
        str((Path(folder) / file).relative_to(top)) in known for folder, _, files in os.walk(place) for file in files
    )
