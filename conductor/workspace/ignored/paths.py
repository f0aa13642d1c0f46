"""Paths as git lists them: bytes, folders with a final slash. Which are in the way, and which fill a whole folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from conductor.workspace.git.client import Git


def ancestors(path: bytes) -> list[bytes]:
    """The folders that contain a path, from the top down, each with a final slash."""
    parts = path.rstrip(b"/").split(b"/")
    return [b"/".join(parts[:count]) + b"/" for count in range(1, len(parts))]


def ignored(git: Git) -> list[bytes]:
    """What git ignores in the working directory; a folder that is ignored as a whole represents its content."""
    options = ("--others", "--ignored", "--exclude-standard", "--directory")
    return git.run("ls-files", "-z", *options).split(b"\0")[:-1]


def untracked(git: Git) -> list[bytes]:
    """Files, and repositories as folders, that git neither tracks nor ignores."""
    return git.run("ls-files", "-z", "--others", "--exclude-standard").split(b"\0")[:-1]


def units(top: Path, paths: Sequence[bytes]) -> list[bytes]:
    """`paths`, with a folder in place of all its content, so that what belongs together is moved together."""
    wanted, whole = set(paths), set[bytes]()
    root = os.fsencode(top) + b"/"

    def goes(folder: bytes, entry: os.DirEntry[bytes]) -> bool:
        name = folder + entry.name
        if not entry.is_dir(follow_symlinks=False):
            return name in wanted
        return name + b"/" in wanted or name + b"/" in whole or not any(files for _, _, files in os.walk(root + name))

    folders = {folder for path in paths for folder in ancestors(path)}
    for folder in sorted(folders, key=lambda folder: folder.count(b"/"), reverse=True):
        with os.scandir(root + folder) as entries:
            if all(goes(folder, entry) for entry in entries):
                whole.add(folder)
    return list(dict.fromkeys(next((f for f in ancestors(path) if f in whole), path) for path in paths))


def folders_on_the_way(top: Path, paths: Sequence[bytes]) -> Iterator[Path]:
    """`top` and the folders below it on the way to `paths`, outer ones first; links are not followed."""
    yield top
    seen: dict[bytes, bool] = {}
    for path in paths:
        real = True
        for folder in ancestors(path):
            if folder not in seen:
                place = top / os.fsdecode(folder)
                seen[folder] = real and place.is_dir() and not place.is_symlink()
                if seen[folder]:
                    yield place
            real = seen[folder]


def in_the_way(git: Git, tree: str, added: Sequence[bytes]) -> Iterator[bytes]:
    """What is not in the index of `git`, differs, and is where a path that `tree` adds must go."""
    root = os.fsencode(git.work_tree) + b"/"
    tracked: set[bytes] | None = None
    found = set[bytes]()
    for path in added:
        for place in (*(folder.rstrip(b"/") for folder in ancestors(path)), path):
            try:
                mode = os.lstat(root + place).st_mode
            except (FileNotFoundError, NotADirectoryError):
                break
            if stat.S_ISDIR(mode) and place != path:
                continue
            tracked = set(git.run("ls-files", "-z").split(b"\0")) if tracked is None else tracked
            same = place == path and stat.S_ISREG(mode) and _same(git, tree, os.fsdecode(path))
            if not same and place not in tracked and place not in found:
                found.add(place)
                yield from _below(root, place, tracked) if stat.S_ISDIR(mode) else [place]
            break


def _same(git: Git, tree: str, path: str) -> bool:
    return git.blob(tree, path) == git.text("hash-object", "--no-filters", "--", str(git.work_tree / path))


def _below(root: bytes, folder: bytes, tracked: set[bytes]) -> Iterator[bytes]:
    """All content of a folder, except tracked files, which git itself removes."""
    inner = folder + b"/"
    if not any(path.startswith(inner) for path in tracked):
        yield inner
        return
    waiting = [inner]
    while waiting:
        at = waiting.pop()
        with os.scandir(root + at) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(at + entry.name + b"/")
                elif at + entry.name not in tracked:
                    yield at + entry.name
