"""Which checks prove a criterion: nothing that was not checked may count as proven."""

from __future__ import annotations

import pytest

from conductor.reading.reader import read

PHASE = """### Phase 1: x
Test Commands:
- `python -m unittest`
- `pytest tests/test_a.py`

Files: calc/a.py, calc/b.py, tests/test_a.py

Success Criteria:
- {}

Goals:
- go
"""

PROVEN = [
    ("`python -m unittest` passes", ("tests:0",)),
    ("python -m unittest passes", ("tests:0",)),
    ("Command `pytest tests/test_a.py` exits 0", ("tests:1",)),
    ("Negative numbers work (`pytest tests/test_a.py`)", ("tests:1",)),
    ("All tests pass", ("tests",)),
    ("The whole test suite is green", ("tests",)),
    ("Unit tests pass and lint is clean", ("tests", "lint")),
    ("No failing tests", ("tests",)),
    ("`test_negative` covers negative numbers", ("tests",)),
    ("tests/test_b.py shows that it is fast", ("tests",)),
    ("calc/a.py and calc/b.py exist", ("files",)),
    ("Files exist: `calc/a.py`, `tests/test_a.py`", ("files",)),
    ("`calc/a.py`", ("files",)),
    ("a.py is created", ("files",)),
    ("calc/a.py exists and all tests pass", ("files", "tests")),
    ("calc/new.py exists", ("files",)),
    ("No TODOs, stubs or placeholders", ("leftovers",)),
    ("No TODO comments remain in the code", ("leftovers",)),
    ("ruff clean", ("lint",)),
    ("Linting passes without errors", ("lint",)),
    ("No lint warnings", ("lint",)),
    ("All imports resolve", ("imports",)),
    ("The project builds", ("imports",)),
    ("The code compiles without errors", ("imports",)),
]

UNPROVEN = [
    "A newcomer finds both commands in the README",
    "calc/a.py handles negative numbers",
    "The parser works and all tests pass",
    "Tests pass with a coverage of 90%",
    "Performance tests pass",
    "Manual tests pass",
    "End-to-end tests pass",
    "It compiles without warnings",
    "Build the parser",
    "The linter is configured",
    "`make release` passes",
    "Every placeholder is shown in grey",
    "calc/a.py has no bugs",
]


def proofs(text: str) -> tuple[str, ...]:
    criterion = read(PHASE.format(text)).phases[0].success_criteria[0]
    assert (criterion.id, criterion.text, criterion.line) == ("p1.c1", text, 9)
    return criterion.proofs


@pytest.mark.parametrize(("text", "keys"), PROVEN)
def test_proven(text: str, keys: tuple[str, ...]) -> None:
    assert proofs(text) == keys


@pytest.mark.parametrize("text", UNPROVEN)
def test_unproven(text: str) -> None:
    assert proofs(text) == ()


def test_every_key_of_a_proof_is_one_of_the_phase() -> None:
    for text, keys in PROVEN:
        commands = read(PHASE.format(text)).phases[0].test_commands
        assert all(int(key.split(":")[1]) < len(commands) for key in keys if ":" in key)


def test_a_document_criterion_names_no_single_command_but_may_name_the_end_to_end_one() -> None:
    criteria = "## Success Criteria\n- `make t` passes\n- `make e2e` passes\n"
    plan = read(f"E2E: `make e2e`\n\n{criteria}\n## Phase 1: x\nTests: `make t`\n- go\n")
    assert [c.proofs for c in plan.success_criteria] == [("tests",), ("e2e",)]
    assert [c.proofs for c in plan.phases[0].success_criteria] == [("tests:0",), ()]
