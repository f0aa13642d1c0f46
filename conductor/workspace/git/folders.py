"""Deletes and moves folders even if they are read-only, as in package caches. Follows no link."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from pathlib import Path


def delete(folder: Path) -> None:
    """Delete a folder and everything in it, but not the targets of links. Raises OSError; may be tried again."""
    open_up(folder)
    for top, names, _ in os.walk(folder):
        for name in names:
            open_up(Path(top, name))
    shutil.rmtree(folder)


def move(source: Path, target: Path) -> None:
    """Move a file, link or folder to an unused path. It and the folder it leaves keep their modes.

    Raises OSError.
    """
    kept = [(path, path.lstat().st_mode) for path in (source, source.parent)]
    open_up(source.parent)
    open_up(source)  # changing a folder's parent writes the folder itself
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)  # the target is on another file system
    finally:
        for path, mode in (kept[1], (target, kept[0][1])):
            if stat.S_ISDIR(mode) and path.is_dir():
                path.chmod(stat.S_IMODE(mode))


def open_up(folder: Path) -> None:
    """Give the owner full access to a folder; anything else, or another user's folder, is left unchanged."""
    mode = folder.lstat().st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
        with contextlib.suppress(PermissionError):  # not ours; whether that matters will show later
            folder.chmod(stat.S_IMODE(mode) | stat.S_IRWXU)
