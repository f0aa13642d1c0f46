"""Applies approved amendments to a specification's text where it contains, word for word, what they replace. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor.events import Amendment
from projections.documents.notes import named
from projections.documents.sections import sections

_BLANK = "\0"


def amend(text: str, section: str, amendments: Iterable[Amendment]) -> str:
    """`text` with each amendment's `old` replaced by its `new`; everything else stays as it is, byte for byte.

    Only if `old` occurs exactly once, as whole words, outside generated sections, and the result adds no section. An
    amendment named in the text's own `section` of notes was applied when that was written, and what a person has
    changed since is kept.
    """
    known = {id for name, start, end in sections(text) if name == section for id in named(text[start:end])}
    for amendment in amendments:
        if amendment.id not in known:
            text = _replaced(text, amendment.old, amendment.new)
    return text


def unamended(text: str, amendments: Iterable[Amendment]) -> str:
    """`text` with each amendment's `new` turned back into its `old`, where that is unambiguous."""
    for amendment in reversed(tuple(amendments)):
        text = _replaced(text, amendment.new, amendment.old)
    return text


def _replaced(text: str, old: str, new: str) -> str:
    if "\r\n" in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    kept, done = [], 0
    for _, start, end in sections(text):
        kept += [text[done:start], _BLANK * (end - start)]
        done = end
    free = "".join((*kept, text[done:]))
    if old in new:  # where it is already replaced, `old` occurs within `new`
        free = free.replace(new, _BLANK * len(new))
    places = _places(free, old)
    at = next(places, None)
    if at is None or next(places, None) is not None:
        return text
    made = text[:at] + new + text[at + len(old) :]
    return made if _generated(made) == _generated(text) else text


def _generated(text: str) -> list[str]:
    return [text[start:end] for _, start, end in sections(text)]


def _places(text: str, part: str) -> Iterator[int]:
    """The positions at which `part` occurs as whole words."""
    at = text.find(part)
    while at >= 0:
        if not _within_word(text, at) and not _within_word(text, at + len(part)):
            yield at
        at = text.find(part, at + 1)


def _within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _word(text[at - 1]) and _word(text[at])


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"
