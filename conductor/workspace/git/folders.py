"""Folders that may be read-only, as package caches have them: deleted or moved all the same. Follows no link."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from pathlib import Path


def delete(folder: Path) -> None:
    """Delete a folder with all that is in it, links and not what they lead to. Raises OSError; try again after it."""
    open_up(folder)
    for top, names, _ in os.walk(folder):
        for name in names:
            open_up(Path(top, name))
    shutil.rmtree(folder)


def move(source: Path, target: Path) -> None:
    """Move a file, link or folder to a place where nothing is. It and the folder that it leaves keep their modes.

    Raises OSError.
    """
    kept = [(path, path.lstat().st_mode) for path in (source, source.parent)]
    open_up(source.parent)
    open_up(source)  # a folder that gets another parent is itself written
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)  # another file system begins here
    finally:
        for path, mode in (kept[1], (target, kept[0][1])):
            if stat.S_ISDIR(mode) and path.is_dir():
                path.chmod(stat.S_IMODE(mode))


def open_up(folder: Path) -> None:
    """Let its owner look into a folder and change what it holds; what is no folder, or another's, stays as it is."""
    mode = folder.lstat().st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
        with contextlib.suppress(PermissionError):  # not ours: whether that matters shows later
            folder.chmod(stat.S_IMODE(mode) | stat.S_IRWXU)
