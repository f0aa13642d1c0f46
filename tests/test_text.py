"""Text from outside reaches no terminal and no record with anything in it that acts."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from conductor.text import clean, one_line


def test_what_acts_goes_and_the_rest_stays() -> None:
    acting = "\x1b[31mred\x1b[0m\tand\x00 \u202eback\u2028wards\r\nnext\rone\ud800"
    assert clean(acting) == "red\tand backwards\nnext\none"


def test_one_line_is_one_line() -> None:
    assert one_line("  a\n\n b\x1b[2K\tc\x85 ") == "a b c"


def test_what_is_cut_shows_it() -> None:
    assert (clean("abcd", 4), clean("abcde", 4), one_line("a\nb c d", 4)) == ("abcd", "abc…", "a b…")


@given(st.text(st.characters(codec=None)), st.integers(1, 20))
@example("\x1b\x1b[31m[31m", 20)
@example("\x1b[\u202e31m", 20)
def test_nothing_that_acts_is_left(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not set(line) & {"\x1b", "\n", "\r", "\x00", "\x85", "\u2028", "\u202e"}
    line.encode()
    assert one_line(line, limit) == line
