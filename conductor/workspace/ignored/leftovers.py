"""The ignored files of one worktree: noted while they are, and moved aside once they would become part of a commit."""

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
    """`left`: untracked files that were ignored and are no more, by no work of an agent: only their rule went."""

    def __init__(self, path: Path, git_dir: Path, aside: Aside) -> None:
        self.left: list[bytes] = []
        self.moved: list[str] = []  # where this operation put what it moved aside
        self._path = path
        self._aside = aside
        self._settled = IgnoredSnapshot(git_dir / "conductor-ignored")  # noted when Conductor last put a commit here
        self._leaving = IgnoredSnapshot(git_dir / "conductor-leaving")  # noted while one tree gives way to another

    def move(self, path: bytes) -> None:
        """Nothing is deleted: what must not stay is moved aside."""
        self.moved.append(str(self._aside.take(self._path, path)))

    def look(self, untracked: Sequence[bytes]) -> None:
        self.left = self._unwritten(untracked)

    def slipped_in(self, index: Git, since: str, content: str) -> bool:
        """Whether an agent added some to git, with its own work: to `content`, the tree of `index`; they are out now.

        What was added by force, although it is ignored, is meant.
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
        """Move aside what is left; `index` holds the rest of the working directory. What has rules in it has more."""
        while self.left:
            self._move_all(self.left)
            self.look(untracked(index))

    def settle(self, git: Git) -> None:
        """All that the index of `git`, the real one, has not is ignored now."""
        self._settled.note(ignored(git))

    def _move_all(self, paths: Sequence[bytes]) -> None:
        for path in units(self._path, paths):
            self.move(path)

    def _unwritten(self, paths: Sequence[bytes]) -> list[bytes]:
        known = (self._settled, self._leaving)
        return list(dict.fromkeys(path for one in known for path in one.among(self._path, paths)))


def _drop(index: Git, paths: Sequence[bytes]) -> None:
    """Out of the index, and not out of the working directory."""
    if paths:
        index.run("update-index", "-z", "--force-remove", "--stdin", feed=b"".join(path + b"\0" for path in paths))
