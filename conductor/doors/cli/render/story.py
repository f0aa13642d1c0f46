"""The lines of a narration: a column for what each is about, then what happened, and what others said about it."""

from __future__ import annotations

from conductor.doors.cli.render.cells import cut, pad, width
from conductor.doors.cli.render.output import Output, safe
from conductor.doors.cli.render.quote import quote
from conductor.text import visible

PLACE = 16  # columns for what a line is about
WIDEST = 40  # columns it may take at most
BEFORE = " " * (PLACE + 3)  # indent of further rows
SAID = 4  # rows shown of what others said


class Story:
    def __init__(self, output: Output) -> None:
        self._out = output

    def line(self, where: str, text: str) -> None:
        """Print `text`, which is Conductor's own or made safe."""
        place = self._out.paint(pad(cut(safe(where), WIDEST), PLACE), "cyan")
        self._out.wrapped(text, first=f"  {place} ", rest=BEFORE)

    def said(self, where: str, lead: str, text: str, style: str = "") -> None:
        """Print what others wrote: after `lead` if it is one line that fits there, otherwise quoted below it."""
        room = self._out.width
        one = visible(text.strip("\n"))
        if "\n" in one or (room and width(f"{BEFORE}{lead}: {one}") > room):
            self.line(where, f"{lead}:")
            self.quote(text, style)
        else:
            self.line(where, f"{lead}: {self._out.paint(one, style) if style else one}")

    def quote(self, text: str, style: str = "", more: str = "") -> None:
        """Print what others wrote, quoted; `more` says where the rest of a long text is."""
        quote(text, self._out, first=BEFORE, limit=SAID, style=style, more=more)
