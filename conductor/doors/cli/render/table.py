"""Rows of cells in aligned columns, wrapped to a width. Measures and arranges; prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from conductor.doors.cli.render.cells import pad, width, wrap

ROOM = 24  # columns the last column needs, or it goes below; the others are not made narrower than this for it
BELOW = 4  # indent of the last column if it goes below


def layout(rows: Sequence[Sequence[str]], room: int | None, *, indent: int = 0, whole: bool = False) -> Iterator[str]:
    """The printed rows. `room`: columns in total; None for no limit.

    The last column takes what the others leave, and goes below them if that is too little. `whole`: words are never
    wrapped within, so that ids and paths can be copied.
    """
    if not rows:
        return
    columns = max(map(len, rows))
    cells = [[*row, *[""] * (columns - len(row))] for row in rows]
    *others, last = [max(map(width, column)) for column in zip(*cells, strict=True)]
    left = 0 if room is None else room - indent - 2 * len(others)
    if room is not None and not whole:
        while others and left - sum(others) < min(last, ROOM) and max(others) > ROOM:
            others[others.index(max(others))] -= 1
    left -= sum(others)
    below = room is not None and bool(others) and left < min(last, ROOM)
    for row in cells:
        heads = [wrap(cell, at, whole=whole) for cell, at in zip(row[:-1], others, strict=True)]
        rest = left if room is None or not below else room - indent - BELOW
        tail = [row[-1]] if room is None else wrap(row[-1], rest, whole=whole)
        for *first, end in zip_longest(*heads, [] if below else tail, fillvalue=""):
            yield (" " * indent + "  ".join([*map(pad, first, others), end])).rstrip()
        if below and row[-1]:
            yield from (" " * (indent + BELOW) + end for end in tail)
