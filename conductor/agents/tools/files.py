"""The file tools: view, create, replace, insert. Text only, inside the worktree only, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import uuid
from pathlib import Path

from conductor.agents.tools.paths import ToolError, confined, kind_of, open_regular
from conductor.text import clean

MAX_FILE = 2_000_000  # bytes of a file that is read or written
MAX_LINE = 2_000  # characters shown of a line
MAX_SHOWN = 30_000  # characters of one answer
MAX_ENTRIES = 500  # of a folder's listing


class Files:
    """The files of one worktree that an agent may read and change. Every method may raise ToolError or OSError."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def view(self, path: str, first: int | None = None, last: int | None = None) -> str:
        """A file's lines with their numbers (1-based, both ends included), or a folder's entries."""
        place = confined(self._root, path)
        if place.is_dir():
            return _listing(place)
        lines = [line.rstrip("\r\n") for line in _lines(_read(place, path))]
        begin = max(first or 1, 1)
        end = len(lines) if last is None else min(last, len(lines))
        if not lines:
            return "(an empty file)"
        if begin > end:
            raise ToolError(f"{path}: no lines {begin} to {end if last is None else last}; the file has {len(lines)}")
        shown: list[str] = []
        room = MAX_SHOWN
        for number in range(begin, end + 1):
            line = lines[number - 1]
            row = f"{number:6}\t{line}" if len(line) <= MAX_LINE else f"{number:6}\t{line[:MAX_LINE]} [line cut]"
            room -= len(row) + 1
            if room < 0:
                shown.append(f"[cut here; the file has {len(lines)} lines; continue with first={number}]")
                break
            shown.append(row)
        return "\n".join(shown)

    def create(self, path: str, text: str) -> str:
        """Write a whole file, replacing an existing one; missing folders are created."""
        place = confined(self._root, path)
        new = not place.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, path, text)
        return f"{'created' if new else 'overwrote'} {path}: {len(_lines(text))} lines"

    def replace(self, path: str, old: str, new: str) -> str:
        """Replace the only occurrence of `old`."""
        place = confined(self._root, path)
        if not old:
            raise ToolError("`old` is empty; to add text use insert, to write a whole file use create")
        text = _read(place, path)
        old, new = _ends_like(text, old), _ends_like(text, new)
        found = text.count(old)
        if found != 1:
            more = "; include more of the surrounding text" if found else "; view the file and copy the text exactly"
            raise ToolError(f"{path}: `old` occurs {found} times, but must occur exactly once{more}")
        _write(place, path, text.replace(old, new))
        return f"changed {path} at line {text[: text.index(old)].count(chr(10)) + 1}"

    def insert(self, path: str, line: int, text: str) -> str:
        """Insert lines after line `line`; 0 inserts at the start."""
        place = confined(self._root, path)
        whole = _read(place, path)
        lines = _lines(whole)
        if not 0 <= line <= len(lines):
            raise ToolError(f"{path}: no line {line}; the file has {len(lines)}")
        end = "\r\n" if "\r\n" in whole else "\n"
        added = _ends_like(whole, text)
        if line and not lines[line - 1].endswith("\n"):
            lines[line - 1] += end
        if not added.endswith("\n"):
            added += end
        _write(place, path, "".join((*lines[:line], added, *lines[line:])))
        return f"inserted {len(_lines(added))} lines into {path} after line {line}"


def _listing(folder: Path) -> str:
    rows = []
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name == ".git":
            continue
        mode = entry.stat(follow_symlinks=False).st_mode
        mark = "/" if stat.S_ISDIR(mode) else "" if stat.S_ISREG(mode) else f" ({kind_of(mode)})"
        rows.append(clean(os.fsencode(entry.name).decode("utf-8", "replace")) + mark)
    if len(rows) > MAX_ENTRIES:
        rows[MAX_ENTRIES:] = [f"[and {len(rows) - MAX_ENTRIES} more]"]
    return "\n".join(rows) or "(an empty folder)"


def _read(place: Path, path: str) -> str:
    """A text file's content, with its line ends."""
    with os.fdopen(open_regular(place, path), "rb") as file:
        data = file.read(MAX_FILE + 1)
        size = os.fstat(file.fileno()).st_size
    if len(data) > MAX_FILE:
        raise ToolError(f"{path}: {size} bytes; files over {MAX_FILE} bytes are refused; use bash (head, grep)")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ToolError(f"{path}: a binary file of {size} bytes, not shown")
    return text


def _write(place: Path, path: str, text: str) -> None:
    """Replace the file atomically. It is a new file every time: other hard links to the old one keep their content."""
    data = text.encode("utf-8")
    if len(data) > MAX_FILE:
        raise ToolError(f"{path}: {len(data)} bytes of text; at most {MAX_FILE} are allowed")
    mode: int | None = None
    with contextlib.suppress(FileNotFoundError):
        there = os.lstat(place).st_mode
        if not stat.S_ISREG(there):
            raise ToolError(f"{path}: {kind_of(there)}, not a file")
        mode = stat.S_IMODE(there) & 0o777
    draft = place.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as file:
            file.write(data)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def _lines(text: str) -> list[str]:
    """Lines with their ends. Not `splitlines`, which unlike editors also splits at form feeds and the like."""
    return [line for line in re.split("(?<=\n)", text) if line]


def _ends_like(text: str, part: str) -> str:
    """`part` with the line ends that `text` has."""
    return part.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else part
