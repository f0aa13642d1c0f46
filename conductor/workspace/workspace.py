"""The git workspace of one task: every operation on a repository, with its guarantees.

Agents' commits, names and files are untrusted. Only `deliver` touches the user's checkout and branches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from conductor.events import Interface, SetAside
from conductor.ids import Branch, Commit, Tree
from conductor.workspace import admission, checkpoint, commits, delivery, integration, merge, preparation, rescue
from conductor.workspace.facts import initialise, inspect
from conductor.workspace.git import history, refs
from conductor.workspace.ignored.aside import Aside
from conductor.workspace.repository import Repository
from conductor.workspace.results import Committed, Conflicted, Facts, Merged, Prepared, RolledBack

__all__ = [
    "Committed", "Conflicted", "Facts", "Merged", "Prepared", "RolledBack", "Workspace", "initialise", "inspect",
]  # fmt: skip


class Workspace:
    """Blocking, and safe in threads: one call per worktree at a time, several worktrees of a repository at once.

    Every operation is idempotent: called again after a crash in its middle, it ends as if it had been called once.
    All raise WorkspaceError, and, if git itself refuses, its subclass GitFailed.
    """

    def __init__(self, repository: Path, task: str, root: Path) -> None:
        """`repository`: the user's checkout or a folder in it. `root`: the folder for the task's worktrees."""
        self._repository = Repository(repository, task, root)

    @property
    def repository(self) -> Path:
        """The top of the user's checkout."""
        return self._repository.top

    # Starting a task

    def refuse_unwritable(self) -> None:
        """Raise WorkspaceError if no branch or commit can be created, because the git folder is read-only."""
        admission.refuse_unwritable(self._repository)

    def refuse_taken(self, branch: str, promised: Iterable[str]) -> None:
        """Raise WorkspaceError if a branch exists, or cannot exist beside one that does.

        `promised` are branches that have yet to be created.
        """
        admission.refuse_taken(self._repository, refs.branch_name(branch), promised)

    def alone(self) -> AbstractContextManager[None]:
        """While held, no other process starts a task, or adds or removes a worktree, in this repository."""
        return self._repository.exclusive()

    # Worktrees

    # `effect` names the operation; what it moves out of a worktree is found under that name, by `set_aside`.

    def prepare(self, branch: Branch, base: str, path: Path, *, effect: str = "") -> Prepared:
        """A worktree of `branch` at `path`; the branch starts at `base` (a commit or branch) if it is new.

        An existing worktree is left as it is; a half-made one is completed; anything else there is moved aside.
        An existing branch that is not Conductor's and not at `base` is refused.
        """
        return preparation.prepare(self._repository, branch, base, path, effect=effect)

    def remove(
        self,
        path: Path,
        branch: Branch | None = None,
        *,
        keep_branch: bool = False,
        back_to: str | None = None,
        effect: str = "",
    ) -> tuple[str, ...]:
        """Remove a worktree and its branch; returns refs that keep what was uncommitted, or committed nowhere else.

        `branch` names the branch of a worktree that may be gone; without it, that branch stays.
        Ignored files are deleted, except those that `back_to`, the commit to which work returns, does not ignore.
        """
        return preparation.remove(
            self._repository, path, branch, keep_branch=keep_branch, back_to=back_to, effect=effect
        )

    def clear(self, record: Callable[[Sequence[str], Sequence[str]], None]) -> None:
        """Remove all worktrees of the task; branches, and what was moved aside, stay.

        `record` gets the folders, and the refs that keep what was uncommitted, before anything is removed.
        """
        preparation.clear(self._repository, record)

    # The content of a worktree

    def commit_all(
        self, path: Path, subject: str, *, effect: str, since: str, trailers: Mapping[str, str] | None = None
    ) -> Committed:
        """Commit everything in the worktree to its branch: untracked files and deletions, too, but not ignored files.

        Files that were ignored when a commit was last put there, and have since only lost their rule, are moved aside.
        The agent's own commits stay. If it rewrote commits, left the branch, or committed files that are moved aside,
        one more commit joins its work with what was there before.
        With nothing to commit, no commit is made. `changed` and `created` are counted from `since`.
        """
        return commits.commit_all(self._repository, path, subject, effect=effect, since=since, trailers=trailers or {})

    def snapshot(self, path: Path, *, effect: str = "") -> Tree:
        """The tree of the working directory: tracked and untracked files, not ignored. HEAD and the index stay."""
        return self._repository.open(path, effect).snapshot()

    def restore(self, path: Path, tree: str, *, effect: str = "") -> None:
        """Make the working directory exactly `tree`, apart from ignored files. HEAD and the index stay."""
        self._repository.open(path, effect).fill(refs.object_id(tree), spare=True)

    def discard(self, path: Path, commit: str, *, effect: str = "") -> tuple[str, ...]:
        """Reset branch and working directory to `commit` after a check; returns the paths that it changed.

        Commits that the check made are rescued; its uncommitted files are not.
        """
        return commits.discard(self._repository, path, commit, effect=effect)

    # Merging

    def merge(
        self,
        path: Path,
        theirs: str,
        subject: str,
        *,
        effect: str,
        ours: str | None = None,
        resolution: Commit | None = None,
    ) -> Merged | Conflicted:
        """Merge `theirs` into the branch of the worktree at `path`, which must be at `ours` if given.

        A fast-forward if the branch has nothing of its own, otherwise a merge commit. A conflict changes nothing.
        With `resolution`, a commit with exactly the two parents, the branch moves to it.
        """
        return merge.merge(self._repository, path, theirs, subject, effect=effect, ours=ours, resolution=resolution)

    def begin_integration(
        self, path: Path, branch: Branch, *, ours: str, theirs: str, effect: str = ""
    ) -> tuple[str, ...]:
        """Prepare a worktree with the merge of `theirs` into `ours` in progress; returns the paths in conflict."""
        self.prepare(branch, ours, path, effect=effect)
        tree = self._repository.open(path, effect)
        return integration.begin(self._repository, tree, tree.git.commit_of(ours), tree.git.commit_of(theirs))

    def finish_integration(self, path: Path, subject: str, *, effect: str) -> Committed | Conflicted:
        """Commit the resolved merge, with two parents; Conflicted while markers or unmerged paths are left."""
        return integration.finish(self._repository, path, subject, effect=effect)

    # Known states

    def checkpoint(
        self,
        path: Path,
        *,
        number: int,
        subject: str,
        documents: Sequence[str],
        effect: str,
        trailers: Mapping[str, str] | None = None,
    ) -> Committed:
        """Commit only `documents` on top of the branch, kept as refs/conductor/<task>/checkpoint/<number>.

        Any other uncommitted work in the worktree is rescued, named in the result, and removed.
        """
        return checkpoint.checkpoint(
            self._repository,
            path,
            number=number,
            subject=subject,
            documents=documents,
            effect=effect,
            trailers=trailers or {},
        )

    def rescue(self, name: str, *, commit: str | None = None, path: Path | None = None) -> str | None:
        """A ref refs/conductor/rescue/<task>/<name> for a commit, or for what a worktree has beyond its branch.

        None if nothing is unsaved. Further states under the same name get `-2`, `-3`, …; none is overwritten.
        """
        if path is not None:
            return rescue.keep_directory(self._repository, self._repository.open(path), name)
        git = self._repository.git()
        return None if commit is None else rescue.keep(self._repository, git, name, git.commit_of(commit))

    def rollback(self, path: Path, branch: Branch, commit: str, *, name: str) -> RolledBack:
        """Reset branch and worktree to `commit`; undone work is rescued under `name`, unique to this rollback."""
        self.prepare(branch, commit, path, effect=name)
        return checkpoint.rollback(self._repository, self._repository.open(path, name), commit, name=name)

    def restore_rescue(self, path: Path, branch: Branch, ref: str, *, effect: str) -> Committed:
        """Move branch and worktree to a rescued commit; what the branch has beyond it is rescued in turn."""
        self.prepare(branch, ref, path, effect=effect)
        return checkpoint.restore(self._repository, self._repository.open(path, effect), ref, effect=effect)

    def deliver(self, commit: str, into: str) -> Commit:
        """Merge a commit into the user's branch `into`, or fast-forward it; returns the branch's new commit.

        If the branch is checked out, the files are updated; refused if a local change or untracked file would be lost.
        """
        return delivery.deliver(self._repository, commit, into)

    # Reading

    def set_aside(self, effect: str = preparation.CLEARING) -> tuple[SetAside, ...]:
        """What was moved out of the task's worktrees during `effect`, or, by default, when they were cleared."""
        return Aside(self._repository.root, effect).told()

    def holds(self, branch: str, commit: str) -> bool:
        """Whether a branch exists and has `commit` in its history."""
        git = self._repository.git()
        tip = git.resolve(refs.head(branch))
        return tip is not None and git.contains(tip, refs.object_id(commit))

    def is_at(self, branch: str, commit: str) -> bool:
        """Whether a branch exists and its tip is a commit."""
        return self._repository.git().resolve(refs.head(branch)) == refs.object_id(commit)

    def changed(self, since: str, commit: str) -> tuple[tuple[str, str], ...]:
        """(status letter, path) between two commits or trees: A, M, D or T; a rename is a D and an A."""
        return history.changed(self._repository.git(), refs.object_id(since), refs.object_id(commit))

    def added_lines(self, since: str, commit: str) -> Mapping[str, tuple[tuple[int, str], ...]]:
        """Path -> (line number from 1, text) of the lines in `commit` that `since` does not have; no binary files."""
        return history.added_lines(self._repository.git(), refs.object_id(since), refs.object_id(commit))

    def diff_paths(self, before: str, after: str) -> tuple[str, ...]:
        """Paths in which two trees or commits differ."""
        return history.diff_paths(self._repository.git(), refs.object_id(before), refs.object_id(after))

    def interfaces(self, since: str, commit: str) -> tuple[Interface, ...]:
        """The public names of source files that changed between two commits; a deleted file has none."""
        from conductor.workspace.interfaces import interfaces

        return interfaces(self._repository.git(), refs.object_id(since), refs.object_id(commit))

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file's content in a commit or tree; None if it does not exist there."""
        return history.read_file(self._repository.git(), commit, path)

    def tree_of(self, commit: str) -> Tree:
        """The tree of a commit."""
        return self._repository.git().tree_of(refs.object_id(commit))
