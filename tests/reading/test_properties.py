"""What holds for any text."""

from __future__ import annotations

import contextlib
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.errors import SpecError
from conductor.plan.complexity import explain
from conductor.plan.model import Plan
from conductor.reading.reader import read
from conductor.reading.writer import plan_to_json

LINES = [
    *(
        "# Title",
        "## Implementation Phases",
        "### Phase 1: One",
        "### Phase 2 - Two (2h)",
        "#### Module: lexer",
        "Phase 3: x",
    ),
    *(
        "Modules: lexer, parser (depends on lexer)",
        "Depends on: Phase 1",
        "- parser depends on: lexer",
        "**Goals:**",
        "---",
    ),
    *(
        "Success Criteria:",
        "- [ ] `make test` passes",
        "- a.py exists",
        "Test Command: `make test`",
        "Files: a.py, ../b.py",
    ),
    *(
        "## Gotchas",
        "- item",
        "  - nested",
        "1. first",
        "> quote",
        "```",
        "~~~bash",
        "<!--",
        "-->",
        "| a | b |",
        "|---|---|",
    ),
    *(
        "",
        "",
        "    code",
        "prose *with* `marks`",
        "└── x.py",
        "\t- tab",
        "Stubs allowed",
        "Status: done",
        "**Phase 4: y**",
        "===",
    ),
    *(
        "## Out of scope",
        "E2E: `make e2e`",
        "Dependencies: a → b",
        "- Modules: x",
        "Depends on: 1-2, all previous phases",
    ),
]
documents = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=20)), max_size=40).map("\n".join)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


def read_or_refuse(text: str | bytes) -> Plan | None:
    with contextlib.suppress(SpecError):
        return read(text)
    return None


@settings(max_examples=300, deadline=None)
@example("0\v\n**Phase 4: y**")
@given(documents)
def test_any_document_is_read_or_refused(text: str) -> None:
    plan = read_or_refuse(text)
    if plan is None:
        return
    last = len(re.split(r"\r\n|\r|\n", text))
    assert plan.phases
    assert len({phase.number for phase in plan.phases}) == len(plan.phases)
    assert 0 <= plan.complexity <= 100
    assert sum(part.points for part in explain(plan)) <= 100
    assert all(1 <= warning.line <= last for warning in plan.warnings)
    assert len(plan_to_json(plan)["phases"]) == len(plan.phases)
    before: set[str] = set()
    for phase in plan.phases:
        assert phase.modules and phase.name
        assert [name for wave in phase.waves() for name in wave]  # no cycle, no unknown name
        assert set(phase.depends_on) <= before
        assert 1 <= phase.lines[0] <= phase.lines[1] <= last
        for path in (*phase.expected_files, *(path for module in phase.modules for path in module.expected_files)):
            assert not path.startswith(("/", "..", "~"))
        before.add(phase.number)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_anything_at_all_is_read_or_refused(text: str | bytes) -> None:
    read_or_refuse(text)


@settings(max_examples=200, deadline=None)
@given(
    words,
    st.sampled_from(["- {}", "Modules: {}", "Depends on: {}", "Test Command: {}", "Files: {}", "Success Criteria: {}"]),
)
def test_any_value_of_any_label(value: str, form: str) -> None:
    read_or_refuse(f"# T\n\n### Phase 1: One\n\n{form.format(value)}\n\n- go\n")


@settings(max_examples=100, deadline=None)
@given(words)
def test_any_heading_after_the_keyword(name: str) -> None:
    read_or_refuse(f"### Phase 1: {name}\n- go\n")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([line for line in LINES if not line.startswith(("```", "~~~", "<!--", "-->"))]), max_size=15
    )
)
def test_fences_and_comments_change_nothing(lines: list[str]) -> None:
    real = "# T\n\n### Phase 1: Real\n- go\n"
    inner = "\n".join(lines)
    for hidden in (f"\n```\n{inner}\n```\n", f"\n<!--\n{inner}\n-->\n"):
        plan = read(real + hidden)
        assert [(p.number, p.name, p.goals, p.status) for p in plan.phases] == [("1", "Real", ("go",), "pending")]
        assert plan.phases[0].modules[0].name == "Real"
        assert plan.warnings == ()


@settings(max_examples=100, deadline=None)
@given(documents)
def test_reading_is_a_function_of_the_text(text: str) -> None:
    assert read_or_refuse(text) == read_or_refuse(text)


def test_a_long_document_is_read_whole() -> None:
    fields = (
        "Modules: lexer, parser (depends on lexer)\nTest Command: `t {0}`\n\n- The lexer\n- a{0}.py\n\nGotchas:\n- g\n"
    )
    plan = read("\n".join(f"### Phase {n}: P{n}\n{fields.format(n)}" for n in range(1, 501)))
    assert [phase.number for phase in plan.phases] == [str(n) for n in range(1, 501)]
    assert all(len(phase.modules) == 2 and phase.gotchas == ("g",) for phase in plan.phases)
    assert [phase.test_commands for phase in plan.phases] == [(f"t {n}",) for n in range(1, 501)]
