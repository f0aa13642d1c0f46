"""Phases as rows of a table: `| Phase | Scope | Status |`. Turns them into sections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import msgspec

from conductor.reading.markdown.document import Block, Item, Line, List, Section, Table, Text
from conductor.reading.outline.found import Candidate, LineSet
from conductor.reading.outline.heading import Heading, annotated, rank_of, read_heading
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.annotations import take_off

_COUNTERS = labels.words("# no nr n° id № 序号 番号")
_NUMBER = re.compile(
    r"^(?P<number>-?\d{1,9}(?:\.\d{1,9})*[a-z]?)(?:\s*[:：.)·]\s*|\s*[-–—]+\s*|\s+|$)(?P<name>.*)$", re.IGNORECASE
)
_NAMED = re.compile(
    r"^(?P<number>[A-Z]{1,3}-?\d{1,4}(?:\.\d{1,4})*[a-z]?)(?:\s*[:：.)·]\s*|\s*[-–—]+\s*|\s+|$)(?P<name>.*)$"
)
_TOTAL = re.compile(r"^(?:total|sum|gesamt|合计|合計|итого|합계)", re.IGNORECASE)


class PhaseTable(msgspec.Struct, frozen=True):
    """A table whose rows are phases, each number once."""

    table: Table
    line: int
    rows: tuple[Candidate, ...]


def plans(section: Section, skip: LineSet, *, unnumbered: bool = False) -> Iterator[PhaseTable]:
    """The tables of phases in the section and below, except on the lines in `skip`.

    `unnumbered`: those whose phase column has only names, which are then numbered.
    """
    if labels.is_excluded(section.title):
        return
    for block in section.blocks:
        if isinstance(block, Table) and block.rows[0]:
            line = block.rows[0][0].line
            if line not in skip and (rows := _read(block, section.level + 1, unnumbered)):
                yield PhaseTable(block, line, tuple(rows))
    for child in section.sections:
        yield from plans(child, skip, unnumbered=unnumbered)


def without(section: Section, lines: set[int]) -> Section:
    """The tree without the tables on these lines."""
    return msgspec.structs.replace(
        section,
        blocks=tuple(
            b for b in section.blocks if not (isinstance(b, Table) and b.rows[0] and b.rows[0][0].line in lines)
        ),
        sections=tuple(without(child, lines) for child in section.sections),
    )


def _read(table: Table, level: int, unnumbered: bool) -> list[Candidate]:
    """The phases of a table's rows; [] if it is not a table of phases, or one phase has several rows."""
    header = [labels.normalise(cell.text) for cell in table.rows[0]]
    counted = len(header) > 1 and (header[0] in _COUNTERS or table.rows[0][0].text.strip() == "#")
    ranked = [n for n, name in enumerate(header) if rank_of(name) is not None] if counted else [0]
    rank = rank_of(header[ranked[0]]) if ranked else None
    if rank is None or len(header) < 2:
        return []
    first = ranked[0]
    found: dict[str, Candidate] = {}
    for n, row in enumerate(table.rows[1:], 1):
        if row and unnumbered and row[0].text and not _TOTAL.match(row[0].text):
            row = (Line(f"{n}: {row[0].text}", row[0].line), *row[1:])
        if row and (candidate := _row(table.rows[0], row, first, rank, level)):
            if candidate.key in found:
                return []
            found[candidate.key] = candidate
    return list(found.values())


def _row(header: Sequence[Line], row: Sequence[Line], first: int, rank: int, level: int) -> Candidate | None:
    cells = list(zip_longest(header, row[: len(header)], fillvalue=None))
    heading = _heading(
        row[0].text if not first else f"{row[0].text} {row[first].text if len(row) > first else ''}", rank
    )
    if heading is None:
        return None
    goals: list[Line] = []
    said: list[Line] = []
    done = heading.done
    for column, cell in (*cells[1:first], *cells[first + 1 :]):
        if column is None or cell is None or not any(char.isalpha() for char in cell.text):
            continue
        name = labels.normalise(column.text)
        field = None if rank_of(name) is not None else labels.field_of(name)
        if not heading.name and field in (None, "goals", "mission", "modules", "about"):
            heading = msgspec.structs.replace(heading, name=take_off(cell.text)[0])
        elif field in (None, "goals", "mission", "about"):
            goals.append(cell)
        elif field != "ignored":
            said.append(Line(f"{column.text}: {cell.text}", cell.line))
            annotations = take_off(f"({cell.text})")[1] if field == "status" else None
            done = done or (annotations is not None and annotations.done)
    line = row[0].line
    heading = msgspec.structs.replace(heading, done=done)
    listed: list[Line] = goals or [Line(heading.name, line)] if heading.name else goals
    blocks: list[Block] = [Text((text,)) for text in said]
    if listed:
        blocks.insert(0, List(tuple(Item((goal,), (), line, line) for goal in listed), line))
    return Candidate(heading, Section(level, heading.name, line, line, tuple(blocks)), inline=True)


def _heading(text: str, rank: int) -> Heading | None:
    if heading := read_heading(text):
        return heading
    plain, annotations = take_off(text)
    match = _NUMBER.match(plain) or _NAMED.match(plain)
    return annotated(annotations, match["number"], match["name"], rank) if match else None
