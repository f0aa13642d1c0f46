"""A command without a task means one of the repository that one stands in, and no command ever takes another's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import Exit
from conductor.log.store import EventStore
from tests.doors.cli.stage import SPEC, TURNS, Said, User, started, wires

Conduct = Callable[..., Said]

# One call of every command that takes a task, with it left out; and whether it does more than look.
LOOKING = [
    ("status",),
    ("checkpoints",),
    ("transcript",),
    ("brief", "1"),
    ("cost",),
    ("docs",),
    ("events",),
    ("replay",),
    ("verify",),
    ("emit", "--types", "-"),
    ("subscribe", "--task", "-", "--from", "start", "--timeout", "0.1"),
]
CHANGING = [
    ("continue",),
    ("answer", "q1", "retry"),
    ("pause",),
    ("resume",),
    ("abandon", "--yes"),
    ("rollback", "0", "--yes"),
    ("replan", "--yes"),
    ("emit", "team.deployed"),
    ("docs", "--write", "."),
]


def dashed(words: tuple[str, ...]) -> tuple[str, ...]:
    """The same call, with `-` where TASK is left out."""
    return words if "-" in words else (words[0], "-", *words[1:])


@pytest.fixture
def other(tmp_path: Path, server_url: str, namespace: str) -> User:
    """The same user's second repository: one state folder, one store."""
    made = User(tmp_path, server_url, namespace)
    made.repo = tmp_path / "other"
    made.make_repository(SPEC.replace("Notes", "Elsewhere"))
    return made


@pytest.fixture
def theirs(conduct: Conduct, other: User) -> str:
    """The only task there is, of the other repository; one stands in the first one, which has none."""
    return started(conduct, other.repo)


# ---- another repository's task -----------------------------------------------------------------------------------


def test_the_task_of_another_repository_is_not_meant(
    conduct: Conduct, user: User, theirs: str, stored: EventStore
) -> None:
    before = wires(stored)
    for words in (*LOOKING, *CHANGING, *map(dashed, (*LOOKING, *CHANGING))):
        said = conduct(*words)
        assert (said.code, said.out) == (Exit.USAGE, ""), (words, said)
        assert f"there are no tasks in the repository {user.repo} yet" in said.err
        assert f"allowed: {theirs} (running, {user.root / 'other'})" in said.err
    assert wires(stored) == before


@pytest.fixture
def mine(conduct: Conduct, user: User, theirs: str) -> str:
    """The only active task of the repository that one stands in; others have ended, and the other one has a newer."""
    ended = [started(conduct, user.repo, "--new") for _ in range(2)]
    assert all(conduct("abandon", task).code == 0 for task in ended)
    found = started(conduct, user.repo)
    started(conduct, user.root / "other", "--new")
    return found


def test_the_only_active_task_of_the_repository_is_looked_at(conduct: Conduct, mine: str, stored: EventStore) -> None:
    before = wires(stored)
    for words in (*LOOKING, *map(dashed, LOOKING)):
        said = conduct(*words)
        shown = said.out + said.err
        assert all(task not in shown for task in stored.tasks() if task != mine), (words, said)
        assert mine in shown or words[0] in ("brief", "replay"), (words, said)  # they show it without its name
    assert wires(stored) == before


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
@pytest.mark.parametrize("dash", [False, True], ids=["left out", "-"])
def test_the_only_active_task_of_the_repository_is_changed(
    conduct: Conduct, mine: str, stored: EventStore, words: tuple[str, ...], dash: bool
) -> None:
    before = wires(stored)
    said = conduct(*(dashed(words) if dash else words), "--json")
    assert mine in said.out + said.err
    assert all(task not in said.out + said.err for task in stored.tasks() if task != mine), said
    changed = {task for task, found in wires(stored).items() if found != before[task]}
    assert changed == ({mine} if words[0] in ("continue", "pause", "abandon", "emit") else set()), said


@pytest.mark.parametrize("ended", [False, True])
def test_where_several_could_be_meant_they_are_listed(
    conduct: Conduct, user: User, theirs: str, stored: EventStore, ended: bool
) -> None:
    mine = [started(conduct, user.repo, "--new") for _ in range(2)]
    assert not ended or all(conduct("abandon", task).code == 0 for task in mine)
    before = wires(stored)
    status = "abandoned" if ended else "running"
    for words in (*CHANGING, *map(dashed, CHANGING)):
        said = conduct(*words)
        assert (said.code, said.out) == (Exit.USAGE, ""), said
        assert f"2 tasks of the repository {user.repo} could be meant" in said.err
        assert f"allowed: {mine[0]} ({status}), {mine[1]} ({status})\n" in said.err
        assert theirs not in said.err
    assert wires(stored) == before
    error = json.loads(conduct("pause", "--json").err)
    assert error["exit_code"] == Exit.USAGE and all(task in error["allowed"] for task in mine)


def test_who_only_looks_is_shown_the_latest_of_several(conduct: Conduct, user: User, theirs: str) -> None:
    mine = [started(conduct, user.repo, "--new") for _ in range(2)]
    started(conduct, user.root / "other", "--new")
    assert conduct("status", "--json").data["id"] == mine[1]
    assert conduct("abandon", mine[1]).code == 0
    assert conduct("status", "--json").data["id"] == mine[0], "the only active one"
    assert conduct("abandon", mine[0]).code == 0
    assert conduct("status", "--json").data["id"] == mine[1]


def test_an_error_names_no_more_tasks_than_one_can_read(conduct: Conduct, user: User) -> None:
    mine = [started(conduct, user.repo, "--new") for _ in range(12)]
    said = conduct("pause")
    assert "allowed: 2 older ones, " in said.err
    assert [task in said.err for task in mine] == [False] * 2 + [True] * 10


def test_by_its_name_a_task_is_meant_from_everywhere(conduct: Conduct, user: User, theirs: str) -> None:
    mine = started(conduct, user.repo)
    assert conduct("pause", theirs[:12]).code == 0
    assert conduct("status", theirs, "--json").data["status"] == "paused"
    assert conduct("abandon", theirs).code == 0
    assert conduct("status", "--json").data["id"] == mine


@pytest.mark.parametrize("words", [("pause", ""), ("status", ""), ("subscribe", "--task", ""), ("questions", "")])
def test_an_empty_name_names_nothing(conduct: Conduct, theirs: str, words: tuple[str, ...]) -> None:
    said = conduct(*words)
    assert (said.code, "name is empty" in said.err) == (Exit.USAGE, True)


# ---- where one stands --------------------------------------------------------------------------------------------


def git(user: User, *words: str) -> None:
    subprocess.run(["git", *words], cwd=user.repo, env=user.environ, check=True, capture_output=True)


def test_any_folder_and_any_worktree_of_the_repository_will_do(
    conduct: Conduct, user: User, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = started(conduct, user.repo)
    (user.repo / "deep" / "down").mkdir(parents=True)
    git(user, "worktree", "add", "-q", str(user.root / "tree"))
    (user.root / "tree" / "below").mkdir()
    (user.root / "link").symlink_to(user.repo)
    places = (
        user.repo / "deep" / "down",
        user.root / "tree" / "below",
        user.root / "link" / "deep",
        user.repo / ".git",
    )
    for place in places:
        monkeypatch.chdir(place)
        assert conduct("status", "--json").data["id"] == mine, place
        assert conduct("emit", "team.deployed").out.startswith(f"{mine}/"), place


def test_a_task_begun_in_a_worktree_is_the_repositorys(
    conduct: Conduct, user: User, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = user.root / "tree"
    git(user, "worktree", "add", "-q", str(tree))
    monkeypatch.chdir(tree)
    mine = conduct("start", "--driver", "assisted", "--json").data["task"]
    monkeypatch.chdir(user.repo)
    assert conduct("pause", "--json").data["task"] == mine


def test_a_repository_within_a_repository_is_another_one(
    conduct: Conduct, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = started(conduct, user.repo)
    inner = User(user.repo, user.environ["CONDUCT_REDIS_URL"], user.environ["CONDUCT_NAMESPACE"])
    inner.repo = user.repo / "inner"
    inner.make_repository()
    monkeypatch.chdir(inner.repo)
    assert outer in conduct("pause").err
    mine = started(conduct, inner.repo)
    assert conduct("pause", "--json").data["task"] == mine
    monkeypatch.chdir(user.repo)
    assert conduct("pause", "--json").data["task"] == outer
    inner.repo.rename(user.root / "gone")
    said = conduct("resume", "--json")
    assert said.data["task"] == outer, "what is gone is not taken for the repository around it"


def test_a_tasks_own_worktrees_belong_to_its_repository(
    conduct: Conduct, user: User, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where an agent has made the worktree's `.git` another repository's."""
    assert conduct("run", "--agent", user.script("one", TURNS)).code == Exit.WAITING
    view = conduct("status", "--json").data
    tree = Path(view["path"])
    monkeypatch.chdir(tree)
    assert conduct("status", "--json").data["id"] == view["id"]
    (tree / ".git").write_text(f"gitdir: {user.root / 'other' / '.git'}\n")
    assert conduct("status", "--json").data["id"] == view["id"]
    (tree / ".git").unlink()
    assert conduct("pause", "--json").data["task"] == view["id"]


def test_outside_of_a_repository_a_task_has_to_be_named(
    conduct: Conduct, user: User, theirs: str, stored: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = started(conduct, user.repo)
    before = wires(stored)
    monkeypatch.chdir(user.root)
    for words in (*LOOKING, *CHANGING):
        said = conduct(*words)
        assert (said.code, said.out) == (Exit.USAGE, ""), (words, said)
        assert f"{user.root} is not in a repository" in said.err
        assert f"{theirs} (running, {user.root / 'other'}), {mine} (running, {user.repo})" in said.err
    assert wires(stored) == before


def test_outside_of_a_repository_the_only_task_is_looked_at_and_not_changed(
    conduct: Conduct, user: User, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(user.root)
    assert conduct("status", "--json").data["id"] == theirs
    said = conduct("pause")
    assert (said.code, theirs in said.err) == (Exit.USAGE, True)
    assert conduct("pause", theirs).code == 0


def test_a_folder_that_is_gone_is_in_no_repository(
    conduct: Conduct, user: User, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = user.repo / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = conduct("pause")
    assert (said.code, "the current folder is gone" in said.err) == (Exit.USAGE, True)


def test_the_questions_are_those_of_the_repository(
    conduct: Conduct, user: User, other: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other.repo)
    assert conduct("run", "--agent", other.script("one", TURNS)).code == Exit.WAITING
    theirs = conduct("status", "--json").data["id"]
    assert conduct("questions", "--json").data["task"] == theirs
    monkeypatch.chdir(user.repo)
    said = conduct("questions")
    assert said.out.startswith("Nothing is waiting for you.\nIn other repositories: 1 question in 1 task; `")
    assert said.out.rstrip().endswith(" questions --all`.")
    assert conduct("questions", "--json").out == ""
    for words in (("--all",), (theirs,)):
        assert conduct("questions", "--json", *words).data["task"] == theirs
    monkeypatch.chdir(user.root)
    assert conduct("questions", "--json").data["task"] == theirs
