"""Where a command prints: text for people, coloured on a terminal, or JSON for programs. Agents' text is made safe."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from conductor.doors.cli.render.cells import COLOUR, cut, width, wrap
from conductor.doors.cli.render.table import layout
from conductor.errors import ConductorError
from conductor.text import visible

LEAST = 24  # columns that are laid out for, however few a terminal has
NARROW = 12  # columns that a text is wrapped to at least
_CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "dim": "2", "bold": "1"}


class Output:
    """`json`: JSON only on standard output. Colour only on a terminal that wants it (NO_COLOR)."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.terminal = sys.stdout.isatty() and not json
        self.colour = self.terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.printer: Callable[[str], None] | None = None  # while a live view is drawn, lines go above it
        self.outlives_reader = False  # a command that drives is not cut off where its reader leaves: see `left`
        self.left = False  # the reader has left; what follows goes nowhere
        self.encoding = sys.stdout.encoding or "ascii"
        self.unicode = self.encoding.lower().replace("-", "") == "utf8"
        self.bar = "│" if self.unicode else "|"  # stands before every row of what others wrote
        self.ellipsis = "…" if self.unicode else "..."

    @property
    def width(self) -> int | None:
        """Columns that a row may take at a terminal; None, for a file or a pipe: as many as it needs."""
        if not self.terminal:
            return None
        columns = os.environ.get("COLUMNS", "")
        if columns.isdecimal() and int(columns):
            return max(int(columns), LEAST)
        try:
            return max(os.get_terminal_size(sys.stdout.fileno()).columns or 80, LEAST)
        except OSError:
            return 80

    def wrapped(self, text: str, *, first: str = "", rest: str | None = None) -> None:
        """A line for people that may be long: its first row after `first`, the further ones after `rest` (blanks)."""
        rest = " " * width(first) if rest is None else rest
        for n, row in enumerate(self.rows(text, within=max(width(first), width(rest)))):
            self.text(((rest if n else first) + row).rstrip())

    def title(self, title: str, *notes: str) -> None:
        """A heading: what others named something, in so much of a row as its notes leave, then these."""
        after = "  ".join(notes)
        room = self.width
        named = self.shown(safe(title))
        if room and width(f"{named}  {after}") > room:
            named = cut(named, max(room - width(after) - 2, NARROW))
        self.text("  ".join([self.paint(named, "bold"), *notes]))

    def rows(self, text: str, *, within: int = 0) -> list[str]:
        """The rows of one line of text that is shown behind `within` columns of something else."""
        room = self.width
        return wrap(self.shown(text), max(room - within, NARROW)) if room else [text]

    def shown(self, text: str) -> str:
        """`text` as it will stand there: what the encoding lacks takes more cells than the character would."""
        return text if self.unicode else text.encode(self.encoding, "conduct").decode(self.encoding)

    def text(self, line: str = "") -> None:
        """A line for people; nothing with --json."""
        if not self.json:
            self._write(line)

    def data(self, value: object) -> None:
        """A JSON value on one line; nothing without --json."""
        if self.json:
            self._write(_json(value))

    def error(self, error: ConductorError) -> None:
        """An error on standard error: what, what is allowed, what to do."""
        if self.json:
            shape = {
                "error": error.what,
                "allowed": error.allowed,
                "hint": error.hint,
                "exit_code": int(error.exit_code),
            }
            print(_json(shape), file=sys.stderr)
            return
        told = {"error": error.what, "allowed": error.allowed, "hint": error.hint}
        for name, text in told.items():
            if text:
                print(in_reach(f"{name}: {safe(text, lines=True)}").replace("\n", "\n  "), file=sys.stderr)

    def confirmed(self, question: str) -> bool:
        """A person's yes at a terminal; without one nobody was asked, which is no."""
        if not self.asks:
            return False
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            return False

    @property
    def asks(self) -> bool:
        """Whether somebody is there to be asked."""
        return self.terminal and sys.stdin.isatty()

    def paint(self, text: str, *styles: str) -> str:
        """`text` in colour, where colour is wanted."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(_CODES[s] for s in styles)}m{text}\x1b[0m"

    def mark(self, good: bool | None) -> str:
        """A tick, a cross, or a dash for neither."""
        signs = ("✓", "✗", "–") if self.unicode else ("ok", "FAIL", "-")
        if good is None:
            return self.paint(signs[2], "dim")
        return self.paint(signs[0], "green") if good else self.paint(signs[1], "red", "bold")

    def table(self, rows: Sequence[Sequence[str]], *, indent: int = 0, whole: bool = False) -> None:
        """Rows in aligned columns, wrapped where the width is known; see `render.table`."""
        laid = layout([[self.shown(cell) for cell in row] for row in rows], self.width, indent=indent, whole=whole)
        for row in laid:
            self.text(row)

    def _write(self, line: str) -> None:
        if self.printer is not None:
            self.printer(line)
            return
        try:
            print(line, flush=True)
        except BrokenPipeError:
            self.discard()
            if not self.outlives_reader:
                raise

    def discard(self) -> None:
        """Nobody reads any more: what is printed from now on, and what waits to be, goes nowhere."""
        self.left = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _json(value: object) -> str:
    """JSON on one line. Bytes that are no UTF-8, as names of files may hold, are escaped."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        import json

        return json.dumps(msgspec.to_builtins(value), separators=(",", ":"))


def safe(text: str, *, lines: bool = False) -> str:
    """Text that may come from an agent: nothing in it acts, colours are left out; on one line unless `lines`."""
    text = COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return visible(text) if lines else visible(" ".join(text.split()))


def count(n: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def command(text: str) -> str:
    """`conduct` with these words, as it can be called from here: with the state folder, and by a path if need be."""
    import shlex

    home = os.environ.get("CONDUCT_HOME")
    where = f"CONDUCT_HOME={shlex.quote(home)} " if home else ""
    return f"{where}{_program()} {text}"


def in_reach(text: str) -> str:
    """`text` with every command that it suggests in backquotes as it can be called from here."""
    return re.sub(r"`conduct ([^`]+)`", lambda found: f"`{command(found[1])}`", text)


def _program() -> str:
    import shlex
    import shutil

    if shutil.which("conduct"):
        return "conduct"
    beside = Path(sys.executable).with_name("conduct")
    if beside.exists():
        return shlex.quote(str(beside))
    return f"{shlex.quote(sys.executable)} -m conductor"
