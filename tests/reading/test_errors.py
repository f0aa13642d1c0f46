"""What cannot become a plan, and on which line; and what is doubtful."""

from __future__ import annotations

import pytest

from conductor.errors import Exit, SpecError
from conductor.reading.reader import read


def refused(text: str | bytes) -> SpecError:
    with pytest.raises(SpecError) as caught:
        read(text)
    assert caught.value.exit_code == Exit.USAGE
    return caught.value


def warned(text: str) -> list[tuple[int, str]]:
    return [(warning.line, warning.message) for warning in read(text).warnings]


@pytest.mark.parametrize("text", ["", "\n\n", "# Title\n\nSome prose.\n", "## Phase Dependencies\n\n- a\n"])
def test_no_phases_says_what_was_looked_for_and_what_to_write(text: str) -> None:
    error = refused(text)
    assert "### Phase 1: Name" in (error.allowed or "")
    assert "## Implementation Phases" in (error.hint or "")


def test_an_unclosed_fence_is_named_as_what_hides_the_phases() -> None:
    error = refused("# T\n\n```\n### Phase 1: x\n- a\n")
    assert error.line == 3
    assert "never closed" in error.what


@pytest.mark.parametrize("data", [b"\xff\xfe#\x00", b"# T\n\n### Phase 1: \xc3\x28\n"])
def test_bytes_that_are_not_utf8(data: bytes) -> None:
    assert "UTF-8" in refused(data).what


def test_the_line_of_a_wrong_byte_and_of_a_nul() -> None:
    assert refused(b"# T\n\n\xff").line == 3
    assert refused("# T\n\n### Phase 1: a\0b\n").line == 3
    assert refused("# T\r\n\r\n### Phase 1: a\0b\r\n").line == 3
    assert refused("# T\n\ud800\n").line == 2


DEPENDENCIES = [
    ("### Phase 1: x\n\nModules: a, b (depends on c)\n\n- go\n", 3, "'c'"),
    ("### Phase 1: x\n\nModules:\n- a\n- b depends on: c\n\nGoals:\n- go\n", 5, "'c'"),
    ("### Phase 1: x\n\n#### Module: a\n- go\n\nDepends on: c\n", 6, "'c'"),
    ("### Phase 1: x\n\nModules: a (depends on b), b (depends on a)\n\n- go\n", 3, "cycle"),
    ("### Phase 1: x\n\nModules: a (depends on a)\n\n- go\n", 3, "cycle"),
    ("### Phase 1: x\n- go\n\nDepends on: Phase 7\n", 4, "no phase 7"),
    ("### Phase 1: x\n- go\n\nDepends on: 7\n", 4, "no phase 7"),
    ("### Phase 1: x\n- go\n\nDepends on: Phases 1-7\n", 4, "no phase 7"),
    ("### Phase 1: x\n- go\n\nDepends on: Phase 1\n", 4, "cycle"),
    ("### Phase 1: x\nDepends on: 2\n- go\n\n### Phase 2: y\nDepends on: Phase 1\n- go\n", 2, "cycle"),
    ("### Phase 1: x\nModules: a\n- go\n\nDepends on: wibble\n", 5, "'wibble'"),
    (
        "### Phase 1: x\n- go\n### Phase 1: y\n- go\n### Phase 2: z\nDepends on: Phase 1\n",
        6,
        "2 phases have the number 1",
    ),
]


@pytest.mark.parametrize(("text", "line", "what"), DEPENDENCIES)
def test_dependencies_that_cannot_be(text: str, line: int, what: str) -> None:
    error = refused(text)
    assert (error.line, what in error.what) == (line, True), error.what


def test_a_module_of_a_later_phase_that_comes_before_it() -> None:
    """What a module needs of another phase is that phase's before it; both ways is a cycle."""
    plan = read("### Phase 1: x\nModules: a (depends on b)\n\n- go\n\n### Phase 2: y\nModules: b\n\n- go\n")
    assert [phase.number for phase in plan.phases] == ["2", "1"]
    assert (
        "cycle"
        in refused("### Phase 1: x\nModules: a (depends on b)\n### Phase 2: y\nModules: b (depends on a)\n").what
    )


WARNINGS = [
    ("### Phase 1: x\n", 1, "no goals"),
    ("### Phase 1: x\n- go\n\nFiles: a.py, ../b.py\n", 4, "`../b.py` is outside the project"),
    ("### Phase 1: x\n- go\n\nFiles:\n- a.py\n- /etc/x.conf\n", 6, "outside the project"),
    ("### Phase 1: x\n- go\n\nFiles: .git/hooks/x.sh\n", 4, "outside the project"),
    ("### Phase 1: x\n- go\n- write `../up.py`\n", 3, "outside the project"),
    ("### Phase 1: x\n- go\n\nFiles:\n- a.py\n- whatever it takes\n", 6, "no path recognised"),
    ("### Phase 1: x\n- go\n\nTest Command: `rm -rf /`\n", 4, "it deletes"),
    ("### Phase 1: x\n- go\n\nWorking mode: sideways\n", 4, "working mode"),
    ("### Phase 1: x\n- go\n\n### Phase 1: x\n- more\n", 4, "described twice"),
    ("### Phase 1: x\n- go\n\n### Phase 1: y\n- more\n", 4, "read as 1b"),
    ("### Phase 2: x\n- go\n\n### Phase 1: y\n- more\n", 4, "run by number"),
    ("### Phase 1: x\n- go\n\nDependencies: Redis 7\n", 4, "names neither a phase"),
    ("### Phase 1: x\nDepends on: wibble\n- go\n", 2, "names neither a phase"),
    ("### Phase 2: x\nDepends on: Phase 1\n- go\n", 2, "names neither a phase"),
    ("### Phase 1: x\nDepends on: Task 1.1\n- go\n", 2, "names neither a phase"),
    ("### Phase 1: x\n- go\n\n```\ncode\n", 4, "never closed"),
    ("### Phase 1: x\n- go\n\n<!-- no end\n", 4, "never closed"),
    ("### Phase 1: x\n- go\n\n## Future Work\n### Phase 2: y\n- z\n", 5, "not taken as phases"),
    ("E2E: `make a`\n\n### Phase 1: x\n- go\n\nE2E: `make b`\n", 6, "second end-to-end"),
    ("## Phases\n### Make\n- go\n", 2, "read as phase 1"),
]


@pytest.mark.parametrize(("text", "line", "message"), WARNINGS)
def test_what_is_doubtful_is_a_warning_with_its_line(text: str, line: int, message: str) -> None:
    assert [found for found, said in warned(text) if message in said] == [line], warned(text)


def test_a_clear_document_has_no_warnings() -> None:
    assert warned("# T\n\n### Phase 1: x\nTest Command: `make test`\nFiles: a.py\n\n- go\n") == []


def test_dropped_paths_and_commands_are_not_in_the_plan() -> None:
    text = (
        "### Phase 1: x\nFiles: a.py, ../b.py\nTest Commands: `make`, `git push`\n\n#### Module: m\nFiles: /c.py\n- a\n"
    )
    phase = read(text).phases[0]
    assert phase.expected_files == ("a.py",)
    assert phase.test_commands == ("make",)
    assert phase.modules[0].expected_files == ("a.py",)


def test_an_empty_spec_error_names_the_file() -> None:
    with pytest.raises(SpecError, match=r"PLAN\.md is empty"):
        read("", name="PLAN.md")


def test_phases_that_stand_in_a_fence_alone_are_pointed_at() -> None:
    with pytest.raises(SpecError) as refused:
        read("# PRP\n\n## Blueprint\n\n```yaml\nTask 1:\nCREATE a.py\nTask 2:\nMODIFY b.py\n```\n")
    assert refused.value.line == 6 and "is in a code fence" in str(refused.value)
