"""Puts approved amendments into a specification's text, where what they replace stands word for word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conductor.events import Amendment
from projections.notes import named

_SECTION = re.compile(r"^<!-- conductor:begin (\S+).*?^<!-- conductor:end \1 -->", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"^<!-- conductor:", re.MULTILINE)


def amend(text: str, amendments: Iterable[Amendment]) -> str:
    """`text` with each amendment's `old` replaced by its `new`; everything else stays as it is, byte for byte.

    Only where `old` stands exactly once, as whole words, outside of generated sections. An amendment that a section of
    notes in the text names was dealt with when that was written: what a person has changed since is theirs.
    """
    known = {id for section in _SECTION.finditer(text) for id in named(section[0].replace("\r\n", "\n"))}
    for amendment in amendments:
        if amendment.id not in known and not _MARKER.search(amendment.new):
            text = _replaced(text, amendment.old, amendment.new)
    return text


def _replaced(text: str, old: str, new: str) -> str:
    if "\r\n" in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    spans = [section.span() for section in _SECTION.finditer(text)]
    if old in new:  # where it is replaced already, `old` stands within `new`
        spans += [(at, at + len(new)) for at in _places(text, new)]
    free = [at for at in _places(text, old) if not any(start < at + len(old) and at < end for start, end in spans)]
    if len(free) != 1:
        return text
    return text[: free[0]] + new + text[free[0] + len(old) :]


def _places(text: str, part: str) -> Iterator[int]:
    """Where `part` stands as whole words."""
    at = text.find(part)
    while part and at >= 0:
        if not _within_word(text, at) and not _within_word(text, at + len(part)):
            yield at
        at = text.find(part, at + 1)


def _within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _word(text[at - 1]) and _word(text[at])


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"
