"""Reads rows and columns of tables, and trees, as fields. It reads no lists or headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conductor.reading.fields import files
from conductor.reading.fields.labelled import field
from conductor.reading.fields.names import LabelledRow, Names, are_parts
from conductor.reading.markdown.body import Field, SectionBody
from conductor.reading.markdown.document import Block, Fence, Item, Line, List, Table
from conductor.reading.vocabulary import labels

_BRANCH = re.compile(r"^[\s│|]*(?:├|└|\|--|`--|\+--)")
LIFTED = frozenset({"expected_files", "test_commands", "verification", "automated", "manual", "success_criteria"})
"""Fields in which a single task describes its phase."""


def in_rows(table: Table, names: Names) -> list[Field]:
    """The rows of a table `| Item | Detail |` whose first cells are labels, as fields; [] for any other table.

    Rows that describe parts of the work are goals, and then so are the others whose first cells are not labels.
    """
    rows = [row for row in table.rows[1:] if len(row) > 1]
    if len(table.rows[0]) != 2 or labels.field_of(table.rows[0][0].text) == "modules":
        return []
    told = [LabelledRow(row[0].text, labels.field_of(row[0].text), row[1].text) for row in rows]
    if len(rows) < 2 or 2 * sum(1 for one in told if one.field) < len(rows):
        return []
    parts = are_parts(told, names)
    found: list[Field] = []
    work: list[Item] = []
    for row, one, part in zip(rows, told, parts, strict=True):
        line = row[0].line
        if part or (any(parts) and not one.field):
            work.append(Item((Line(f"{one.label}: {one.value}", line),), (), line, line))
        elif one.field:
            found.append(field(one.field, one.label, one.value, line))
    if work:
        found.append(Field("goals", "table", "", work[0].line, SectionBody((), (List(tuple(work), work[0].line),))))
    return found


def in_columns(table: Table) -> Iterator[Field]:
    """The columns of a table that name files, commands or criteria, as fields."""
    for column, head in enumerate(table.rows[0]):
        name = labels.field_of(head.text)
        cells = tuple((row[column],) for row in table.rows if column < len(row))
        if name in LIFTED and cells[1:]:
            yield Field(name, head.text, "", head.line, SectionBody((), (Table(cells),)))


def in_trees(blocks: Sequence[Block]) -> Iterator[Field]:
    """Trees of files drawn in a fence, as fields."""
    for block in blocks:
        if isinstance(block, Fence) and sum(1 for line in block.code if _BRANCH.match(line)) > 1:
            if not any(True for _ in files.in_tree(block)):
                continue
            yield Field("expected_files", "tree", "", block.line, SectionBody((), (block,)))
