"""A command's output: text for people, coloured on a terminal, or JSON for programs. Agents' text is made safe."""

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

LEAST = 24  # columns assumed on even the narrowest terminal
NARROW = 12  # columns that text is wrapped to at least
_CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "dim": "2", "bold": "1"}


class Output:
    """`json`: JSON only on standard output. Colour only on a terminal that wants it (NO_COLOR)."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.terminal = sys.stdout.isatty() and not json
        self.colour = self.terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.printer: Callable[[str], None] | None = None  # while a live view is drawn, lines go above it
        self.outlives_reader = False  # a command that drives is not cut off when its reader leaves: see `left`
        self.left = False  # the reader has left; further output is discarded
        self.encoding = sys.stdout.encoding or "ascii"
        self.unicode = self.encoding.lower().replace("-", "") == "utf8"
        self.bar = "│" if self.unicode else "|"  # before every row of text that others wrote
        self.ellipsis = "…" if self.unicode else "..."

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None for a file or a pipe, where a row takes as many as it needs."""
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
        """Print a line that may be long: its first row after `first`, further rows after `rest` (default: blanks)."""
        rest = " " * width(first) if rest is None else rest
        for n, row in enumerate(self.rows(text, within=max(width(first), width(rest)))):
            self.text(((rest if n else first) + row).rstrip())

    def title(self, title: str, *notes: str) -> None:
        """Print a heading: a name that others chose, cut to leave room in the row for `notes`, then these."""
        after = "  ".join(notes)
        room = self.width
        named = self.shown(safe(title))
        if room and width(f"{named}  {after}") > room:
            named = cut(named, max(room - width(after) - 2, NARROW))
        self.text("  ".join([self.paint(named, "bold"), *notes]))

    def rows(self, text: str, *, within: int = 0) -> list[str]:
        """The rows of one line of text, shown behind `within` columns of something else."""
        room = self.width
        return wrap(self.shown(text), max(room - within, NARROW)) if room else [text]

    def shown(self, text: str) -> str:
        """`text` as it will be printed: an escape for a character that the encoding lacks takes more cells."""
        return text if self.unicode else text.encode(self.encoding, "conduct").decode(self.encoding)

    def text(self, line: str = "") -> None:
        """Print a line for people; nothing with --json."""
        if not self.json:
            self._write(line)

    def data(self, value: object) -> None:
        """Print a JSON value on one line; nothing without --json."""
        if self.json:
            self._write(_json(value))

    def error(self, error: ConductorError) -> None:
        """Print an error on standard error: what is wrong, what is allowed, what to do."""
        if self.json:
            shape = {
                "error": error.what,
                "allowed": error.allowed,
                "hint": error.hint,
                "exit_code": int(error.exit_code),
            }
            print(_json(shape), file=sys.stderr)
            return
        parts = {"error": error.what, "allowed": error.allowed, "hint": error.hint}
        for name, text in parts.items():
            if text:
                print(in_reach(f"{name}: {safe(text, lines=True)}").replace("\n", "\n  "), file=sys.stderr)

    def confirmed(self, question: str) -> bool:
        """Whether a person at a terminal says yes; False without a terminal."""
        if not self.asks:
            return False
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            return False

    @property
    def asks(self) -> bool:
        """Whether there is a terminal to ask at."""
        return self.terminal and sys.stdin.isatty()

    def paint(self, text: str, *styles: str) -> str:
        """`text` in colour, if colour is wanted."""
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
        """Print rows in aligned columns, wrapped if the width is known; see `render.table`."""
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
        """The reader has left: drop what is buffered and what is printed from now on."""
        self.left = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _json(value: object) -> str:
    """JSON on one line. Bytes that are not UTF-8, as in some file names, are escaped."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        import json

        return json.dumps(msgspec.to_builtins(value), separators=(",", ":"))


def safe(text: str, *, lines: bool = False) -> str:
    """Text that may come from an agent, made harmless and without colours; on one line unless `lines`."""
    text = COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return visible(text) if lines else visible(" ".join(text.split()))


def count(n: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def command(text: str) -> str:
    """`conduct` with these words, ready to run from here: with the state folder, and by a path if necessary."""
    import shlex

    home = os.environ.get("CONDUCT_HOME")
    where = f"CONDUCT_HOME={shlex.quote(home)} " if home else ""
    return f"{where}{_program()} {text}"


def in_reach(text: str) -> str:
    """`text` with every `conduct` command in backquotes made ready to run from here."""
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
