"""Which paths are ignored by the rules of a tree, and by those of a working directory. Changes nothing there."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from conductor.workspace.git.client import Git

FILE = b".gitignore"


def is_rules(path: bytes) -> bool:
    return path.rpartition(b"/")[2] == FILE


def ignored_now(git: Git, paths: Sequence[bytes]) -> list[bytes]:
    """Those of `paths` that are ignored in the working directory, or would be if they were not tracked."""
    if not paths:
        return []
    feed = b"\0".join(paths) + b"\0"
    out = git.outcome("check-ignore", "--no-index", "-z", "--stdin", feed=feed, ok=(0, 1))[1]
    return out.split(b"\0")[:-1]


def ignored_by(git: Git, tree: str, paths: Sequence[bytes]) -> list[bytes]:
    """Those of `paths` that would be ignored in a working directory with only `tree`."""
    with tempfile.TemporaryDirectory(prefix="conductor-", dir=git.git_dir) as folder:
        place = Path(folder, "tree")
        place.mkdir()
        other = Git(git.git_dir, git.common, place, index=Path(folder, "index"), config=git.config)
        other.run("read-tree", tree)
        rules = [path for path in other.run("ls-files", "-z").split(b"\0")[:-1] if is_rules(path)]
        other.run("checkout-index", "-z", "--stdin", feed=b"".join(path + b"\0" for path in rules))
        return ignored_now(other, paths)
