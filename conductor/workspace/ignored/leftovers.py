"""The ignored files of one worktree: noted while ignored, and moved aside before they become part of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conductor.workspace.git import folders, history
from conductor.workspace.git.client import Git
from conductor.workspace.ignored.aside import Aside
from conductor.workspace.ignored.known import IgnoredSnapshot
from conductor.workspace.ignored.paths import folders_on_the_way, ignored, in_the_way, units, untracked
from conductor.workspace.ignored.rules import ignored_by, ignored_now, is_rules


class Leftovers:
    """`left`: untracked files that were ignored and no longer are, only because their rule was removed."""

    def __init__(self, path: Path, git_dir: Path, aside: Aside) -> None:
        self.left: list[bytes] = []
        self.moved: list[str] = []  # where this operation put what it moved aside
        self._path = path
        self._aside = aside
        self._settled = IgnoredSnapshot(git_dir / "conductor-ignored")  # recorded when Conductor last put a commit here
        self._leaving = IgnoredSnapshot(git_dir / "conductor-leaving")  # recorded while switching trees

    def move(self, path: bytes) -> None:
        """Move aside what must not stay; nothing is deleted."""
        self.moved.append(str(self._aside.take(self._path, path)))

    def look(self, untracked: Sequence[bytes]) -> None:
        self.left = self._unwritten(untracked)

    def slipped_in(self, index: Git, since: str, content: str) -> bool:
        """Whether an agent added such files to git with its own work, in `content`, the tree of `index`; removes them.

        Files added by force although they are ignored are intended, and stay.
        """
        added = self._unwritten(history.differing(index, since, content).get("A", []))
        forced = set(ignored_now(index, added))
        slipped = [path for path in added if path not in forced]
        _drop(index, slipped)
        self.left += slipped
        return bool(slipped)

    def switch(self, index: Git, tree: str, *, spare: bool) -> None:
        """See Worktree.become."""
        content = index.text("write-tree")
        if content == index.tree_of(tree) and not self.left:
            return
        self._leaving.note([*ignored(index), *self.left])
        differing = history.differing(index, content, tree)
        changed = [path for paths in differing.values() for path in paths]
        if spare and any(map(is_rules, changed)):
            _drop(index, ignored_by(index, tree, differing.get("D", [])))
        for path in in_the_way(index, tree, differing.get("A", [])):
            self.move(path)
        for folder in folders_on_the_way(self._path, changed):
            folders.open_up(folder)
        index.run("read-tree", "--reset", "-u", tree)
        while found := untracked(index):
            self._move_all(found)
        self._leaving.forget()
        self.left = []

    def clear(self, index: Git) -> None:
        """Move aside what is left, repeatedly, as it may include rules; `index` holds the rest of the directory."""
        while self.left:
            self._move_all(self.left)
            self.look(untracked(index))

    def settle(self, git: Git) -> None:
        """Record what is ignored now; the index of `git` is the real one."""
        self._settled.note(ignored(git))

    def _move_all(self, paths: Sequence[bytes]) -> None:
        for path in units(self._path, paths):
            self.move(path)

    def _unwritten(self, paths: Sequence[bytes]) -> list[bytes]:
        known = (self._settled, self._leaving)
        return list(dict.fromkeys(path for one in known for path in one.among(self._path, paths)))


def _drop(index: Git, paths: Sequence[bytes]) -> None:
    """Remove from the index, but not from the working directory."""
    if paths:
        index.run("update-index", "-z", "--force-remove", "--stdin", feed=b"".join(path + b"\0" for path in paths))
