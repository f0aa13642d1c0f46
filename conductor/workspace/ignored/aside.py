"""Where an operation puts what it moves out of a worktree: outside all worktrees, under the operation's name.

The name makes it repeatable: run again after an interruption, the operation finds what it moved before.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from conductor.errors import WorkspaceError
from conductor.events import SetAside
from conductor.workspace.git import folders, refs

ASIDE = ".set-aside"
PATHS, LENGTH = 50, 300  # paths that are reported, and characters of one


class Aside:
    """`<root>/.set-aside/<operation>/<worktree>/<path>`. A second item of the same name goes under `<operation>~2`."""

    def __init__(self, root: Path, operation: str) -> None:
        self._root = root
        self._folder = root / ASIDE
        self._name = refs.slug(operation)  # which holds no `~`

    def take(self, top: Path, path: bytes = b"") -> Path:
        """Move `path` of the worktree at `top`, or the whole worktree, aside; returns its new path.

        Raises WorkspaceError if it cannot be moved.
        """
        source = top / os.fsdecode(path.rstrip(b"/")) if path else top
        try:
            target = next(filter(None, (self._place(number, top, source) for number in count(1))))
            folders.move(source, target)
        except OSError as error:
            raise WorkspaceError(
                f"{source} cannot be moved aside: {error.strerror}", hint="move or delete it by hand, then try again"
            ) from None
        with contextlib.suppress(OSError):  # stops at the first one that is not empty
            for folder in source.relative_to(top).parents:
                if folder.parts:
                    (top / folder).rmdir()
        return target

    def told(self) -> tuple[SetAside, ...]:
        """What this operation has moved so far, one value per worktree."""
        found: list[SetAside] = []
        for number in count(1):
            folder = self._numbered(number)
            if not folder.is_dir():
                return tuple(found)
            for place in sorted(folder.iterdir()):
                real = place.is_dir() and not place.is_symlink()
                paths = list(_units(place, self._root / place.name)) if real else [place.name]
                if paths:
                    shown = tuple(_shown(path) for path in paths[:PATHS])
                    found.append(SetAside(str(place if real else folder), shown, len(paths)))
        raise AssertionError("it counts without end")

    def _numbered(self, number: int) -> Path:
        return self._folder / (self._name if number == 1 else f"{self._name}~{number}")

    def _place(self, number: int, top: Path, source: Path) -> Path | None:
        """An unused path, its parents created; None if the name is taken, or a parent is not a folder."""
        place = self._numbered(number)
        for part in (label(self._root, top), *source.relative_to(top).parts):
            place.mkdir(parents=True, exist_ok=True)
            place /= part
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                return None
        return None if os.path.lexists(place) or not os.access(place.parent, os.W_OK) else place


def label(root: Path, top: Path) -> str:
    """The name of the worktree at `top` in refs and folders."""
    return refs.slug(str(top.relative_to(root)).replace("/", "-"))


def _units(place: Path, here: Path) -> Iterator[str]:
    """The paths moved to `place` from `here`: a folder represents its content, unless it still exists at `here`."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in sorted(os.scandir(place / folder), key=lambda entry: entry.name):
            path = folder + entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield path
            elif (here / path).is_dir() and not (here / path).is_symlink():
                waiting.append(f"{path}/")
            else:
                yield f"{path}/"


def _shown(path: str) -> str:
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"
