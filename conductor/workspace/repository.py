"""One user's repository and one task in it: where its worktrees are, and the refs that are Conductor's.

Never touches the user's working tree or index.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.ids import Commit
from conductor.workspace.facts import locate
from conductor.workspace.git import history, refs
from conductor.workspace.git.client import Git
from conductor.workspace.ignored.aside import ASIDE, Aside
from conductor.workspace.worktree import Worktree

_WHOLE = {"core.sparseCheckout": "false"}  # worktrees of agents are never sparse: a missing file is a deleted one


class Repository:
    """`root` is the folder, outside the repository, under which every worktree of `task` lives."""

    def __init__(self, repository: Path, task: str, root: Path) -> None:
        here = locate(repository)
        self.task = refs.task_name(task)
        self.top, self.git_dir, self.common = here.work_tree, here.git_dir, here.common
        self.root = root.resolve()
        if self.root.is_relative_to(self.top):
            raise WorkspaceError(
                f"worktrees cannot live in the repository itself ({self.root})",
                hint="choose a state folder outside of it: CONDUCT_HOME",
            )

    def git(self) -> Git:
        """Git for objects and refs; its index is the user's and not to be used."""
        return Git(self.git_dir, self.common, self.top)

    def place(self, path: Path) -> Path:
        """`path`, made absolute, if a worktree of this task may stand there."""
        full = path.parent.resolve() / path.name
        if not self._may_hold(full):
            raise WorkspaceError(
                f"{path} is no place for a worktree of task {self.task}", allowed=f"a folder in {self.root}"
            )
        if full.is_symlink():
            raise WorkspaceError(f"the worktree {full} was replaced by a symbolic link", hint=f"remove the link {full}")
        return full

    def _may_hold(self, full: Path) -> bool:
        kept = (self.root / ASIDE, self.removed)
        return self.root in full.parents and not any(map(full.is_relative_to, kept))

    @property
    def removed(self) -> Path:
        """The folders of worktrees that are no more, until they are deleted."""
        return self.root / ".removed"

    def worktrees(self, operation: str = "") -> list[Worktree]:
        """All registered worktrees of the task, standing or not. `operation` names what is about to be done there."""
        found = []
        for pointer in sorted(self.common.glob("worktrees/*/gitdir")):
            # Read from the administrative side: the `.git` file in the tree is an agent's to replace.
            try:
                text = os.fsdecode(pointer.read_bytes()).rstrip("\n")
            except FileNotFoundError:  # another one, just removed
                continue
            full = Path(os.path.normpath(pointer.parent / text)).parent
            if self._may_hold(full):
                git = Git(pointer.parent, self.common, full, config=_WHOLE)
                found.append(Worktree(git, self.task, Aside(self.root, operation)))
        return found

    def find(self, path: Path, operation: str = "") -> Worktree | None:
        """The registered worktree at `path`, standing or not; None if git knows of none there."""
        full = self.place(path)
        full.parent.mkdir(parents=True, exist_ok=True)  # git runs in no worktree whose parent folder is gone
        return next((tree for tree in self.worktrees(operation) if tree.path == full), None)

    def open(self, path: Path, operation: str = "") -> Worktree:
        """The worktree at `path`, whole and ours, for `operation`; WorkspaceError otherwise."""
        tree = self.find(path, operation)
        if tree is None or not tree.path.is_dir() or tree.branch is None:
            raise WorkspaceError(f"there is no worktree of task {self.task} at {path}", hint="prepare it again")
        tree.unlock()
        return tree

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One at a time over all processes: beginning a task, and adding and removing worktrees, where git races."""
        lock = self.common / "conductor.lock"
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise WorkspaceError(f"{lock} cannot be written: {error.strerror}", hint=f"look at {lock}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def commit(
        self, git: Git, tree: str, parents: tuple[str, ...], subject: str, effect: str, trailers: Mapping[str, str] = {}
    ) -> Commit:
        """A commit object that says which task and effect made it."""
        return history.write_commit(
            git, tree, parents, subject, {**trailers, history.TASK: self.task, history.EFFECT: effect}
        )
