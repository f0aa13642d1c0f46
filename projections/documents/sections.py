"""Generated sections in files that people edit too: inserted between markers, never over a person's own text.

Pure. A section that no longer matches the digest in its marker was edited by hand and is left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

_MARKER = re.compile(r"<!-- conductor:(begin|end) (\S+?)(?: digest=([0-9a-f]{64}))? -->[ \t]*\r?\n?")
_ANY_MARKER = re.compile(r"<!-- conductor:(?:begin|end)\b")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Woven(msgspec.Struct, frozen=True):
    """A file with its section; or `edited` and no text if a person changed the section or broke its markers."""

    text: str | None
    edited: bool


class _Line(NamedTuple):
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def weave(existing: str | None, name: str, text: str) -> Woven:
    """`existing` (None: no file yet) with `text` as its section `name`; everything else stays as it is, byte for byte.

    A heading in the first line of `text` says below which heading of the file a new section belongs. It is outside the
    markers and is added if the file lacks it. Raises ValueError for a name or text that would break markers.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a section")
    heading, body = _apart(text)
    if any(_ANY_MARKER.match(line) for line in body.split("\n")):
        raise ValueError(f"the text of section {name!r} holds a marker")
    existing = existing or ""
    eol = "\r\n" if existing[existing.find("\n") - 1 : existing.find("\n")] == "\r" else "\n"
    marks = [(line, *mark) for line in _lines(existing) if (mark := _mark_of(line.text, name))]
    if not marks:
        return Woven(_inserted(existing, heading, _section(name, body, eol), eol), edited=False)
    if [kind for _, kind, _ in marks] != ["begin", "end"]:
        return Woven(None, edited=True)
    (begin, _, promised), (end, _, _) = marks
    held = existing[begin.end : end.start].replace("\r\n", "\n")
    if promised != digest(held):
        return Woven(None, edited=True)
    if held == body:
        return Woven(existing, edited=False)
    return Woven(existing[: begin.start] + _section(name, body, eol) + existing[end.end :], edited=False)


def sections(text: str) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of every generated section, intact or broken; one without an end extends to the text's end.

    Anything that only looks like a begin or end marker counts as the start of a section too.
    """
    begun: tuple[str, int] | None = None
    for line in _lines(text):
        if not _ANY_MARKER.match(line.text):
            continue
        mark = _MARKER.fullmatch(line.text)
        if begun is None:
            begun = (mark[2] if mark else "", line.start)
        if mark and mark[1] == "end" and mark[2] == begun[0]:
            yield begun[0], begun[1], line.end
            begun = None
    if begun is not None:
        yield begun[0], begun[1], len(text)


def digest(body: str) -> str:
    """The digest in a marker: SHA-256 of the text between the markers, with plain newlines."""
    return hashlib.sha256(body.encode("utf-8", "surrogateescape")).hexdigest()


def _apart(text: str) -> tuple[str, str]:
    """The heading in the first line ("" if there is none) and the rest, ending in one newline."""
    text = text.replace("\r\n", "\n").strip("\n")
    first, _, rest = text.partition("\n")
    heading, body = (first, rest.strip("\n")) if _HEADING.fullmatch(first) else ("", text)
    return heading, body + "\n"


def _section(name: str, body: str, eol: str) -> str:
    lines = f"<!-- conductor:begin {name} digest={digest(body)} -->\n{body}<!-- conductor:end {name} -->\n"
    return lines.replace("\n", eol)


def _mark_of(line: str, name: str) -> tuple[str, str] | None:
    """A line's kind (begin, end, broken) and digest if it is a marker of this section or looks like one; else None."""
    if mark := _MARKER.fullmatch(line):
        return (mark[1], mark[3] or "") if mark[2] == name else None
    return ("broken", "") if _ANY_MARKER.match(line) and name in line.split() else None


def _inserted(existing: str, heading: str, section: str, eol: str) -> str:
    """The section below its heading, or at the end under a new one, with a blank line on each side."""
    place = _end_below(existing, heading) if heading else None
    if place is None:
        place = len(existing)
        section = f"{heading}{eol}{eol}{section}" if heading else section
    before, after = existing[:place], existing[place:]
    lines = before.removeprefix("\ufeff").replace("\r\n", "\n")
    blank = eol * (2 - len(lines) + len(lines.rstrip("\n"))) if lines else ""
    return before + blank + section + (eol + after if after else "")


def _end_below(existing: str, heading: str) -> int | None:
    """The position where the part below `heading` ends: before the next heading of the same or a higher level."""
    wanted = _HEADING.fullmatch(heading)
    level = 0
    assert wanted is not None
    for line in _outside_fences(existing):
        found = _HEADING.fullmatch(line.text.rstrip("\r\n"))
        if not found:
            continue
        if level and len(found[1]) <= level:
            return line.start
        if not level and found.groups() == wanted.groups():
            level = len(found[1])
    return len(existing) if level else None


def _outside_fences(text: str) -> Iterator[_Line]:
    fence = ""
    for line in _lines(text):
        if mark := _FENCE.match(line.text):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
        elif not fence:
            yield line


def _lines(text: str) -> Iterator[_Line]:
    """Lines with their line ends. Only a newline ends one, unlike with `str.splitlines`."""
    start = int(text.startswith("\ufeff"))
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield _Line(start, text[start:end])
        start = end
