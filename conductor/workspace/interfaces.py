"""The public names of source files that changed between two commits: read from git, within bounds, never run."""

from __future__ import annotations

from collections.abc import Iterator

from conductor.checks.languages.language import Offered
from conductor.checks.languages.registry import language_of
from conductor.checks.toolchains import is_test, is_vendored
from conductor.events import Interface
from conductor.text import one_line
from conductor.workspace.git.client import Git

NAMES, LINE = 80, 240  # declarations per file; characters of one
TEXT = 200_000  # characters of all declarations
SOURCE, SOURCES = 300_000, 3_000_000  # bytes read of one file, and of all
LONG = 20_000  # characters of a line; a longer one was not written by hand
_REGULAR = ("100644", "100755")


def interfaces(git: Git, since: str, commit: str) -> tuple[Interface, ...]:
    """Each changed source file, by path; a deleted one has no names. Tests and vendored files are omitted."""
    there = {path: (blob, read) for path, blob in _changed(git, since, commit) if (read := _reader(path))}
    texts = _texts(git, [blob for blob, _ in there.values() if blob])
    found, left = [], TEXT
    for path, (blob, read) in sorted(there.items()):
        text = texts.get(blob, "") if blob else ""
        interface = Interface(path, unread=True) if text is None else _interface(path, text, read)
        left -= sum(map(len, interface.names))
        found.append(interface if left >= 0 or not interface.names else Interface(path, unread=True))
    return tuple(found)


def _reader(path: str) -> Offered | None:
    """The reader for a source file; None for tests, vendored files, and unknown languages."""
    language = language_of(path)
    return language.offered if language and not is_test(path) and not is_vendored(path) else None


def _interface(path: str, text: str, read: Offered) -> Interface:
    """A file's interface. Hostile text makes only its own file unreadable, and not fail the merge or checkpoint."""
    if max(map(len, text.split("\n"))) > LONG:
        return Interface(path, unread=True)
    try:
        lines = list(read(text, path))
    except Exception:  # anything a parser raises, including RecursionError and MemoryError
        return Interface(path, unread=True)
    shown = tuple("  " * line.startswith("  ") + one_line(line, LINE) for line in lines[:NAMES])
    return Interface(path, shown, max(0, len(lines) - NAMES))


def _changed(git: Git, since: str, commit: str) -> Iterator[tuple[str, str]]:
    """(path, its blob in `commit`), "" if it is not a regular file there."""
    fields = git.paths("diff-tree", "-r", "--no-renames", "-z", "--raw", "--no-abbrev", since, commit)
    for facts, path in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, blob, _ = facts.split()
        yield path, blob if mode in _REGULAR else ""


def _texts(git: Git, blobs: list[str]) -> dict[str, str | None]:
    """Blob -> its text; None if it is too large, or the total is. Binary files are empty."""
    wanted, left = [], SOURCES
    texts: dict[str, str | None] = {}
    for blob, size in zip(blobs, _sizes(git, blobs), strict=True):
        if size > SOURCE or size > left:
            texts[blob] = None
        else:
            wanted.append(blob)
            left -= size
    out, at = git.run("cat-file", "--batch", feed=_lines(wanted)) if wanted else b"", 0
    for blob in wanted:
        head = out.index(b"\n", at)
        start, size = head + 1, int(out[at:head].split()[2])
        at = start + size + 1
        data = out[start : start + size]
        texts[blob] = "" if b"\0" in data else data.decode("utf-8-sig", "replace")
    return texts


def _sizes(git: Git, blobs: list[str]) -> list[int]:
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", feed=_lines(blobs)) if blobs else b""
    return [int(size) for size in sizes.split()]


def _lines(blobs: list[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in blobs).encode()
