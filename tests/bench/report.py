"""The tables that are printed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tests.bench.rounds import Pair


class Row(msgspec.Struct, frozen=True):
    """One line of the comparison. `aim` is what the specification wants of `ratio` or of `measured`."""

    what: str
    baseline: str
    measured: str
    ratio: str
    aim: str = ""


def row(what: str, pair: Pair, *, unit: str, aim: str = "") -> Row:
    """A pair of times as a line; `unit` is us or ms."""
    return Row(what, duration(pair.baseline, unit), duration(pair.measured, unit), f"{pair.ratio:.2f}x", aim)


def duration(seconds: float, unit: str) -> str:
    return f"{seconds * {'us': 1e6, 'ms': 1e3}[unit]:,.0f} {unit}"


def comparison(title: str, rows: Sequence[Row]) -> None:
    table(title, ("what", "baseline", "measured", "ratio", "aim"), [msgspec.structs.astuple(r) for r in rows])


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, the first one to the left and the others to the right."""
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    print(f"\n{title}")
    for number, line in enumerate(lines):
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  " + "  ".join([line[0].ljust(widths[0]), *cells]).rstrip())
        if not number:
            print("  " + "  ".join("-" * width for width in widths))
