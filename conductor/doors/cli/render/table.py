"""Rows of cells in aligned columns, wrapped to a width. Measures and arranges; prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from conductor.doors.cli.render.cells import pad, width, wrap

ROOM = 24  # columns that the last one has, or it goes below; that the others are made narrower to at most
BELOW = 4  # columns that it is indented by there


def layout(rows: Sequence[Sequence[str]], room: int | None, *, indent: int = 0, whole: bool = False) -> Iterator[str]:
    """The rows as they are printed. `room`: columns of all of it; None: a row is as long as it is.

    The last column takes what the others leave, and goes below them where that is too little. `whole`: among the cells
    are ids, paths and the like, whose words stay in one piece to be copied.
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
