"""A look at PATH: the folders that programs can be found in, and the entries that are left out, each with why.

It changes nothing, and no entry, whatever it is, makes it fail.
"""

# ruff: noqa: PTH112, PTH114, PTH116, PTH117 (what Path asks raises where a folder may not be searched; this says no)

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

_REASONS = {errno.EACCES: "may not be read", errno.EPERM: "may not be read", errno.ELOOP: "is a loop of links"}


class Search(msgspec.Struct, frozen=True):
    """`folders` in PATH's order; `left_out` are entries as PATH has them, each with why: "may not be read"."""

    folders: tuple[Path, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """The folders, as PATH would have them."""
        return os.pathsep.join(map(str, self.folders))


def search(environ: Mapping[str, str]) -> Search:
    """The system's own folders where there is no PATH."""
    folders: dict[Path, None] = {}
    left_out: dict[str, str] = {}
    for entry in environ.get("PATH", os.defpath).split(os.pathsep):
        reason = _unusable(entry)
        if reason:
            left_out[entry] = reason
        else:
            folders[Path(entry)] = None
    return Search(tuple(folders), tuple(left_out.items()))


def readable(path: Path) -> bool:
    """Whether something is there, links followed, that this user may read: a folder's files, or a file."""
    return os.access(path, os.X_OK if os.path.isdir(path) else os.R_OK)


def _unusable(entry: str) -> str:
    """Why nothing is looked for there; "": it can be. Relative ones would mean another folder for each command."""
    if not entry:
        return "is empty"
    if not os.path.isabs(entry):
        return "is relative"
    try:
        os.stat(entry)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number == errno.ENOENT:
            return "is a link that leads nowhere" if os.path.islink(entry) else "is not there"
        return _REASONS.get(number or 0) or f"cannot be read: {os.strerror(number) if number else error}"
    if not os.path.isdir(entry):
        return "is no folder"
    return "" if os.access(entry, os.X_OK) else "may not be read"
