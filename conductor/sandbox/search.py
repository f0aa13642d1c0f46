"""PATH: the folders in which programs can be found, and the entries that are omitted, with the reason.

It changes nothing, and no entry makes it fail.
"""

# ruff: noqa: PTH112, PTH114, PTH116, PTH117 (Path's methods raise for a folder that may not be searched)

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

_REASONS = {errno.EACCES: "may not be read", errno.EPERM: "may not be read", errno.ELOOP: "is a loop of links"}


class Search(msgspec.Struct, frozen=True):
    """`folders` in PATH's order; `left_out` are PATH's other entries, with the reason: "may not be read"."""

    folders: tuple[Path, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """The folders as a PATH."""
        return os.pathsep.join(map(str, self.folders))


def search(environ: Mapping[str, str]) -> Search:
    """Search `environ`'s PATH, or the system's default one."""
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
    """Whether this user may read `path`, links followed: a file, or what is in a folder."""
    return os.access(path, os.X_OK if os.path.isdir(path) else os.R_OK)


def _unusable(entry: str) -> str:
    """Why an entry cannot be used; "" if it can. A relative one would mean a different folder for each command."""
    if not entry:
        return "is empty"
    if not os.path.isabs(entry):
        return "is relative"
    try:
        os.stat(entry)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number == errno.ENOENT:
            return "is a dangling link" if os.path.islink(entry) else "does not exist"
        return _REASONS.get(number or 0) or f"cannot be read: {os.strerror(number) if number else error}"
    if not os.path.isdir(entry):
        return "is not a folder"
    return "" if os.access(entry, os.X_OK) else "may not be read"
