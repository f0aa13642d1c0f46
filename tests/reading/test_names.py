"""Words of the reader's own as names: of modules, of parts of the work, of phases. Nothing vanishes for its label."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.plan.model import Phase
from conductor.reading.reader import read
from conductor.reading.vocabulary import labels
from conductor.reading.writer import differences, plan_to_ready

UNFIT = re.compile(r"[/(),&]| and | und |^module |^component |^allow|stubs .*allowed$")  # to be the name of a module
MARKS = [
    *("- {}: {}", "* **{}:** {}", "- **{}**: {}", "- **{}** — {}", "- **{}** - {}", "- *{}*: {}", "- `{}`: {}"),
    *("- **`{}`**: {}", "+ {}：{}", "- [ ] {}: {}", "- [ ] **{}**: {}", "1. {}: {}", "1) **{}** — {}", "- {} — {}"),
]
HEADS = [
    "### Phase 1: Parts\nModules: web, {0}\n\n",
    "### Phase 1: Parts\n**Components & Dependencies:**\n- web (independent)\n- {0} depends on: web\n\n**Tasks:**\n",
    "## Phase 1: Parts\n**Modules:** `web`, `{0}`\n**Parallelizable:** Yes\n\n### Tasks\n",
    "## Phase 1: Parts\n### Modules\n- web\n- {0}\n\n### Goals\n",
    "### Phase 1: Parts\n- **Modules**:\n  - web\n  - {0}\n- **Goals**:\n",
    "### Phase 1: Parts\n\n| Module | Purpose |\n|---|---|\n| x | y |\n\nModules: web, {0}\n\nTasks:\n",
    "### Fase 1: Partes\nMódulos: web, {0}\n\n",
    "### Phase 1: Teile\nModule: web, {0}\n\n",
    "### Этап 1: Части\nМодули: web, {0}\n\n",
    "### フェーズ1：部品\nモジュール：web, {0}\n\n",
    "### 阶段 1：部件\n模块：web, {0}\n\n",
]
WORDS = ["api", "notes", "timeline", "status", "tests", "files", "risk", "state", "mission", "estado", "риск", "状態"]


def phase(text: str) -> Phase:
    """The only phase of a document, which must also read back from the one that Conductor writes."""
    plan = read(f"# Shop\n\n{text}\n")
    assert differences(plan, read(plan_to_ready(plan))) == ()
    return plan.phases[0]


@pytest.mark.parametrize("field", labels.FIELDS)
def test_a_bullet_whose_label_is_a_declared_module_is_its_goal(field: str) -> None:
    for label in labels.FIELDS[field]:
        if not UNFIT.search(label):
            found = read(f"### Phase 1: A\nModules: web, {label}\n\n- web: draws\n- {label}: keeps them\n").phases[0]
            assert found.goals == ("web: draws", f"{label}: keeps them")
            assert found.module(label).goals == (f"{label}: keeps them",)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(HEADS), st.sampled_from(MARKS), st.sampled_from(WORDS), st.sampled_from(["keeps them", "`a/b.py`"])
)
def test_so_it_is_in_every_dialect_and_with_every_mark(head: str, mark: str, word: str, value: str) -> None:
    indent = "  " if head.startswith("### Phase 1: Parts\n- ") else ""
    body = "\n".join(indent + mark.format(name, text) for name, text in (("web", "draws pages"), (word, value)))
    found = phase(head.format(word) + body)
    assert [goal for goal in found.module(word).goals if value in goal]
    assert not [goal for goal in found.module("web").goals if value in goal]


def test_a_module_declared_elsewhere_is_a_name_too() -> None:
    plan = read(
        "# S\n\n## Components\n- web (none)\n- risk depends on: web\n\n"
        "## Phase 1: A\nModules: web, notes\n\n- web: draws\n- notes: keep\n- risk: grows by the hour\n\n"
        "## Phase 2: B\n- Extend it\n- notes: turn pages\n- Status: done\n"
    )
    assert [p.goals for p in plan.phases] == [
        ("web: draws", "notes: keep", "risk: grows by the hour"),
        ("Extend it", "notes: turn pages"),
    ]
    assert plan.phases[1].status == "done"


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("word", ["notes", "timeline", "status", "risk", "overview"])
def test_a_bullet_that_names_a_file_is_work(word: str, mark: str) -> None:
    found = phase(f"### Phase 1: A\n\n- go\n\n---\n\n{mark.format(word, f'`shop/{word}.py` keeps them')}\n")
    assert (len(found.goals), found.expected_files) == (2, (f"shop/{word}.py",))


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("word", ["notes", "timeline", "risk", "examples"])
def test_a_bullet_like_several_others_is_work(word: str, mark: str) -> None:
    rows = (("web", "draws the pages"), ("cart", "adds up the prices"), (word, "keeps all of them"))
    assert len(phase("### Phase 1: A\n\n" + "\n".join(mark.format(*row) for row in rows)).goals) == 3
    nested = phase("### Phase 1: A\n\n- Build\n" + "\n".join("  " + mark.format(*row) for row in rows))
    assert nested.goals[0].count("\n") == 3


@pytest.mark.parametrize(
    "text",
    [
        "- notes: keeps the notes\n- timeline: draws the hours",
        "1. Notes: keep the notes of a user\n2. Timeline: draw the hours of a day",
        "- [ ] 1.1 Notes: keep the notes\n- [ ] 1.2 Change log: write one line for each release",
        "Modules: web, notes\n\n**Tasks:**\n- go\n\n**notes:**\n- keep the notes",
        "Modules: web, notes\n\n#### Tasks\n- go\n\n#### notes\n- keep the notes",
        "Modules: web, notes\n\n- web: draws\n  the pages\n- notes: keeps\n  the notes",
        "Modules: web, status\n\n- web: draws pages\n- Status: shows how many there are",
        "Modules: web, status\n\n- web: draws pages\n- status: done orders are hidden\n\nStatus: in progress",
        "Modules: web, timeline\n\n- web: draws pages\n- timeline: 24 hours on one page",
        "Modules:\n- web\n- status\n  - notes: keeps the notes in `a/notes.py`\n\nTasks:\n- go",
        "| Part | What |\n|---|---|\n| notes | `a/notes.py` keeps them |\n| web | `a/web.py` draws them |",
        "Modules: web, risk\n\n| Name | Does |\n|---|---|\n| web | draws |\n| risk | grows |",
    ],
)
def test_two_goals(text: str) -> None:
    assert len(phase(f"### Phase 1: A\n{text}\n").goals) == 2


META = [
    *("Status: planned", "Priority: high", "Owner: Jane Doe", "Estimate: 2 days", "Risk: low", "Timeline: 2 weeks"),
    *("Story Points: 5", "Rationale: frogs need a pond", "Out of scope: the admin pages", "Reference: `docs/a.md`"),
    *(
        "Do not touch: `a/old.py`",
        "Files to delete: `a/old.py`",
        "Read first: `docs/a.md` on frogs",
        "приоритет: высокий",
    ),
    *("优先级: 高", "担当: 田中", "Spec: `docs/a.md` has it all", "Status: planned, see `a/b.md`"),
]


@pytest.mark.parametrize("text", META)
@pytest.mark.parametrize("mark", ["- {}: {}", "- **{}:** {}", "- **{}**: {}"])
@pytest.mark.parametrize(
    "before", ["- Dig a hole", "- Hole: dig it\n- Pond: fill it with water", "Modules: hole, pond\n\n- pond: dig"]
)
def test_what_is_no_work_stays_out(text: str, mark: str, before: str) -> None:
    head = f"### Phase 1: A\n{before}\n"
    found = phase(head + mark.format(*text.split(": ", 1)))
    assert found.goals == phase(head).goals
    assert found.expected_files == ()


LISTS = [
    *("{0}:\n- {1}", "**{0}**\n\n- {1}", "#### {0}\n- {1}", "#### {0}\n1. {1}", "- **{0}:**\n  - {1}"),
    "#### {0}\n\n| Area | What |\n|---|---|\n| {2} | {3} |\n| Tests | `x/y.py` |",
]


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("word", ["Notes", "Status", "Tests", "Timeline", "Files", "Dependencies", "Risk", "api"])
def test_in_a_list_of_something_else_a_label_is_none(word: str, form: str) -> None:
    def said(label: str, value: str) -> Phase:
        return phase(f"### Phase 1: A\n- go\n\n{form.format(label, f'{word}: {value}', word, value)}\n")

    assert [c for c in said("Success Criteria", "shown at once").success_criteria if "shown at once" in c.text]
    assert [text for text in said("Gotchas", "lags behind").gotchas if "lags behind" in text]
    assert "a/b.py" in said("Files", "`a/b.py`").expected_files
    if "|" not in form:
        named = said("Modules", "keeps them").modules
        assert [(m.name, f"{word}: keeps them" in m.goals) for m in named] == [(word, True)]
