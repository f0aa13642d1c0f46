"""What a Go or Rust file offers to others, by the lines that declare it; and where the head of a declaration ends.

It does not parse: what it cannot tell, such as the names in a group of Go's, it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from conductor.checks.comments import split

HEAD = 600  # characters of a declaration in which the end of its head is looked for
STOPS = ("{", ";", "=", "\n")

# Arrows are no brackets, nor are Go's empty types.
_TOKEN = re.compile(r"=>|->|<-|\b(?:interface|struct)\s*\{\s*\}|[()\[\]{}<>;=\n]")
_GO = re.compile(r"^(?:func\s*(?:\([^()\n]*\)\s*)?|type\s+|var\s+|const\s+)[A-Z]\w*", re.MULTILINE)
_ITEM = re.compile(r"^(?P<indent>[ \t]*)(?P<item>[a-z][^\n]*)", re.MULTILINE)
_PUBLIC = re.compile(
    r"pub(?:\([^()]*\))?\s+(?:(?:async|const|unsafe|extern)\s+)*(?:fn|struct|enum|union|trait|type|mod|const|static)\b"
)


def end_of(code: str, start: int, stops: Container[str] = STOPS) -> int:
    """Where the first of `stops` stands outside of brackets, or what is looked at ends."""
    depth, last = 0, min(len(code), start + HEAD)
    for match in _TOKEN.finditer(code, start, last):
        token = match[0]
        if depth == 0 and token in stops:
            return match.start()
        if token in "([{<":
            depth += 1
        elif token in ")]}>":
            depth = max(0, depth - 1)
    return last


def go(text: str, path: str) -> Iterator[str]:
    """Exported functions, methods and types, and variables and constants that stand alone, in their order."""
    parts = split(text, path)
    code = parts.code if parts else ""
    for match in _GO.finditer(code):
        yield text[match.start() : end_of(code, match.start())]


def rust(text: str, path: str) -> Iterator[str]:
    """Items with `pub`, in their order; those within an `impl` or a `pub` item indented below it."""
    parts = split(text, path)
    code = parts.code if parts else ""
    above = ""  # what an indented item may belong to, until it is told
    within = False
    for match in _ITEM.finditer(code):
        start, public = match.start("item"), _PUBLIC.match(match["item"]) is not None
        head = text[start : end_of(code, start)]
        if match["indent"]:
            if public and within:
                yield from (above, f"  {head}") if above else (f"  {head}",)
                above = ""
        elif public:
            yield head
            above, within = "", True
        elif not match["item"].startswith("where"):  # else it goes on
            above, within = head, match["item"].startswith("impl")
