"""Text that others wrote, shown as theirs: each row behind a mark, so that none can pass for a line of Conductor's.

Nothing in it acts on the terminal; long text is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor.doors.cli.render.cells import hanging, width, wrap
from conductor.doors.cli.render.output import NARROW, Output, count, safe
from conductor.text import visible

ROWS = 12  # rows shown of a long text
UNBOUND = 1000  # cells of a row if the width is unknown


def rows(text: str, output: Output, within: int, *, exact: bool = False) -> list[str]:
    """The rows of `text`, line by line, as shown behind `within` columns; `exact`: see `text.visible`."""
    room = output.width
    cells = max(room - within, NARROW) if room else UNBOUND
    lay = wrap if exact else hanging
    lines = (output.shown(line.rstrip()) for line in visible(text, exact=exact).split("\n"))
    return [row for line in lines for row in lay(line, cells)]


def bounded(shown: list[str], limit: int | None = ROWS) -> tuple[list[str], int]:
    """At most `limit` rows, and how many are omitted. A single row is never omitted: saying so would take its place."""
    if limit is None or len(shown) <= limit + 1:
        return shown, 0
    return shown[:limit], len(shown) - limit


def numbered(texts: Iterable[str], output: Output, within: int) -> Iterator[str]:
    """All commands in full, each with its number; the further rows of one are aligned below its first."""
    listed = list(texts)
    digits = len(str(len(listed)))
    for n, text in enumerate(listed, 1):
        for row, shown in enumerate(rows(text, output, within + digits + 2, exact=True)):
            yield f"{'' if row else n:>{digits}}  {shown}"


def quote(text: str, output: Output, *, first: str, limit: int | None = ROWS, more: str = "", style: str = "") -> None:
    """Print `text` behind a bar; `first` precedes its first row, as many blanks precede the others.

    `more` says where the rest of a long text is.
    """
    before = width(first)
    shown, left = bounded(rows(text.strip("\n"), output, before + 2), limit)
    for n, row in enumerate(shown):
        bar = output.paint(output.bar, "dim")
        painted = output.paint(row, style) if style else row
        output.text(f"{' ' * before if n else first}{bar} {painted}".rstrip())
    if left:
        rest = f": {more}" if more else ""
        output.text(" " * before + output.paint(f"{output.ellipsis} {count(left, 'more line')}{rest}", "dim"))


def document(text: str, output: Output) -> None:
    """Print a whole document: unchanged to a file or a pipe, behind a bar on a terminal."""
    if output.terminal:
        quote(text, output, first="", limit=None)
    else:
        output.text(safe(text, lines=True))
