"""A person steers a task: answers, pauses, gives up, goes back. A refusal says what would be taken."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor.errors import Exit
from tests.doors.cli.stage import SECOND, SPEC, TURNS, Said, User

Conduct = Callable[..., Said]
HANGING = """
[[agent]]
phase = "2"

  [[agent.turn]]
  hang = 600.0
"""


@pytest.fixture
def waiting(conduct: Conduct, user: User) -> str:
    """A task whose phase 1 is done and whose phase 2 nobody did; its id."""
    said = conduct("run", "--agent", user.script("one", TURNS))
    assert said.code == Exit.WAITING, said
    task: str = conduct("status", "--json").data["id"]
    return task


def started(conduct: Conduct, user: User, *options: str) -> str:
    """A task that has begun and that nobody drives; its id."""
    said = conduct("start", "--agent", user.script("all", TURNS + SECOND), "--json", *options)
    assert said.code == 0, said
    task: str = said.data["task"]
    return task


def types(conduct: Conduct, task: str) -> list[str]:
    return [line.split()[4] for line in conduct("events", task).out.splitlines()]


# ---- answer ------------------------------------------------------------------------------------------------------


def test_an_answer_lets_the_task_go_on_to_its_end(conduct: Conduct, user: User, waiting: str) -> None:
    said = conduct("answer", "q1", "retry", "--hint", "write it")
    assert said.code == 0, said
    assert said.out.splitlines()[0] == "q1 is answered: retry."
    assert said.out.rstrip().endswith(f" continue {waiting}` continues it.")
    user.script("one", TURNS + SECOND)
    assert conduct("continue").code == 0
    view = conduct("status", waiting, "--json").data
    assert (view["status"], view["questions"]) == ("completed", [])
    assert (Path(view["path"]) / "second.txt").read_text() == "two"
    assert conduct("verify").code == 0
    assert "write it" in conduct("events", "--type", "question.answered").out


def test_a_wrong_choice_names_the_choices(conduct: Conduct, waiting: str) -> None:
    choices = conduct("status", "--json").data["questions"][0]["choices"]
    said = conduct("answer", waiting, "q1", "maybe")
    assert said.code == Exit.REFUSED
    assert f"allowed: {', '.join(choices)}\n" in said.err


def test_an_unknown_question_names_the_open_ones(conduct: Conduct, waiting: str) -> None:
    said = conduct("answer", "q7", "retry")
    assert said.code == Exit.REFUSED
    assert "allowed: open questions: q1" in said.err


@pytest.mark.parametrize("words", [("q1",), ("t", "q1", "retry", "more")])
def test_an_answer_has_a_question_and_a_choice(conduct: Conduct, words: tuple[str, ...]) -> None:
    said = conduct("answer", *words)
    assert said.code == Exit.USAGE
    assert "allowed: conduct answer [TASK] QUESTION CHOICE" in said.err


def test_answering_to_abandon_ends_the_task(conduct: Conduct, waiting: str) -> None:
    said = conduct("answer", waiting, "q1", "abandon", "--json")
    assert said.data["status"] == "abandoned"
    assert said.data["open"] == []


# ---- start, pause, resume, abandon ---------------------------------------------------------------------------------


def test_start_records_and_drives_nothing(conduct: Conduct, user: User) -> None:
    task = started(conduct, user)
    assert types(conduct, task) == ["task.created", "task.started", "workspace.requested"]
    assert not (user.home / "worktrees").exists()
    assert conduct("continue", task).code == 0
    assert conduct("status", "--json").data["status"] == "completed"


def test_start_needs_agents_unless_a_client_drives(conduct: Conduct) -> None:
    said = conduct("start")
    assert said.code == Exit.USAGE
    assert "--agent is not given" in said.err
    assert conduct("list", "--json").data == []
    assert conduct("start", "--driver", "assisted", "--json").data["driver"] == "assisted"


def test_live_agents_are_begun_and_gone_on_with_only_where_there_is_a_key(
    conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-mine")
    task = conduct("start", "--json").data["task"]
    assert "anthropic" in conduct("status").out
    before = types(conduct, task)
    monkeypatch.setenv("ANTHROPIC_API_KEY", " ")
    said = conduct("continue")
    assert said.code == Exit.USAGE
    assert "ANTHROPIC_API_KEY is not set" in said.err
    assert types(conduct, task) == before


def test_a_task_is_paused_and_resumed(conduct: Conduct, user: User) -> None:
    task = started(conduct, user)
    assert conduct("pause", "--reason", "lunch").code == 0
    assert "paused: lunch" in conduct("events", "--limit", "1").out
    again = conduct("pause")
    assert again.code == Exit.REFUSED
    assert "task.paused is not possible while task" in again.err
    assert "task.resumed" in again.err
    assert conduct("resume", "--json").data == {"task": task, "status": "running"}
    assert conduct("resume").code == Exit.REFUSED


def test_a_task_is_given_up_and_its_history_stays(conduct: Conduct, waiting: str) -> None:
    view = conduct("status", "--json").data
    said = conduct("abandon", waiting, "--reason", "bought one instead")
    assert said.code == 0
    assert view["branch"] in said.out
    assert view["path"] in said.out
    assert Path(view["path"]).exists()
    assert "abandoned: bought one instead" in conduct("events", waiting).out
    assert conduct("abandon", waiting).code == Exit.REFUSED


# ---- rollback ----------------------------------------------------------------------------------------------------


def test_a_rollback_returns_tree_and_state_together(conduct: Conduct, waiting: str) -> None:
    path = Path(conduct("status", "--json").data["path"])
    base = conduct("checkpoints", "--json").data[0]["commit"]
    assert (path / "first.txt").exists()
    said = conduct("rollback", waiting, "0", "--reason", "from the beginning", "--json")
    assert said.code == 0, said
    assert (said.data["checkpoint"], said.data["commit"]) == (0, base)
    assert said.data["rescued"]
    for ref in said.data["rescued"]:
        subprocess.run(["git", "rev-parse", "--verify", "--quiet", ref], check=True, stdout=subprocess.DEVNULL)
    assert not (path / "first.txt").exists()
    view = conduct("status", "--json").data
    assert view["status"] == "paused"
    assert [phase["status"] for phase in view["phases"]] == ["pending", "pending"]
    points = conduct("checkpoints", "--json").data
    assert [bool(point["abandoned"]) for point in points] == [False, True]
    assert "abandoned by the rollback at version" in conduct("checkpoints").out
    assert conduct("continue").code == Exit.WAITING  # phase 1 again, and the same question
    assert (path / "first.txt").exists()


@pytest.mark.parametrize(("number", "code"), [("7", Exit.REFUSED), ("x", Exit.USAGE)])
def test_a_rollback_to_nowhere_names_the_checkpoints(conduct: Conduct, waiting: str, number: str, code: int) -> None:
    before = len(types(conduct, waiting))
    said = conduct("rollback", waiting, number)
    assert said.code == code
    assert f" checkpoints {waiting}` lists them" in said.err
    assert len(types(conduct, waiting)) == before


def hanging(user: User, conduct: Conduct) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """A process that drives a task whose agent hangs in phase 2, and the task's view then."""
    process = user.popen("run", "--agent", user.script("hang", TURNS + HANGING))
    until = time.monotonic() + 60
    while time.monotonic() < until:
        tasks = conduct("list", "--json").data
        if tasks and tasks[0]["phases"][1]["modules"][0]["doing"] == "implementation-executor":
            return process, tasks[0]
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError("the agent has not begun")


def test_a_rollback_waits_for_no_living_process_and_takes_over_from_a_dead_one(conduct: Conduct, user: User) -> None:
    process, view = hanging(user, conduct)
    try:
        said = conduct("rollback", "0")
        assert said.code == Exit.REFUSED
        assert "cannot roll back while work is under way" in said.err
        assert f" pause {view['id']}` first" in said.err
    finally:
        process.kill()
        process.communicate()
    said = conduct("rollback", view["id"], "1")
    assert said.code == 0, said
    assert conduct("status", "--json").data["phases"][1]["status"] == "pending"
    assert "effect.released" in types(conduct, view["id"])


def test_pause_reaches_the_process_that_drives(conduct: Conduct, user: User) -> None:
    process, view = hanging(user, conduct)
    try:
        said = conduct("pause", view["id"], "--json")
        assert said.data["at_work"]
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == Exit.INTERRUPTED, err
    assert conduct("status", "--json").data["status"] == "paused"
    assert conduct("rollback", view["id"], "1").code == 0


def test_ctrl_c_pauses_the_task(conduct: Conduct, user: User) -> None:
    process, _ = hanging(user, conduct)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == Exit.INTERRUPTED
    assert "is paused" in out
    assert conduct("status", "--json").data["status"] == "paused"


# ---- which task --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("status",), ("answer", "q1", "retry"), ("rollback", "0"), ("emit", "-", "team.x")])
def test_without_tasks_there_is_nothing_to_steer(conduct: Conduct, words: tuple[str, ...]) -> None:
    said = conduct(*words)
    assert said.code == Exit.USAGE
    assert "there are no tasks yet" in said.err


def test_without_tasks_the_list_is_empty(conduct: Conduct) -> None:
    assert "no tasks yet" in conduct("list").out
    assert conduct("list", "--json").data == []


def test_a_beginning_that_fits_several_tasks_names_them(conduct: Conduct, user: User) -> None:
    one, other = started(conduct, user), started(conduct, user, "--new")
    said = conduct("pause", "notes")
    assert said.code == Exit.USAGE
    assert f"allowed: {one}, {other}" in said.err
    assert conduct("pause", other).code == 0


def test_a_second_task_of_one_specification_is_refused(conduct: Conduct, user: User) -> None:
    task = started(conduct, user)
    said = conduct("start", "--agent", user.script("all", TURNS))
    assert said.code == Exit.REFUSED
    assert f" continue {task}` continues it" in said.err


def test_outside_of_a_repository_init_is_offered(
    conduct: Conduct, user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "READY.md").write_text(SPEC)
    monkeypatch.chdir(folder)
    said = conduct("start", "READY.md", "--agent", user.script("all", TURNS))
    assert said.code == Exit.WORKSPACE
    assert " init` there" in said.err
