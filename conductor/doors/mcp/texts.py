"""Texts cut to what a model can take, each with a pointer to the rest."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.text import clean, one_line

LINE = 500  # characters of a line in a list
LINES = 50  # of a list
OUTPUT, OUTPUTS = 3_000, 20_000  # characters of one check's output, and of all
DOCUMENT = 40_000  # characters of a briefing, or of all phases' results


def cut(text: str, most: int, rest: str) -> str:
    """The beginning and the end of a long text; `rest` says where the whole of it is."""
    text = clean(text)
    if len(text) <= most:
        return text
    begin = most // 3
    return f"{text[:begin]}\n[{len(text) - most} characters left out; {rest}]\n{text[len(text) - (most - begin) :]}"


def lines(texts: Iterable[str], rest: str = "get_events shows the rest", most: int = LINES) -> list[str]:
    """One line a text, at most `most` of them; `rest` says where the others are."""
    listed = [one_line(text, LINE) for text in texts]
    more = len(listed) - most
    return [*listed[:most], f"[{more} more; {rest}]"] if more > 0 else listed
