"""An open question as a person reads it: its lines behind a bar, commands numbered, quotes in it marked as such.

Below the bar, where all text is Conductor's own, are the number of omitted lines and the commands that answer it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from conductor.core.questions import KINDS, QUOTED
from conductor.doors.cli.render.cells import width
from conductor.doors.cli.render.output import Output, command, count, in_reach
from conductor.doors.cli.render.quote import ROWS, bounded, numbered, rows
from conductor.events import Question

AGENTS = ("correction", "ambiguity")  # kinds of questions that are about what an agent said
MARK = "> "


def ask(task: str, question: Question, output: Output, *, full: bool = False) -> None:
    """Print a question of `task` and the commands that answer it. `full`: long texts are shown in full."""
    first = f"  {question.id}  "
    indent = " " * width(first)
    bar = output.paint(output.bar, "dim")
    left = 0
    for n, (row, more) in enumerate(_rows(question, output, width(first) + 2, full=full)):
        left += more
        head = indent if n else f"  {output.paint(question.id, 'yellow', 'bold')}  "
        output.text(f"{head}{bar} {row}".rstrip())
    if left:
        where = command(f"questions {task} {question.id} --full")
        output.text(indent + output.paint(f"({count(left, 'more line')}: {where})", "dim"))
    for choice in question.choices:
        output.text(indent + command(f"answer {task} {question.id} {choice}"))
    kind = KINDS.get(question.kind)  # None: from a newer version
    if kind is not None and kind.takes_hint:
        output.text(indent + output.paint('--hint "…" gives the agents advice', "dim"))


def _rows(question: Question, output: Output, within: int, *, full: bool) -> Iterator[tuple[str, int]]:
    """Each row of the question, and how many are omitted after it."""
    for quoted, lines in _parts(question):
        text = "\n".join(lines)
        if quoted and question.kind == "commands":  # what is approved is shown in full
            yield from ((f"  {row}", 0) for row in numbered(_items(lines), output, within + 2))
            continue
        mark = f"  {MARK}" if quoted else ""
        text = text if quoted or question.kind in AGENTS else in_reach(text)
        shown, left = bounded(rows(text, output, within + len(mark)), None if full else ROWS)
        yield from ((mark + row, 0) for row in shown)
        if left:
            yield mark.replace(MARK, "") + output.ellipsis, left


def _parts(question: Question) -> list[tuple[bool, list[str]]]:
    """The question's lines in order, grouped: whether it quotes them, or they are Conductor's own.

    Earlier versions did not record the difference for what agents said: all of such a question counts as quoted.
    """
    lines = question.text.replace("\r\n", "\n").split("\n")
    if question.kind in AGENTS and not lines[0].endswith(":"):
        return [(True, lines)]
    groups = groupby(lines, lambda line: line.startswith(QUOTED))
    return [(quoted, [line.removeprefix(QUOTED) for line in group]) for quoted, group in groups]


def _items(lines: list[str]) -> list[str]:
    """Quoted lines as items: an indented line continues the one before."""
    found: list[str] = []
    for line in lines:
        if found and line.startswith("  "):
            found[-1] += f"\n{line[2:]}"
        else:
            found.append(line)
    return found
