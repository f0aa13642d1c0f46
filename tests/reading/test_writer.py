"""A plan, written as a strict READY.md, reads as the same plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor.plan.model import Plan
from conductor.reading.reader import read
from conductor.reading.writer import differences, plan_to_ready
from tests.support.places import EXAMPLE

HERE = Path(__file__).parent
FILES = [
    EXAMPLE / "project" / ".prelude" / "READY.md",
    *sorted(HERE.glob("documents/*.md")),
    *sorted(HERE.glob("golden/*.md")),
]

WORDS = ["lexer", "parser", "token", "wide_star", "a_b", "*bold*", "`code`", "[link]", "<tag>", "&", "&amp;", "#", "1."]
word = st.sampled_from([*WORDS, "-", "100%", "é", "日本"])
phrase = st.lists(word, min_size=1, max_size=5).map(" ".join).filter(lambda text: any(c.isalpha() for c in text))
text = st.tuples(st.sampled_from(["Build", "Mend", "Draw"]), phrase).map(" ".join)
nested = st.tuples(text, st.lists(text, max_size=2)).map(lambda t: "\n".join([t[0], *(f"  - {line}" for line in t[1])]))
path = st.sampled_from(
    ["a.py", "src/b.ts", "docs/", "tests/test_c.py", "x/*.sql", ".env", "Makefile", "app/(auth)/p.tsx"]
)
command = st.sampled_from(
    ["make a", "pytest -q x.py", "echo `date` | grep 2", "python -c 'print(1)'", "cd b && go test ./..."]
)


def several(values: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(values, max_size=most, unique=True)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Documents in which every field occurs, written plainly."""
    lines = ["# Title", ""]

    def section(title: str, items: list[str], form: str = "- {}") -> None:
        if items:
            lines.extend([title, "", *(form.format(item) for item in items), ""])

    section("## Mission", draw(several(text, 1)), "{}")
    section("## Success Criteria", draw(several(text)))
    section("## Known Gotchas", draw(several(nested)))
    section("## Quality Requirements", draw(several(text)))
    section("## Validation Commands", draw(several(command)), "- `` {} ``")
    section("## Files to Create/Modify", draw(several(path)), "- `{}`")
    lines += ["## Implementation Phases", ""]
    for n in range(1, draw(st.integers(1, 3)) + 1):
        lines += [f"### Phase {n}: {draw(text)}", ""]
        lines += draw(st.sampled_from([[], [f"Depends on: Phase {n - 1}", ""]])) if n > 1 else []
        lines += draw(st.sampled_from([[], ["Duration: 2h", ""], ["Status: done", ""], ["Stubs: allowed", ""]]))
        section("#### Tasks", draw(several(nested)))
        names = draw(st.sampled_from([[], ["lexer"], ["lexer", "parser"], ["wide_star", "lexer", "parser"]]))
        for i, name in enumerate(names):
            lines += [
                f"#### Module: {name}",
                "",
                *([f"Depends on: {names[0]}", ""] if i and draw(st.booleans()) else []),
            ]
            section("##### Tasks", draw(several(text)))
            section("##### Files", draw(several(path)), "- `{}`")
        section("#### Files", draw(several(path)), "- `{}`")
        section("#### Validation Commands", draw(several(command)), "- `` {} ``")
        section("#### Success Criteria", draw(several(text)), "- [ ] {}")
        section("#### Gotchas", draw(several(nested)))
    return "\n".join(lines)


def assert_reads_back(plan: Plan) -> None:
    ready = plan_to_ready(plan)
    again = read(ready)
    assert differences(plan, again) == (), ready
    assert plan_to_ready(again) == ready


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_plan_reads_back_as_itself(file: Path) -> None:
    assert_reads_back(read(file.read_bytes()))


@settings(max_examples=150, deadline=None)
@example("# T\n\n## Implementation Phases\n\n### Phase 1: Build - 100% - 2 days -\n")
@given(documents())
def test_any_plan_reads_back_as_itself(document: str) -> None:
    assert_reads_back(read(document))


def test_a_lost_goal_is_a_difference() -> None:
    plan = read("# T\n\n## Phase 1: x\n- a\n- b\n")
    assert differences(plan, read("# T\n\n## Phase 1: x\n- a\n")) == ("phase 1: modules", "phase 1: goals")
    assert differences(plan, read("# T\n\n## Phase 2: x\n- a\n")) == ("phases",)
    assert differences(plan, read("# U\n\n\n## Phase 1: x\n- a\n- b\n")) == ("title",)


def test_a_command_of_several_lines_is_written_as_a_fence() -> None:
    plan = read("## Phase 1: x\n- a\n\nValidation Commands:\n```bash\nfor i in 1 2; do\n  make $i\ndone\nmake b\n```\n")
    assert plan.phases[0].test_commands == ("for i in 1 2; do\nmake $i\ndone", "make b")
    assert_reads_back(plan)
