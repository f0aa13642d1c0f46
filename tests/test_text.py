"""Text from outside reaches no terminal and no record with anything in it that acts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conductor.text import clean, headline, in_a_row, one_line, visible


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


# ---- shown -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: a\tb\r\nc\n", "plain: a    b\nc\n"),
        ("\x1b[31mred\x1b[0m\x07\x08\x7f", "\\x1b[31mred\\x1b[0m\\x07\\x08\\x7f"),
        ("10%\r20%\x85\u2028", "10%\\r20%\\x85\\u2028"),
        ("\u202eback\u2066\u200f \u061c", "\\u202eback\\u2066\\u200f \\u061c"),
        (
            "py\u200btest py\u200dtest py\ufe0ftest \u3164\u2800",
            "py\\u200btest py\\u200dtest py\\ufe0ftest \\u3164\\u2800",
        ),
        ("\u0301x a" + "\u0301" * 6, "\\u0301x a" + "\u0301" * 4 + "\\u0301" * 2),
        ("\U000e0041\ufeff\xad\ud800\ue000", "\\U000e0041\\ufeff\\xad\\ud800\\ue000"),
        ("a\xa0b\u3000c", "a b  c"),
    ],
)
def test_what_acts_or_hides_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "日本語。",
        "한국어",
        "nai\u0308ve",
        "👩\u200d🚀 ❤\ufe0f 1\ufe0f\u20e3",
        "می\u200cخواهم",
        "हिन्दी",
        "เก้า",
        "葛\U000e0100",
    ],
)
def test_scripts_and_emoji_stay_as_they_are_written(text: str) -> None:
    assert visible(text) == visible(text, exact=True) == text


def test_of_a_command_every_blank_is_seen() -> None:
    assert visible("a\tb\xa0c\u3000d  e", exact=True) == "a\\tb\\xa0c\\u3000d  e"


@given(st.text(st.characters(codec=None)), st.booleans())
def test_nothing_that_acts_is_shown(text: str, exact: bool) -> None:
    shown = visible(text, exact=exact)
    assert not {c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")} - {"\n"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f")
    assert visible(shown, exact=exact) == shown
    assert shown.count("\n") == text.replace("\r\n", "\n").count("\n")


def test_lines_on_one_line() -> None:
    assert in_a_row("one\n  two\n\nthree") == "one; two; three"
    assert (headline("one"), headline("one:\n  two"), headline("\n1\n2\n3\n")) == (
        "one",
        "one: (1 more line)",
        "1 (2 more lines)",
    )
