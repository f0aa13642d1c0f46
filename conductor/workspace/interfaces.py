"""What the source files that changed between two commits offer to others: read from git, within bounds, never run."""

from __future__ import annotations

from collections.abc import Iterator

from conductor.checks.languages.language import Offered
from conductor.checks.languages.registry import language_of
from conductor.checks.toolchains import is_test, is_vendored
from conductor.events import Interface
from conductor.text import one_line
from conductor.workspace.git.client import Git

NAMES, LINE = 80, 240  # declarations of a file; characters of one
TEXT = 200_000  # characters of all declarations
SOURCE, SOURCES = 300_000, 3_000_000  # bytes of a file, and of all, that are read
LONG = 20_000  # characters of a line; nobody wrote a longer one
_REGULAR = ("100644", "100755")


def interfaces(git: Git, since: str, commit: str) -> tuple[Interface, ...]:
    """Each source file that changed, by path, one that is gone with no names; tests and what others wrote are none."""
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
    """What reads a source file; None for tests, what others wrote, and what cannot be read."""
    language = language_of(path)
    return language.offered if language and not is_test(path) and not is_vendored(path) else None


def _interface(path: str, text: str, read: Offered) -> Interface:
    """Hostile text costs its own file only, not the merge or the checkpoint in which it is read."""
    if max(map(len, text.split("\n"))) > LONG:
        return Interface(path, unread=True)
    try:
        lines = list(read(text, path))
    except Exception:  # of a parser, whatever it is: also RecursionError, MemoryError
        return Interface(path, unread=True)
    shown = tuple("  " * line.startswith("  ") + one_line(line, LINE) for line in lines[:NAMES])
    return Interface(path, shown, max(0, len(lines) - NAMES))


def _changed(git: Git, since: str, commit: str) -> Iterator[tuple[str, str]]:
    """(path, its blob in `commit`): "" for what is no regular file there."""
    fields = git.paths("diff-tree", "-r", "--no-renames", "-z", "--raw", "--no-abbrev", since, commit)
    for told, path in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, blob, _ = told.split()
        yield path, blob if mode in _REGULAR else ""


def _texts(git: Git, blobs: list[str]) -> dict[str, str | None]:
    """Blob -> its text; None: too large, or one too many. What is no text is empty."""
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
    told = git.run("cat-file", "--batch-check=%(objectsize)", feed=_lines(blobs)) if blobs else b""
    return [int(size) for size in told.split()]


def _lines(blobs: list[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in blobs).encode()
