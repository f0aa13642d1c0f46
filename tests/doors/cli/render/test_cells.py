"""Text is laid out by the cells that a terminal gives it: wide, combining and coloured characters included."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from conductor.doors.cli.render.cells import COLOUR, cut, hanging, pad, shorten, width, wrap
from conductor.doors.cli.render.table import layout
from conductor.text import visible

TEXT = st.text(st.one_of(st.sampled_from("ab -日本語。「」é\u0301😀👩\u200d🚀❤\ufe0f한"), st.characters(codec="utf-8")))


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("日本語", 6), ("한국", 4), ("e\u0301", 1), ("é", 1), ("😀", 2), ("👩\u200d🚀", 2), ("❤\ufe0f", 2)],
)
def test_a_text_is_as_wide_as_it_is_seen(text: str, cells: int) -> None:
    assert width(text) == width(f"\x1b[31m{text}\x1b[0m") == cells
    assert width(pad(text, 8)) == 8


@pytest.mark.parametrize(
    ("text", "cells", "rows"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("  indented at first", 10, ["  indented", "at first"]),
        ("abcdefghij k", 4, ["abcd", "efgh", "ij k"]),
        ("日本語のテキスト", 6, ["日本語", "のテキ", "スト"]),
        ("終わり。「次」", 6, ["終わ", "り。", "「次」"]),  # what closes begins no row, what opens ends none
        ("nai\u0308ve cafe\u0301", 6, ["nai\u0308ve", "cafe\u0301"]),
        ("x" + " " * 50 + "; rm -rf ~", 12, ["x", "; rm -rf ~"]),  # nothing is pushed out of sight
        ("", 4, [""]),
    ],
)
def test_a_line_is_wrapped_where_it_can_be(text: str, cells: int, rows: list[str]) -> None:
    assert wrap(text, cells) == rows


def test_what_is_to_be_copied_stays_whole() -> None:
    assert wrap("at /a/long/path/to/it and on", 12, whole=True) == ["at", "/a/long/path/to/it", "and on"]


def test_colours_go_on_from_row_to_row_and_end_with_each() -> None:
    assert wrap("\x1b[31mred and red\x1b[0m plain", 8) == ["\x1b[31mred and\x1b[0m", "\x1b[31mred\x1b[0m", "plain"]


def test_rows_of_a_list_hang_below_its_text() -> None:
    assert hanging("- one two three", 9) == ["- one two", "  three"]
    assert hanging("    code and more", 12) == ["    code and", "    more"]


@given(TEXT, st.integers(4, 40))
@example("日" * 30, 5)
@example("a\u0301" * 30, 7)
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, cells: int) -> None:
    (line,) = visible(text).split("\n")[:1]
    rows = wrap(line, cells)
    assert "".join(rows).replace(" ", "") == line.replace(" ", "")
    assert all(cell_len(row) <= cells for row in rows)
    coloured = [COLOUR.sub("", row) for row in wrap(f"\x1b[1m{line}\x1b[0m", cells)]
    assert coloured == rows


@given(TEXT, st.integers(4, 40))
def test_what_is_cut_fits_and_shows_it(text: str, cells: int) -> None:
    line = visible(text).split("\n")[0]
    for short in (cut(line, cells), shorten(line, cells)):
        assert cell_len(short) <= cells
        assert short == line or short.endswith("…")


# ---- tables --------------------------------------------------------------------------------------------------------

ROWS = [["1", "準備する", "done"], ["2", "Cafés", "open"], ["3", "cafe\u0301", "new"], ["4", "go 🚀", "next"]]


def test_columns_are_aligned_whatever_is_in_them() -> None:
    starts = {cell_len(row[: row.rindex(" ") + 1]) for row in layout(ROWS, None)}
    assert starts == {1 + 2 + 8 + 2}


def test_the_last_column_is_wrapped_below_itself() -> None:
    rows = list(layout([["a", "one two three four five six seven"]], 30, indent=2))
    assert rows == ["  a  one two three four five", "     six seven"]


def test_where_there_is_no_room_for_it_the_last_column_goes_below() -> None:
    cells = [["task-with-a-long-id-abcde", "waits", "/srv/projects/of/mine/here"]]
    assert list(layout(cells, 50, whole=True)) == [
        "task-with-a-long-id-abcde  waits",
        "    /srv/projects/of/mine/here",
    ]


def test_a_name_that_is_too_long_leaves_room_for_the_others() -> None:
    rows = list(layout([["1", "the name " * 9, "what there is to say of it"], ["2", "b", "c"]], 70))
    assert all(cell_len(row) <= 70 for row in rows)
    at = rows[0].index("what there is to say of")
    assert rows[-1].split() == ["2", "b", "c"] and rows[-1].index("c") == at


def test_rows_of_different_length_are_one_table() -> None:
    assert list(layout([["a", "b"], ["aa", "bb", "c"]], None)) == ["a   b", "aa  bb  c"]
