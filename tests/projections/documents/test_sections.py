"""Woven sections: everything of a person's stays byte for byte, and nothing of theirs is overwritten."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.documents.sections import Woven, digest, weave

HAND = "# My project\n\nIntro.\n\n## Known Gotchas\n\n- mine\n\n## Usage\n\n    # Known Gotchas\n"
TEXT = "## Known Gotchas\n\n- generated\n"


def woven(existing: str | None, name: str = "t", text: str = TEXT) -> str:
    result = weave(existing, name, text)
    assert result.edited is False and result.text is not None
    return result.text


def section(body: str, name: str = "t") -> str:
    return f"<!-- conductor:begin {name} digest={digest(body)} -->\n{body}<!-- conductor:end {name} -->\n"


def test_a_new_file_is_its_heading_and_the_section() -> None:
    assert woven(None) == woven("") == "## Known Gotchas\n\n" + section("- generated\n")
    assert woven(None, text="no heading") == section("no heading\n")


def test_a_section_goes_below_its_heading() -> None:
    at = HAND.index("## Usage")
    assert woven(HAND) == HAND[:at] + section("- generated\n") + "\n" + HAND[at:]


@pytest.mark.parametrize(
    "before",
    [
        "# Other\n",
        "# Other",
        "# Other\n\n",
        "```\n## Known Gotchas\n```\n",
        "### Known Gotchas\n",
        "## Known Gotchas too\n",
    ],
)
def test_without_that_heading_it_goes_to_the_end_below_a_new_one(before: str) -> None:
    blank = before.rstrip("\n") + "\n\n"
    assert woven(before) == blank + "## Known Gotchas\n\n" + section("- generated\n")


def test_deeper_headings_belong_to_the_part_and_equal_ones_end_it() -> None:
    before = "## Known Gotchas\n\n### Deep\n\ntext\n"
    after = "## Next\n"
    assert woven(before + after) == before + "\n" + section("- generated\n") + "\n" + after


def test_only_the_section_changes() -> None:
    first = woven(HAND)
    second = woven(first, text="## Known Gotchas\n\n- generated\n- and more\n")
    assert second == first.replace(section("- generated\n"), section("- generated\n- and more\n"))
    assert woven(second, text=TEXT) == first


def test_sections_of_several_tasks_live_in_one_file() -> None:
    both = woven(woven(None, "a"), "b", "## Known Gotchas\n\n- of b\n")
    assert both == "## Known Gotchas\n\n" + section("- generated\n", "a") + "\n" + section("- of b\n", "b")
    assert woven(both, "a") == woven(both, "b", "## Known Gotchas\n\n- of b\n") == both
    assert woven(woven(both, "a.b"), "a") == woven(both, "a.b")


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("- generated", "- mended by hand"),
        lambda t: t.replace("- generated\n", ""),
        lambda t: t.replace("- generated\n", "- generated\n\n"),
        lambda t: re.sub("digest=..", "digest=00", t),
        lambda t: re.sub(" digest=[0-9a-f]+", "", t),
        lambda t: re.sub("digest=[0-9a-f]+", "digest=?", t),
        lambda t: re.sub("<!-- conductor:end t -->\n", "", t),
        lambda t: re.sub("<!-- conductor:begin .*\n", "", t),
        lambda t: t.replace("conductor:end t -->", "conductor:end t --> and"),
        lambda t: t + section("- generated\n"),
        lambda t: t.replace("begin", "END").replace("end", "begin").replace("END", "end"),
    ],
)
def test_what_was_edited_or_broken_by_hand_is_left_alone(change: object) -> None:
    broken = change(woven(HAND))  # type: ignore[operator]
    assert broken != woven(HAND)
    assert weave(broken, "t", TEXT) == weave(broken, "t", "## Known Gotchas\n\n- other\n") == Woven(None, edited=True)


def test_a_section_that_was_deleted_comes_back() -> None:
    assert woven(woven(HAND).replace(section("- generated\n"), "")).count("- generated") == 1


def test_crlf_files_keep_their_line_ends() -> None:
    windows = HAND.replace("\n", "\r\n")
    made = woven(windows)
    assert made == woven(HAND).replace("\n", "\r\n")
    assert woven(made) == made
    more = woven(made, text=TEXT + "- more\n")
    assert more.replace("\r\n", "").count("\n") == 0 and "- more\r\n" in more


def test_git_may_change_line_ends_without_it_being_an_edit() -> None:
    as_checked_out = woven(HAND).replace("\n", "\r\n")
    assert "- more\r\n" in woven(as_checked_out, text=TEXT + "- more\n")


def test_odd_bytes_and_marks_of_a_person_stay() -> None:
    odd = "\ufeffcaf\udce9 \u2028 \x0c\n"  # as read with surrogateescape
    assert woven(odd).startswith(odd) and woven(woven(odd)) == woven(odd)
    assert woven("\ufeff") == "\ufeff## Known Gotchas\n\n" + section("- generated\n")


def test_texts_and_names_that_would_break_the_markers_are_refused() -> None:
    with pytest.raises(ValueError, match="holds a marker"):
        weave(None, "t", "a\n<!-- conductor:end t -->\n")
    for name in ("", "a b", "a-->", "-a", "a\n"):
        with pytest.raises(ValueError, match="cannot name a section"):
            weave(None, name, "a")


PIECES = [
    "# H\n",
    "## Known Gotchas\n",
    "text",
    "\n",
    "\r\n",
    "```\n",
    "~~~\n",
    "- x\n",
    "\ufeff",
    "### Known Gotchas #\n",
]


@settings(max_examples=200, deadline=None)
@given(
    existing=st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    text=st.sampled_from(["## Known Gotchas\n\na", "b\nc"]),
)
def test_weaving_only_inserts_and_is_idempotent(existing: str, text: str) -> None:
    once = woven(existing, text=text)
    assert woven(once, text=text) == once
    twice = woven(once, text="## Known Gotchas\n\nsomething else\n\nof more lines")
    assert woven(twice, text=text) == once
    assert any(once.startswith(existing[:k]) and once.endswith(existing[k:]) for k in range(len(existing) + 1))
