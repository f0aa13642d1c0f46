"""A task whose record is damaged is shown as such, and stops no other: not to find, begin, build, answer or follow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import Exit
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.damages import KINDS, Kind, missing, unreadable_first, unreadable_last
from tests.doors.cli.stage import SECOND, SPEC, TURNS, Said, User
from tests.support.blobs import erase

Conduct = Callable[..., Said]

kinds = pytest.mark.parametrize("damage", KINDS.values(), ids=KINDS)


@pytest.fixture
def stored(server_url: str, namespace: str) -> EventStore:
    return EventStore(connect(server_url), namespace)


@pytest.fixture
def elsewhere(tmp_path: Path, server_url: str, namespace: str) -> User:
    """The same user's second repository: one state folder, one store."""
    made = User(tmp_path, server_url, namespace)
    made.repo = tmp_path / "elsewhere"
    made.make_repository(SPEC.replace("Notes", "Others"))
    return made


def begun(conduct: Conduct, repo: Path, spec: str = ".prelude/READY.md") -> str:
    said = conduct("start", str(repo / spec), "--repo", str(repo), "--driver", "assisted", "--json")
    assert said.code == 0, said
    task: str = said.data["task"]
    return task


@pytest.fixture
def whole(conduct: Conduct, user: User) -> str:
    """A task that is under way and can be read."""
    return begun(conduct, user.repo)


@pytest.fixture
def theirs(conduct: Conduct, elsewhere: User, whole: str) -> str:
    """A later one, in the other repository, that is about to be damaged."""
    return begun(conduct, elsewhere.repo)


@pytest.fixture
def damaged(conduct: Conduct, user: User, whole: str, stored: EventStore) -> str:
    """A later one, of another specification in the same repository, with an entry at its end that is no event."""
    (user.repo / "OTHER.md").write_text(SPEC.replace("Notes", "Others"))
    task = begun(conduct, user.repo, "OTHER.md")
    unreadable_last(stored, task)
    return task


# ---- what is shown of it -----------------------------------------------------------------------------------------


def is_shown(conduct: Conduct, whole: str, task: str) -> None:
    lines = conduct("list").out.splitlines()
    (row,) = (line.split() for line in lines if line.startswith(f"{task} ") and " is damaged" not in line)
    assert row[1] == "damaged"
    (told,) = (line for line in lines if line.startswith(f"{task} is damaged"))
    assert told.endswith(f" verify {task}` says more")
    rows = {row["id"]: row for row in conduct("list", "--json").data}
    assert (rows[whole]["quarantined"], rows[task]["quarantined"]) == (False, True)
    assert rows[task]["error"].startswith("damaged")

    said = conduct("status", task)
    assert said.code == Exit.FAILED and said.out.startswith(f"{task} is damaged"), said
    said = conduct("status", task, "--json")
    assert (said.code, said.data["id"], said.data["quarantined"]) == (Exit.FAILED, task, True)
    assert said.data["error"] == rows[task]["error"]

    found = conduct("doctor", "--json").data
    (row,) = (row for row in found["rows"] if row["name"] == f"task {task}")
    assert not found["ok"] and row["detail"] == rows[task]["error"] and f" verify {task}`" in row["hint"]
    assert [row["name"] for row in found["rows"] if row["name"].startswith("task")] == [f"task {task}"]

    said = conduct("verify", task, "--json")
    assert (said.code, said.data["ok"]) == (Exit.FAILED, False), said


@kinds
def test_it_is_shown_as_damaged_at_once(
    conduct: Conduct, whole: str, theirs: str, stored: EventStore, damage: Kind
) -> None:
    """Though what was folded of it before is still there, as if nothing had happened."""
    assert conduct("list", "--json").code == 0
    damage(stored, theirs)
    is_shown(conduct, whole, theirs)
    for view in ("tasks", "checkpoints", "documents"):
        stored.connection.call("DEL", stored.keys.view(view))
    is_shown(conduct, whole, theirs)


@kinds
def test_who_asks_for_it_is_told_its_name_and_nothing_is_written(
    conduct: Conduct, whole: str, theirs: str, stored: EventStore, damage: Kind
) -> None:
    damage(stored, theirs)
    before = stored.connection.call("DUMP", stored.keys.stream(theirs))
    for words in (
        ("continue", theirs),
        ("pause", theirs),
        ("abandon", theirs),
        ("answer", theirs, "q1", "retry"),
        ("rollback", theirs, "0"),
        ("emit", theirs, "team.deployed"),
    ):
        said = conduct(*words)
        assert said.code == Exit.STORE, (words, said)
        assert theirs in said.err and whole not in said.err
        assert f" verify {theirs}`" in said.err.partition("hint: ")[2], said
    assert stored.connection.call("DUMP", stored.keys.stream(theirs)) == before


def test_a_sound_store_is_said_to_be_sound(conduct: Conduct, whole: str, theirs: str) -> None:
    rows = conduct("doctor", "--json").data["rows"]
    assert [(row["ok"], row["detail"]) for row in rows if row["name"] == "tasks"] == [(True, "2 records, intact")]
    assert not any(row["quarantined"] for row in conduct("list", "--json").data)
    assert not conduct("status", theirs, "--json").data["quarantined"]


@pytest.mark.parametrize("damage", [missing, unreadable_first])
def test_what_is_brought_back_is_in_order_again(
    conduct: Conduct, whole: str, theirs: str, stored: EventStore, damage: Kind
) -> None:
    stored.connection.call("COPY", stored.keys.stream(theirs), kept := stored.keys.stream("kept"))
    damage(stored, theirs)
    stored.connection.call("DEL", stored.keys.view("tasks"), stored.keys.view("checkpoints"))
    assert conduct("status", theirs).code == Exit.FAILED
    stored.connection.call("COPY", kept, stored.keys.stream(theirs), "REPLACE")
    assert conduct("status", theirs).code == Exit.OK
    assert conduct("emit", theirs, "team.deployed").code == Exit.OK
    assert conduct("verify", theirs).code == Exit.OK
    assert not any(row["quarantined"] for row in conduct("list", "--json").data)


def test_a_text_that_is_missing_is_no_damage(conduct: Conduct, whole: str, theirs: str, stored: EventStore) -> None:
    """It was erased: the events that name it stay whole."""
    digest = stored.read(theirs)[0].body.spec  # type: ignore[attr-defined]
    assert erase(stored, digest)
    assert conduct("status", theirs).code == conduct("verify", theirs).code == Exit.OK
    assert conduct("pause", theirs).code == Exit.OK
    stored.connection.call("LPUSH", stored.keys.blob(digest), "no text")
    assert "is of another type" in conduct("verify", theirs).out
    assert conduct("status", theirs).code == conduct("verify", whole).code == Exit.OK


# ---- what nobody else notices ------------------------------------------------------------------------------------


@kinds
def test_another_repositorys_tasks_are_begun_built_and_looked_at(
    conduct: Conduct, user: User, whole: str, theirs: str, stored: EventStore, damage: Kind
) -> None:
    """One that has ended and left something behind is the one that every new task looks at."""
    assert conduct("abandon", theirs).code == 0
    (user.home / "worktrees" / theirs).mkdir(parents=True)
    damage(stored, theirs)
    (user.repo / "THIRD.md").write_text(SPEC.replace("Notes", "Thirds"))
    said = conduct("run", "THIRD.md", "--agent", user.script("one", TURNS))
    assert (said.code, theirs in said.out + said.err) == (Exit.WAITING, False), said
    third = conduct("questions", "--json").data["task"]
    user.script("one", TURNS + SECOND)
    for words in (
        ("answer", third, "q1", "retry"),
        ("continue", third),
        ("status",),
        ("cost",),
        ("verify",),
        ("events",),
        ("docs",),
        ("emit", "team.deployed"),
        ("pause",),
        ("resume",),
        ("abandon", "--yes"),
    ):
        said = conduct(*words)
        assert (said.code, said.err, theirs in said.out) == (Exit.OK, "", False), (words, said)
    followed = conduct("subscribe", "--from", "start", "--timeout", "0.1", "--type", "task.abandoned", "--json")
    assert followed.code == Exit.OK and json.loads(followed.out.splitlines()[-1])["task"] == whole


def test_the_task_that_can_be_read_is_meant(conduct: Conduct, whole: str, damaged: str) -> None:
    for words in (("status", "--json"), ("status", "--json", damaged)):
        said = conduct(*words)
        assert (said.code == Exit.OK) is (damaged not in words), said
    assert conduct("status", "--json").data["id"] == whole
    assert conduct("emit", "-", "team.deployed").out.startswith(f"{whole}/")


@kinds
def test_of_one_repository_the_sound_task_is_meant(
    conduct: Conduct, user: User, whole: str, stored: EventStore, damage: Kind
) -> None:
    (user.repo / "OTHER.md").write_text(SPEC.replace("Notes", "Others"))
    other = begun(conduct, user.repo, "OTHER.md")
    assert "2 tasks" in conduct("pause").err
    damage(stored, other)
    assert conduct("status", "--json").data["id"] == whole
    assert conduct("pause", "--json").data["task"] == whole
    assert begun(conduct, user.repo, "OTHER.md") != other, "nobody can go on with the damaged one"
    damage(stored, whole)
    assert conduct("abandon", conduct("status", "--json").data["id"]).code == 0, "the new one"
    said = conduct("pause")
    assert (said.code, f"{whole} (damaged), " in said.err) == (Exit.USAGE, True), said


def test_a_damaged_task_is_meant_where_there_is_no_other(
    conduct: Conduct, user: User, whole: str, stored: EventStore
) -> None:
    missing(stored, whole)
    assert conduct("status", "--json").data["id"] == whole
    for words in (("pause",), ("continue",)):
        said = conduct(*words)
        assert said.code == Exit.STORE and f"the record of task {whole} is damaged at version 2" in said.err


def test_other_tasks_are_begun_and_built(conduct: Conduct, user: User, whole: str, damaged: str) -> None:
    (user.repo / "THIRD.md").write_text(SPEC.replace("Notes", "Thirds"))
    said = conduct("run", "THIRD.md", "--agent", user.script("all", TURNS + SECOND))
    assert said.code == Exit.OK, said
    assert conduct("start", "--driver", "assisted").code == Exit.REFUSED, "the same as before"
    assert conduct("start", "OTHER.md", "--driver", "assisted").code == Exit.OK, "nobody can go on with the damaged one"
    assert len(conduct("list", "--json").data) >= 3


def test_who_follows_is_told_and_goes_on(conduct: Conduct, whole: str, damaged: str) -> None:
    assert conduct("emit", whole, "team.deployed").code == 0
    said = conduct("subscribe", "--from", "start", "--timeout", "0.1")
    assert said.code == 0, said
    lines = [json.loads(line) for line in said.out.splitlines()]
    (marked,) = (line for line in lines if "unreadable" in line)
    assert marked["raw"] == "no event" and "-" in marked["position"]
    assert lines[-1]["type"] == "team.deployed"
    of_one = conduct("subscribe", "--from", "start", "--task", whole, "--timeout", "0.1").out
    assert "unreadable" not in of_one and "team.deployed" in of_one
