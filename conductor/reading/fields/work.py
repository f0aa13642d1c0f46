"""Tables of work: which column says what is to be done, and what the rows say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conductor.reading.markdown.body import ReadItem
from conductor.reading.markdown.document import Table
from conductor.reading.vocabulary import labels

_OF_FILES = frozenset({"change", "changes", "action", "what"})  # columns that say what happens to a file
_NUMBER = re.compile(r"^(?:(?:step|task|day|week|tag|第)?\s*[A-Z]{0,5}[-.]?\d+(?:\.\d+)*[a-z.]?)$", re.IGNORECASE)
_GOAL_COLUMN = frozenset(
    {
        *(
            "task",
            "tasks",
            "goal",
            "goals",
            "deliverable",
            "item",
            "feature",
            "action",
            "change",
            "step",
            "work",
            "fix",
        ),
        *("improvement", "ação", "acción", "действие", "内容", "작업", "改进", "исправление", "maßnahme", "actividad"),
    }
)
_DATED = re.compile(r"^(?:started|completed|finished|begun|due|date|owner|who|days?|hours?)\b")
_TITLE_COLUMN = frozenset({"title", "name", "titel", "título", "titre", "название", "标题", "タイトル", "제목"})
_MORE_COLUMN = frozenset({"description", "details", "detail", "notes", "what"})


def rows_of_work(table: Table) -> Iterator[ReadItem]:
    """Rows of a table with a task column, with another column's description of them."""
    header = [labels.normalise(cell.text) for cell in table.rows[0]]
    column = next(
        (n for n, name in enumerate(header) if name in _GOAL_COLUMN or labels.field_of(name) == "goals"), None
    )
    if (
        column is not None
        and header[column] in _OF_FILES
        and any(labels.field_of(h) == "expected_files" for h in header)
    ):
        return
    numbers = [row[0].text for row in table.rows[1:] if row]
    if len(header) > 1 and column in (None, 0) and numbers and all(_NUMBER.match(number) for number in numbers):
        column = _telling(header, table)
    if column is None:
        return
    for row in table.rows[1:]:
        cells = [cell for n, cell in enumerate(row) if n == column or (n < len(header) and header[n] in _MORE_COLUMN)]
        if text := ": ".join(cell.text for cell in cells if cell.text):
            yield ReadItem(text, row[0].line)


def _telling(header: Sequence[str], table: Table) -> int | None:
    """The column after the numbers that says what to do: descriptions, else the first that is not a label."""
    free = [n for n, name in enumerate(header) if n and (name in _MORE_COLUMN or not labels.field_of(name))]
    free = [n for n in free if not _DATED.match(header[n])]
    if titles := [n for n in free if header[n] in _TITLE_COLUMN]:
        return titles[0]
    return next((n for n in free if header[n] in _MORE_COLUMN), free[0] if free else None)
