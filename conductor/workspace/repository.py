"""A user's repository and one task in it: the places of its worktrees, and Conductor's refs.

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
                f"worktrees cannot be in the repository itself ({self.root})",
                hint="set CONDUCT_HOME to a state folder outside it",
            )

    def git(self) -> Git:
        """Git for objects and refs; its index is the user's and must not be used."""
        return Git(self.git_dir, self.common, self.top)

    def place(self, path: Path) -> Path:
        """`path`, made absolute, if a worktree of this task may be there; WorkspaceError otherwise."""
        full = path.parent.resolve() / path.name
        if not self._may_hold(full):
            raise WorkspaceError(
                f"a worktree of task {self.task} cannot be at {path}", allowed=f"a folder in {self.root}"
            )
        if full.is_symlink():
            raise WorkspaceError(f"the worktree {full} was replaced by a symbolic link", hint=f"remove the link {full}")
        return full

    def _may_hold(self, full: Path) -> bool:
        kept = (self.root / ASIDE, self.removed)
        return self.root in full.parents and not any(map(full.is_relative_to, kept))

    @property
    def removed(self) -> Path:
        """The folder for removed worktrees, until they are deleted."""
        return self.root / ".removed"

    def worktrees(self, operation: str = "") -> list[Worktree]:
        """All registered worktrees of the task, even without its folder. `operation` names what will be done there."""
        found = []
        for pointer in sorted(self.common.glob("worktrees/*/gitdir")):
            # Read from git's own folder: the `.git` file in the tree can be replaced by an agent.
            try:
                text = os.fsdecode(pointer.read_bytes()).rstrip("\n")
            except FileNotFoundError:  # just removed by another process
                continue
            full = Path(os.path.normpath(pointer.parent / text)).parent
            if self._may_hold(full):
                git = Git(pointer.parent, self.common, full, config=_WHOLE)
                found.append(Worktree(git, self.task, Aside(self.root, operation)))
        return found

    def find(self, path: Path, operation: str = "") -> Worktree | None:
        """The registered worktree at `path`, even if its folder is gone; None if git has none there."""
        full = self.place(path)
        full.parent.mkdir(parents=True, exist_ok=True)  # git runs in no worktree whose parent folder is gone
        return next((tree for tree in self.worktrees(operation) if tree.path == full), None)

    def open(self, path: Path, operation: str = "") -> Worktree:
        """The worktree at `path`, complete and ours, for `operation`; WorkspaceError otherwise."""
        tree = self.find(path, operation)
        if tree is None or not tree.path.is_dir() or tree.branch is None:
            raise WorkspaceError(f"there is no worktree of task {self.task} at {path}", hint="prepare it again")
        tree.unlock()
        return tree

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A lock across processes, for starting a task and for adding and removing worktrees, where git races."""
        lock = self.common / "conductor.lock"
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise WorkspaceError(f"{lock} cannot be opened: {error.strerror}", hint=f"check {lock}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def commit(
        self, git: Git, tree: str, parents: tuple[str, ...], subject: str, effect: str, trailers: Mapping[str, str] = {}
    ) -> Commit:
        """A commit object that names the task and effect that made it."""
        return history.write_commit(
            git, tree, parents, subject, {**trailers, history.TASK: self.task, history.EFFECT: effect}
        )
