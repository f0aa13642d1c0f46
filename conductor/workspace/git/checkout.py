"""Finds a folder's repository by searching upwards for `.git`. Does not start git, and writes nothing.

Git's own search would follow GIT_DIR, which is set when Conductor runs inside a hook.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

Identity = tuple[int, int] | str  # device and inode of a git folder; the path of one that is gone


class Checkout(msgspec.Struct, frozen=True):
    """A repository as seen from one folder. `common` is the git folder that all its worktrees share.

    `bare`: there is no working tree; `top` is the git folder itself.
    """

    top: Path
    git_dir: Path
    common: Path
    bare: bool = False

    @property
    def identity(self) -> Identity:
        """Equal for all checkouts of one repository, by any path, and different for two repositories."""
        try:
            known = self.common.stat()
        except OSError:
            return str(self.common)
        return known.st_dev, known.st_ino


def around(path: Path) -> Checkout | None:
    """The repository of the nearest folder from `path` upwards that has one, even a broken one; None if there is none.

    `path` is absolute and without symbolic links. Raises OSError if a folder may not be read.
    """
    for folder in (path, *path.parents):
        dot = folder / ".git"
        if dot.is_file():  # of a worktree or a submodule: it names the git folder
            git_dir = _beside(folder, _read(dot).removeprefix("gitdir:"))
            return Checkout(folder, git_dir, _common(git_dir))
        if (dot / "HEAD").exists():
            return Checkout(folder, dot, _common(dot))
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir():
            return Checkout(folder, folder, folder, bare=True)
    return None


def _common(git_dir: Path) -> Path:
    shared = git_dir / "commondir"
    return _beside(git_dir, _read(shared)) if shared.is_file() else git_dir


def _beside(folder: Path, named: str) -> Path:
    return Path(os.path.normpath(folder / named.strip()))


def _read(file: Path) -> str:
    return file.read_text(errors="surrogateescape")
