"""What is a phase and what is not, whatever the form: properties, sizes and decoys."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.errors import SpecError
from conductor.reading.reader import read
from conductor.reading.source import LONGEST, MOST_LINES

FORMS = [
    "## Phase {n}: {name}\n\n- do\n",
    "## Phase {n} — {name} (2h) ✅\n\n- do\n",
    "**Phase {n}: {name}**\n\n- do\n",
    "- **Phase {n}: {name}**\n  - do\n",
    "- Phase {n}: {name}\n",
    "- [ ] {n}. {name}\n  - do\n",
    "Phase {n}: {name}\n\n- do\n\n",
]
names = st.from_regex(r"[B-Z][a-z]{2,8}( [a-z]{3,8}){0,3}", fullmatch=True).filter(
    lambda name: not set(name.lower().split()) & {"done", "todo", "wip", "ready", "active", "next", "current", "klar"}
)
lines = st.sampled_from(
    [
        "## Phase 8: x",
        "**Phase 8: x**",
        "- Phase 8: x",
        "| 8 | x |",
        "- [ ] 8. x",
        "```",
        "~~~",
        "-->",
        "# Title",
        "",
        "> a",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMS), st.lists(names, min_size=2, max_size=5, unique=True))
def test_every_form_gives_numbers_and_names_as_written(form: str, given_names: list[str]) -> None:
    text = "# T\n\n## Roadmap\n\n" + "".join(form.format(n=n, name=name) for n, name in enumerate(given_names, 1))
    assert [(phase.number, phase.name) for phase in read(text).phases] == [
        (str(n), name) for n, name in enumerate(given_names, 1)
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, max_size=12), st.sampled_from(["````", "~~~~"]), st.sampled_from(["", "  ", "> "]))
def test_nothing_in_a_fence_is_a_phase(inner: list[str], fence: str, indent: str) -> None:
    hidden = "\n".join(f"{indent}{line}" for line in [fence, *(x for x in inner if set(x) != {fence[0]}), fence])
    for text in (f"{hidden}\n\n## Phase 1: Real\n\n- go\n", f"## Phase 1: Real\n\n- go\n\n{hidden}\n"):
        assert [(phase.number, phase.name) for phase in read(text).phases] == [("1", "Real")]


@settings(max_examples=150, deadline=None)
@given(st.lists(lines.filter(lambda line: "-->" not in line), max_size=12))
def test_nothing_in_a_comment_is_a_phase(inner: list[str]) -> None:
    hidden = "\n".join(["<!--", *inner, "-->"])
    for text in (f"{hidden}\n\n## Phase 1: Real\n\n- go\n", f"## Phase 1: Real\n\n- go\n\n{hidden}\n"):
        assert [(phase.number, phase.name) for phase in read(text).phases] == [("1", "Real")]


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Phases",
            "Phase Dependencies",
            "After Phase 1",
            "Before Phase 2",
            "Optional (Phase 3+)",
            "Phase 3+ (optional)",
        ),
        *(
            "Phase 1 checklist",
            "Phase 2 Test Results",
            "Phase 1 Success Criteria",
            "Why Phase 2 comes last",
            "Phase's end",
        ),
        *("Phase 1 is done when", "Phasers 1: set", "Emphasis 2: none", "Stagecoach 1: x"),
    ],
)
def test_a_heading_that_is_no_phase(title: str) -> None:
    plan = read(f"# T\n\n## Phase 9: Real\n\n- go\n\n## {title}\n\n- x\n")
    assert [phase.number for phase in plan.phases] == ["9"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("## 1. Parser\n- a\n## 2. Build\n- b\n## 3. Testing\n- c\n## 4. Notes\n- d\n", ["Parser", "Build", "Testing"]),
        (
            "## 1. Scope\n- [ ] 1.1 a\n## 2. Notes\n- [ ] 2.1 b\n## 3. Verification\n- [ ] 3.1 c\n",
            ["Scope", "Notes", "Verification"],
        ),
        ("## Phase 1 Parser\n- a\n## Phase 2 Testing\n- b\n## Phase 1 Verification\n- c\n", ["Parser", "Testing"]),
        ("## Roadmap\n### Parser\n- a\n### API\n- b\n", ["Parser", "API"]),
    ],
)
def test_phases_may_be_called_so(text: str, names: list[str]) -> None:
    assert [p.name for p in read(text).phases] == names


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("## Phase 1: a\n- b\n" + "\n" * MOST_LINES, MOST_LINES + 1, "lines"),
        ("## Phase 1: a\n- " + "x" * (LONGEST + 1), 2, "characters"),
    ],
)
def test_what_is_larger_than_any_plan_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(SpecError, match=what) as caught:
        read(text)
    assert caught.value.line == line


SHAPES = {
    "headings": "## Phase 1: same\n- b\n",
    "bullets": "- do this\n",
    "fences": "````\n```\n# x\n```\n````\n",
    "rows": "| 1 | x |\n",
    "stars": "*a **b ",
    "brackets": "[a](",
    "boxes": "- [ ] 1.1 a\n",
    "spoken": "**Phase 1:** word\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_document_of_one_shape_only_is_read(shape: str) -> None:
    text = "## Phase 1: same\n\n- a\n\n| Phase | Name |\n|---|---|\n" + SHAPES[shape] * 3_000
    assert [phase.number for phase in read(text).phases] == ["1"]
