"""Where in a worktree an agent's file tools may go.

It guards against mistakes, and text that talks an agent into them. Only a sandbox confines `bash`.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path, PurePosixPath


class ToolError(Exception):
    """Why a call cannot be done, in words for the agent: what is wrong and what to do instead."""


def confined(root: Path, path: str) -> Path:
    """The place that `path` names within `root`, with links resolved. It need not exist. Raises ToolError.

    `root` is resolved already: if it is a link now, it was replaced.
    """
    if not path or not path.isprintable():
        raise ToolError(f"{path!r} is not a path")
    pure = PurePosixPath(path)
    if pure.is_absolute():
        raise ToolError(f"{path}: absolute paths are refused; give it relative to the working directory")
    if ".." in pure.parts:
        raise ToolError(f"{path}: `..` is refused; give it relative to the working directory")
    stands(root)
    place = Path(os.path.realpath(root / pure))
    if not place.is_relative_to(root):
        raise ToolError(f"{path}: leads out of the working directory through a link")
    # Both the given path and where it leads.
    if any(_is_git(part) for part in (*pure.parts, *place.relative_to(root).parts)):
        raise ToolError(f"{path}: .git is not yours to read or write; use git's commands")
    return place


def stands(root: Path) -> None:
    """Raise ToolError unless the folder `root` is still there, and not a link to elsewhere."""
    if os.path.realpath(root) != str(root) or not root.is_dir():
        raise ToolError("the working directory is gone: it was removed or replaced")


def _is_git(part: str) -> bool:
    """`.git` as any file system may understand it: case and invisible characters ignored, or its short name."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", part) if unicodedata.category(c) != "Cf")
    return seen.casefold().rstrip(". ") in (".git", "git~1")


def open_regular(place: Path, path: str) -> int:
    """Open a regular file for reading; the caller closes the file descriptor. Raises ToolError, OSError.

    It is opened without blocking, then checked: a FIFO must not hang us, and nothing can change in between.
    """
    if stat.S_ISSOCK(os.lstat(place).st_mode):  # a socket cannot be opened at all
        raise ToolError(f"{path}: a socket, not a file")
    file = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    mode = os.fstat(file).st_mode
    if stat.S_ISREG(mode):
        return file
    os.close(file)
    raise ToolError(f"{path}: {kind_of(mode)}, not a file")


def kind_of(mode: int) -> str:
    """In words, what something that is not a regular file is."""
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISLNK, "a link"),
    )
    return next((name for test, name in kinds if test(mode)), "a device")
