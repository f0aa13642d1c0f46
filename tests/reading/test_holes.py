"""Documents with holes in them: empty items, cells and headings, labels with nothing after them, fixtures cut about.
Whatever is missing, a document is read or refused, and nothing else is raised."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.errors import SpecError
from conductor.reading.reader import read

FIXTURES = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("[dg]*/*.md"))]
FIELDS = ("Modules", "Depends on", "Files", "Success Criteria", "Gotchas", "Test Command", "Tests", "Tasks", "Notes")
STARTS = ("- ", "* ", "1. ", "2) ", "- [ ] ", "1. [x] ", "  - ", "   1. ", "> ", "> - ", "| ", "## ", "#### ", "")
TEXTS = (
    *(
        "",
        " ",
        "**",
        "****",
        "**:**",
        ":",
        "：",
        "``",
        "[ ]",
        "[x]",
        "<!-- -->",
        "<br>",
        "|",
        "| |",
        "| | |",
        "|---|---|",
    ),
    *(
        "Phase 1: A",
        "Phase 2:",
        "**Phase 3**",
        "Phase",
        "1.",
        "1.1",
        "1.1 x",
        "T001",
        "x",
        "`a.py`",
        "**x**",
        "—",
        "```",
    ),
    *(form.format(label) for label in FIELDS for form in ("{}:", "**{}:**", "**{}**", "{}", "{} |", "{}: x")),
)
rows = st.builds("{}{}".format, st.sampled_from(STARTS), st.sampled_from(TEXTS))
cells = st.lists(
    st.sampled_from(["", "Phase", "#", "Item", "Task", "Status", "1", "`a.py`", "x", *FIELDS]), min_size=1, max_size=3
)
tables = st.lists(cells, min_size=1, max_size=4).map(
    lambda found: "\n".join(f"| {' | '.join(row)} |" for row in [found[0], ["---"] * len(found[0]), *found[1:]])
)
hollow = st.lists(st.one_of(rows, rows, rows, tables), max_size=14).map("\n".join)
frames = st.sampled_from(
    [
        "{}",
        "## Phase 1: A\n\n{}\n",
        "## Roadmap\n\n{}\n",
        "# T\n\n## Phase 1: A\n- x\n\n### Tasks\n{}\n\n## Phase 2\n{}\n",
    ]
)


def assert_read_or_refused(text: str) -> None:
    with contextlib.suppress(SpecError):
        read(text)


@settings(max_examples=400, deadline=None)
@example("{}", "## Phase 1: A\n\n1.\n")
@example("{}", "## Phase 1: A\n\n> 1.\n> 2. x\n")
@given(frames, hollow)
def test_a_hollow_document_is_read_or_refused(frame: str, inside: str) -> None:
    assert_read_or_refused(frame.replace("{}", inside))


@st.composite
def cut_about(draw: st.DrawFn) -> str:
    """A fixture with lines dropped, told twice, moved, and emptied of what they say."""
    lines = draw(st.sampled_from(FIXTURES)).split("\n")
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        mark = line[: len(line) - len(line.lstrip(" -*+#>|[]0123456789.)"))]
        change = draw(st.sampled_from(["drop", "twice", "blank", "empty", "label", "join", "move", "indent"]))
        if change == "drop" and len(lines) > 1:
            del lines[at]
        elif change == "twice":
            lines.insert(at, line)
        elif change == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif change == "join" and at + 1 < len(lines):
            lines[at : at + 2] = [line + lines[at + 1].lstrip()]
        elif change == "label":
            lines[at] = line.partition(":")[0] + ":"
        else:
            lines[at] = {"blank": "", "indent": f"    {line}", "empty": mark}.get(change, line)
    return "\n".join(lines)


@settings(max_examples=300, deadline=None)
@given(cut_about())
def test_a_fixture_cut_about_is_read_or_refused(text: str) -> None:
    assert_read_or_refused(text)


@pytest.mark.parametrize("text", FIXTURES)
def test_a_fixture_whose_items_say_nothing_is_read_or_refused(text: str) -> None:
    marks = [line[: len(line) - len(line.lstrip(" -*+>[]0123456789.)"))] for line in text.split("\n")]
    assert_read_or_refused("\n".join(mark or line for mark, line in zip(marks, text.split("\n"), strict=True)))
