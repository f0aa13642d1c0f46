"""A specification through the doors: what it lacks, another kind's plan written down, a changed one adopted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conductor.doors.cli.commands.specify.init import TEMPLATE
from conductor.errors import Exit
from tests.doors.cli.stage import SECOND, SPEC, TURNS, Said, User

Conduct = Callable[..., Said]

TASKS = """\
# Tasks: Login

## Phase 1: Setup

- [ ] T001 Create `app/__init__.py`
- [ ] T002 [P] Write `app/users.py`

## Phase 2: User Story 1 - Log in (Priority: P1)

- [ ] T003 [US1] Write `app/login.py`

Run: `python3 -m unittest`
"""
COMMANDED = SPEC.replace("Expected Files: first.txt", "Expected Files: first.txt\nTest Command: `test -f first.txt`")


# ---- lint-spec -----------------------------------------------------------------------------------------------------


def test_the_template_lacks_nothing(conduct: Conduct) -> None:
    said = conduct("lint-spec", str(TEMPLATE))
    assert (said.code, said.out) == (Exit.OK, "2 phases: nothing is missing.\n")


def test_what_is_missing_is_said_with_its_line(conduct: Conduct, tmp_path: Path) -> None:
    path = tmp_path / "READY.md"
    path.write_text("# X\n\n## Implementation Phases\n\n### Phase 1: One\n\n- Do it well\n")
    said = conduct("lint-spec", str(path))
    assert said.code == Exit.FAILED
    for what in ("no mission", ":5: phase 1 has no success criteria", "no test command", "names no files"):
        assert what in said.out
    lacks = conduct("lint-spec", str(path), "--json").data["lacks"]
    assert {lack["line"] for lack in lacks} == {0, 5} and all(lack["remedy"] for lack in lacks)


def test_a_criterion_that_nothing_proves_is_named(conduct: Conduct, tmp_path: Path) -> None:
    path = tmp_path / "READY.md"
    path.write_text(TEMPLATE.read_text().replace("- No TODOs", "- People like it"))
    said = conduct("lint-spec", str(path))
    assert said.code == Exit.FAILED and ":18: nothing proves p1.c3, 'People like it'" in said.out


# ---- plan --from … --write -----------------------------------------------------------------------------------------


def test_a_plan_of_another_kind_is_written_as_a_strict_one(conduct: Conduct, tmp_path: Path) -> None:
    source, target = tmp_path / "tasks.md", tmp_path / "out" / "READY.md"
    source.write_text(TASKS)
    said = conduct("plan", "--from", str(source), "--write", "--to", str(target), "--json")
    assert said.code == Exit.OK and said.data["phases"] == 2 and said.data["differences"] == []
    read, written = (conduct("plan", str(p), "--json").data for p in (source, target))
    for before, after in zip(read["phases"], written["phases"], strict=True):
        for field in ("number", "name", "goals", "expected_files", "test_commands"):
            assert before[field] == after[field]


def test_a_file_that_is_there_is_never_written_over(conduct: Conduct, tmp_path: Path) -> None:
    source, target = tmp_path / "tasks.md", tmp_path / "READY.md"
    source.write_text(TASKS)
    target.write_text("mine")
    said = conduct("plan", "--from", str(source), "--write", "--to", str(target))
    assert said.code == Exit.USAGE and "not overwritten" in said.err and target.read_text() == "mine"


# ---- commands are approved -----------------------------------------------------------------------------------------


def commanded(user: User) -> None:
    (user.repo / ".prelude" / "READY.md").write_text(COMMANDED)


def test_a_specifications_commands_wait_for_a_person_and_are_asked_for_once(conduct: Conduct, user: User) -> None:
    commanded(user)
    agent = user.script("all", TURNS + SECOND)
    said = conduct("run", "--agent", agent)
    assert said.code == Exit.WAITING and "test -f first.txt" in said.out and "Allow Conductor to run them?" in said.out
    asked = conduct("questions", "--json").data
    assert asked["question"]["kind"] == "commands"
    assert conduct("answer", asked["question"]["id"], "approve").code == Exit.OK
    assert conduct("continue").code == Exit.OK
    assert conduct("questions").out == "Nothing is waiting for you.\n"
    again = conduct("run", "--new", "--agent", agent)
    assert again.code == Exit.OK and "Allow Conductor to run them?" not in again.out


def test_with_yes_nothing_is_asked(conduct: Conduct, user: User) -> None:
    commanded(user)
    assert conduct("run", "--yes", "--agent", user.script("all", TURNS + SECOND)).code == Exit.OK


# ---- replan --------------------------------------------------------------------------------------------------------

AGAIN = """
[[agent]]
phase = "1"
attempt = 2

  [[agent.turn]]
  call = [{ tool = "create", path = "more.txt", text = "more" }]
  report = { status = "PASS", summary = "Written." }
"""


def test_a_changed_specification_is_compared_adopted_and_built(conduct: Conduct, user: User) -> None:
    assert conduct("run", "--agent", user.script("all", AGAIN + TURNS + SECOND)).code == Exit.OK
    same = conduct("replan")
    assert same.code == Exit.OK and "have not changed" in same.out
    spec = user.repo / ".prelude" / "READY.md"
    spec.write_text(SPEC.replace("- Write `first.txt`", "- Write `first.txt` and `more.txt`"))
    shown = conduct("replan", "--json")
    assert shown.data["stale"] == ["1"] and not shown.data["adopted"]
    said = conduct("replan", "--yes")
    assert "stale: will be built again" in said.out and "Adopted" in said.out
    done = conduct("continue")
    assert done.code == Exit.OK, done.out + done.err
    path = conduct("status", "--json").data
    assert path["status"] == "completed"


def test_an_unreadable_change_is_refused(conduct: Conduct, user: User) -> None:
    assert conduct("run", "--agent", user.script("all", TURNS + SECOND)).code == Exit.OK
    (user.repo / ".prelude" / "READY.md").write_text("# Nothing\n")
    said = conduct("replan", "--yes")
    assert said.code == Exit.USAGE and "no phases" in said.err
