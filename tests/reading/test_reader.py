"""Single forms of labels, headings and bullets, read through the public door."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conductor.plan.model import Phase
from conductor.reading.reader import read
from conductor.reading.writer import plan_to_json


def phase(text: str, heading: str = "### Phase 1: Name") -> Phase:
    return read(f"# Title\n\n{heading}\n\n{text}\n").phases[0]


HEADINGS = [
    ("Phase 1: Name", "1", "Name"),
    ("Phase 1 - Name", "1", "Name"),
    ("Phase 1 – Name", "1", "Name"),
    ("Phase 1 — Name", "1", "Name"),
    ("Phase 1. Name", "1", "Name"),
    ("Phase 1 : Name", "1", "Name"),
    ("Phase 1 (Name)", "1", "Name"),
    ("Phase 1 Name", "1", "Name"),
    ("PHASE 1: Name", "1", "Name"),
    ("**Phase 1:** Name", "1", "Name"),
    ("Phase 1", "1", "Phase 1"),
    ("3.2 Phase 1: Name", "1", "Name"),
    ("Phase 1: Name: with a colon", "1", "Name: with a colon"),
    ("Phase 1: Name (Base Layer)", "1", "Name (Base Layer)"),
    ("Phase 1: Name (2-4h)", "1", "Name"),
    ("Phase 1: Name (P0) (DONE)", "1", "Name"),
    ("🚀 Phase 1: Name ✅", "1", "Name"),
    ("Phase 1: Name [checkpoint: 1a2b3c]", "1", "Name"),
    ("Phase -1: Name", "-1", "Name"),
    ("Phase 0.5: Name", "0.5", "Name"),
    ("Phase 2a: Name", "2a", "Name"),
    ("Phase 3 & 4: Name", "3 & 4", "Name"),
    ("Phase 2-N: Name", "2-N", "Name"),
    ("Phase IV: Name", "IV", "Name"),
    ("Phase One: Name", "One", "Name"),
    ("Milestone 1: Name", "1", "Name"),
    ("Étape 1 : Name", "1", "Name"),
    ("フェーズ１：Name", "１", "Name"),
]


@pytest.mark.parametrize(("heading", "number", "name"), HEADINGS)
@pytest.mark.parametrize("level", ["#", "##", "####"])
def test_headings(heading: str, number: str, name: str, level: str) -> None:
    found = read(f"{level} {heading}\n- go\n").phases
    assert [(p.number, p.name) for p in found] == [(number, name)]


@pytest.mark.parametrize(
    "decoy",
    [
        "After Phase 1",
        "Phase Dependencies",
        "Optional (Phase 3+)",
        "Phase 3+",
        "Phase 2 is done",
        "Phase 1 Results",
        "Phases",
        "Phase one-pager",
        "Phase 2 Success Criteria",
    ],
)
def test_headings_that_are_no_phases(decoy: str) -> None:
    found = read(f"## Phase 1: Real\n- go\n\n## {decoy}\n- no\n").phases
    assert [p.name for p in found] == ["Real"]


def test_setext_headings_and_front_matter() -> None:
    plan = read("---\ntitle: no\nphase: 1\n---\nTitle\n=====\n\nPhase 1: Name\n-------------\n- go\n")
    assert (plan.title, plan.phases[0].name, plan.phases[0].lines) == ("Title", "Name", (8, 10))


def test_a_phase_without_modules_is_one_module_run_directly() -> None:
    found = phase("- go")
    assert [m.name for m in found.modules] == ["Name"]
    assert (found.mode, found.modules[0].goals) == ("direct", ("go",))


MODULES = [
    ("Modules: lexer", {"lexer": ()}),
    ("Modules: lexer, parser (depends on lexer), printer", {"lexer": (), "parser": ("lexer",), "printer": ()}),
    ("**Modules:** `lexer` and `parser`", {"lexer": (), "parser": ()}),
    ("Modules: lexer, ast, parser (depends on: lexer, ast)", {"lexer": (), "ast": (), "parser": ("lexer", "ast")}),
    ("Modules:\n- lexer\n- parser depends on: lexer", {"lexer": (), "parser": ("lexer",)}),
    ("- Modules: lexer, parser (needs lexer)", {"lexer": (), "parser": ("lexer",)}),
    ("Modules: lexer → parser", {"lexer": (), "parser": ("lexer",)}),
    ("Modules: a, b\n\nDependencies: b depends on a", {"a": (), "b": ("a",)}),
    ("Modules: a, b\nDependencies:\n- b: a", {"a": (), "b": ("a",)}),
    ("#### Module: a\n- x\n\n#### Module: b\nDepends on: A\n- y", {"a": (), "b": ("a",)}),
    ("Modules: a, b\n\n#### Module: b\nDepends on: a\n- y", {"a": (), "b": ("a",)}),
    ("| Module | Depends on |\n|---|---|\n| a | none |\n| b | a |", None),
    ("Modules:\n\n| Module | Depends on |\n|---|---|\n| a | none |\n| b | a |", {"a": (), "b": ("a",)}),
    ("- Module: a\n  - x\n- Module: b\n  - Depends on: a", {"a": (), "b": ("a",)}),
    ("Modules: none", None),
]


@pytest.mark.parametrize(("text", "modules"), MODULES)
def test_modules_and_their_dependencies(text: str, modules: dict[str, tuple[str, ...]] | None) -> None:
    found = phase(f"{text}\n\nGoals:\n- go")
    assert {m.name: m.depends_on for m in found.modules} == (modules or {"Name": ()})
    assert found.mode == ("worktrees" if modules and len(modules) > 1 else "direct")


def test_a_goal_belongs_to_the_modules_that_it_names_else_to_all() -> None:
    found = phase("Modules: lexer, type-checker\n\n- The lexer reads\n- Type checker and LEXER agree\n- Both are fast")
    assert found.module("lexer").goals == ("The lexer reads", "Type checker and LEXER agree", "Both are fast")
    assert found.module("type-checker").goals == ("Type checker and LEXER agree", "Both are fast")


DEPENDS = [
    "Phase 1, Phase 2",
    "1, 2",
    "Phases 1-2",
    "Phases 1 and 2",
    "phase 1 & phase 2",
    "One; Two",
    "all previous phases",
]


@pytest.mark.parametrize("value", DEPENDS)
def test_phases_depend_on_phases(value: str) -> None:
    text = f"### Phase 1: One\n- a\n### Phase 2: Two\n- b\n### Phase 3: Three\nDepends on: {value}\n\n- c\n"
    assert read(text).phase("3").depends_on == ("1", "2")


@pytest.mark.parametrize("value", ["none", "None", "N/A", "-", "nothing", "no other phases", "(none)"])
def test_depending_on_nothing(value: str) -> None:
    assert phase(f"Depends on: {value}\n\n- go").depends_on == ()


@pytest.mark.parametrize(
    ("text", "status"),
    [("Status: done", "done"), ("Status: ✅ Complete", "done"), ("Status: pending", "pending"), ("", "pending")],
)
def test_status(text: str, status: str) -> None:
    assert phase(f"{text}\n\n- go").status == status


@pytest.mark.parametrize(
    "heading", ["Phase 1: Name (DONE)", "✅ Phase 1: Name", "[x] Phase 1: Name", "Phase 1: Name - DONE"]
)
def test_a_heading_that_says_done(heading: str) -> None:
    found = phase("- go", f"## {heading}")
    assert (found.status, found.name) == ("done", "Name")


@pytest.mark.parametrize(
    "heading", ["Phase 1: Name (NOT DONE)", "[ ] Phase 1: Name", "Phase 1: Done right", "Phase 1: Undone"]
)
def test_a_heading_that_does_not_say_done(heading: str) -> None:
    assert phase("- go", f"## {heading}").status == "pending"


STUBS = [
    ("Stubs allowed", True),
    ("- Stubs are allowed", True),
    ("Allow stubs: yes", True),
    ("Stubs: allowed", True),
    ("- Stubs are allowed in the network client until phase 3", True),
    ("Allow stubs: no", False),
    ("- No stubs allowed", False),
    ("- Stubs are not allowed", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "allowed"), STUBS)
def test_stubs(text: str, allowed: bool) -> None:
    assert phase(f"{text}\n\n- go").allows_stubs is allowed
    assert phase(f"- go\n\n{text}").allows_stubs is allowed


def test_lists_below_other_headings_are_no_goals() -> None:
    assert phase("- go\n\nOut of scope:\n- a web page\n\n#### Rationale\n- because\n\n#### Backend\n- serve").goals == (
        "go",
        "serve",
    )


def test_prose_alone_is_the_goal() -> None:
    assert phase("Write it.\nAll of it.\n\nThen mend it.").goals == ("Write it. All of it.", "Then mend it.")


def test_a_phase_with_its_own_inherits_nothing() -> None:
    own = "Test Command: `make own`\nSuccess Criteria:\n- own\n\nGotchas:\n- own\n\nFiles: own.py\n\nGoals:\n- go"
    plan = read(f"## Success Criteria\n- doc\n\n## Gotchas\n- doc\n\n## Files\n- doc.py\n\n## Phase 1: x\n{own}\n")
    found = plan.phases[0]
    assert found.inherited == ()
    assert [c.id for c in found.success_criteria] == ["p1.c1"]
    assert (found.gotchas, found.expected_files, found.test_commands) == (("own",), ("own.py",), ("make own",))
    assert [c.id for c in plan.success_criteria] == ["doc.c1"]


def test_a_phase_without_inherits_and_says_so() -> None:
    own = "Test Command: make t\n\n## Success Criteria\n- doc\n\n## Gotchas\n- g\n\n## Files\n- a.py\n"
    plan = read(f"{own}\n## Phase 1: x\n- go\n")
    found = plan.phases[0]
    assert found.inherited == ("success_criteria", "gotchas", "test_commands", "expected_files")
    assert [(c.id, c.text) for c in found.success_criteria] == [("doc.c1", "doc")]
    assert (found.gotchas, found.expected_files, found.test_commands) == (("g",), ("a.py",), ("make t",))


def test_a_phase_is_not_held_to_files_of_later_phases() -> None:
    phases = "## Phase 1: Set up\n- go\n\n## Phase 2: Lexer\n- go\n\n## Phase 3: End\n- go\n"
    plan = read(f"{phases}\n## Files\n- x/lexer.py\n- y.md\n")
    assert [p.expected_files for p in plan.phases] == [(), ("x/lexer.py",), ()]
    assert plan.files == ("x/lexer.py", "y.md")


def test_underscores_and_stars_in_names_are_no_emphasis() -> None:
    found = phase("Files: calc/__main__.py, calc/__init__.py\nTest Command: ls tests/*.py lib/*.py\n\n- go")
    assert found.expected_files == ("calc/__main__.py", "calc/__init__.py")
    assert found.test_commands == ("ls tests/*.py lib/*.py",)


def test_what_begins_with_none_may_say_something() -> None:
    found = phase(
        "- Cache: none of the pages is stale\n- Mail: none\n- Log: none needed here\n\n"
        "Success Criteria:\n- Nothing is lost\n- None of them waits\n- None needed\n- N/A\n- None (a prototype)\n"
    )
    assert found.goals == ("Cache: none of the pages is stale",)
    assert [c.text for c in found.success_criteria] == ["Nothing is lost", "None of them waits"]


def test_modules_called_standalone_and_independent() -> None:
    found = phase("Modules: standalone, b (independent)\n\n- go\n")
    assert {m.name: m.depends_on for m in found.modules} == {"standalone": (), "b": ()}


def test_what_a_bullet_below_a_file_cites_is_not_expected_and_what_a_group_lists_is() -> None:
    found = phase("- go\n\nFiles:\n- `a/b.py`\n  - imports: `a/old.py`\n- core\n  - risks: `a/risks.py`\n")
    assert found.expected_files == ("a/b.py", "a/risks.py")


def test_the_object_of_plan_json() -> None:
    fields = "Modules: a, b (depends on a)\nTest Command: `t`\nFiles: f.py\n\n- go\n\nGotchas:\n- g\n"
    text = f"# T\n\n### Phase 1: x (2h)\n{fields}"
    assert plan_to_json(read(text)) == {
        "title": "T",
        "complexity": 7,
        "warnings": [],
        "phases": [
            {
                "number": "1",
                "name": "x",
                "goals": ["go"],
                "modules": [
                    {"name": "a", "depends_on": [], "goals": ["go"], "expected_files": [], "test_commands": []},
                    {"name": "b", "depends_on": ["a"], "goals": ["go"], "expected_files": [], "test_commands": []},
                ],
                "depends_on": [],
                "mode": "worktrees",
                "success_criteria": [],
                "gotchas": ["g"],
                "test_commands": ["t"],
                "expected_files": ["f.py"],
                "allows_stubs": False,
                "inherited": [],
                "duration": "2h",
                "status": "pending",
                "lines": [3, 11],
            }
        ],
    }


def test_importing_the_plan_does_not_import_the_parser() -> None:
    script = "import sys, conductor.plan.model; print([m for m in sys.modules if 'markdown' in m])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
