"""What Conductor itself wrote into a specification is no part of its plan."""

from __future__ import annotations

from conductor.reading.reader import read

PLAN = "# X\n\n## Implementation Phases\n\n### Phase 1: One\n\n- Do it\n"
NOTES = "<!-- conductor:begin x-1 digest=0 -->\n### Phase 2: Notes\n- a note\n<!-- conductor:end x-1 -->\n"


def test_generated_sections_are_not_read() -> None:
    assert read(PLAN + NOTES).phases == read(PLAN).phases


def test_lines_after_them_keep_their_numbers() -> None:
    plan = read(NOTES + PLAN)
    assert plan.phases[0].lines[0] == 9


def test_one_that_does_not_end_hides_nothing() -> None:
    assert [p.name for p in read(PLAN + NOTES.split("<!-- conductor:end")[0]).phases] == ["One", "Notes"]
