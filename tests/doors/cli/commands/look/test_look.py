"""What there is to see of a task that waits for an answer: all from its record, safe to print, and as JSON."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import Exit
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import TURNS, Said, User

Conduct = Callable[..., Said]


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> User:
    """Phase 1 is done, nobody did phase 2: a question is open."""
    made = User(tmp_path_factory.mktemp("look"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    made.make_repository()
    said = made.conduct("run", "--agent", made.script("one", TURNS))
    assert said.code == Exit.WAITING, said
    return made


@pytest.fixture
def stored(user: User, server_url: str) -> EventStore:
    return EventStore(connect(server_url), user.environ["CONDUCT_NAMESPACE"])


def test_status_tells_where_the_task_stands(conduct: Conduct, user: User) -> None:
    said = conduct("status")
    assert said.code == 0
    lines = said.out.splitlines()
    view = conduct("status", "--json").data
    assert lines[0] == "Notes  waits for an answer"
    assert any(line.split()[1:] == ["1", "First", "checkpoint", "1"] for line in lines)
    assert any(line.split()[1:3] == ["2", "Second"] for line in lines)
    choices = view["questions"][0]["choices"]
    assert len(choices) > 1
    for choice in choices:
        assert any(
            line.strip().startswith(f"CONDUCT_HOME={user.home} ") and line.endswith(f" answer {view['id']} q1 {choice}")
            for line in lines
        )
    assert any(line.split()[:2] == ["branch", view["branch"]] for line in lines)
    assert any(line.split() == ["worktree", view["path"]] for line in lines)
    assert "\x1b" not in said.out


def test_status_as_json(conduct: Conduct, user: User) -> None:
    view = conduct("status", "notes", "--json").data
    assert view["status"] == "awaiting_answer"
    assert view["repository"] == str(user.repo)
    assert [phase["status"] for phase in view["phases"]] == ["completed", "escalated"]
    assert view["numbers"]["events"] == view["version"]
    assert not view["quarantined"]


def test_list(conduct: Conduct, user: User) -> None:
    view = conduct("status", "--json").data
    cells = conduct("list").out.split("  ")
    assert cells[0] == view["id"]
    assert "1 of 2 phases" in cells
    assert cells[-1].strip() == str(user.repo)
    assert [task["id"] for task in conduct("list", "--json").data] == [view["id"]]


def test_checkpoints(conduct: Conduct) -> None:
    points = conduct("checkpoints", "--json").data
    assert [(point["number"], point["phase"]) for point in points] == [(0, None), (1, "1")]
    lines = conduct("checkpoints").out.splitlines()
    assert lines[0].split()[:4] == ["0", "the", "base", points[0]["commit"][:10]]
    assert lines[1].split()[:4] == ["1", "phase", "1", points[1]["commit"][:10]]


def test_docs_are_what_would_be_written_now(conduct: Conduct) -> None:
    texts = conduct("docs", "--json").data
    assert "Files end in newlines" in texts["ARCHITECTURE.md"]
    said = conduct("docs").out
    assert "ARCHITECTURE.md" in said
    assert texts["ARCHITECTURE.md"].strip() in said


def test_events_are_printed_as_they_are_stored(conduct: Conduct, stored: EventStore) -> None:
    task = stored.tasks()[0]
    lines = conduct("events", "--json").out.splitlines()
    assert [line.encode() for line in lines] == stored.raw(task)
    assert conduct("events", "--json", "--from", "3", "--to", "5").out.splitlines() == lines[2:5]
    assert conduct("events", "--json", "--limit", "2").out.splitlines() == lines[-2:]


def test_events_can_be_chosen_by_type_and_phase(conduct: Conduct) -> None:
    every = [json.loads(line) for line in conduct("events", "--json").out.splitlines()]
    checks = [json.loads(line) for line in conduct("events", "--json", "--type", "check.*").out.splitlines()]
    assert checks == [event for event in every if event["type"].startswith("check.")]
    assert checks
    second = [json.loads(line) for line in conduct("events", "--json", "--phase", "2").out.splitlines()]
    first = [json.loads(line) for line in conduct("events", "--json", "--phase", "1").out.splitlines()]
    assert {"phase.started", "agent.requested", "effect.started", "agent.reported", "question.asked"} <= {
        event["type"] for event in second
    }
    assert not {event["version"] for event in first} & {event["version"] for event in second}
    assert max(event["version"] for event in first) < max(event["version"] for event in second)


def test_events_as_text_are_safe_lines(conduct: Conduct) -> None:
    said = conduct("events", "--type", "agent.reported", "--phase", "1")
    (line,) = said.out.splitlines()
    assert "implementation-executor says PASS: It is" in line
    assert "\x1b" not in line
    assert line.split()[4] == "agent.reported"


def test_events_refuse_an_empty_limit(conduct: Conduct) -> None:
    assert conduct("events", "--limit", "0").code == Exit.USAGE


def test_replay_shows_the_state_as_it_was(conduct: Conduct) -> None:
    events = [json.loads(line) for line in conduct("events", "--json").out.splitlines()]
    at = next(event["version"] for event in events if event["type"] == "phase.completed") - 1
    state = conduct("replay", "--at", str(at), "--json").data
    assert (state["version"], state["phases"]["1"]["status"]) == (at, "checkpointing")
    assert conduct("replay", "--at", str(at + 1), "--json").data["phases"]["1"]["status"] == "completed"
    said = conduct("replay", "--at", str(at)).out
    assert said.startswith(f"Version {at}, {events[at - 1]['time'][:10]} ")
    assert "Notes  running" in said
    assert said.splitlines()[-1].split()[0] == str(at - 1)


def test_replay_without_a_version_is_the_present(conduct: Conduct) -> None:
    assert conduct("replay", "--json").data["version"] == conduct("status", "--json").data["version"]


def test_replay_of_the_first_version_has_nothing_before(conduct: Conduct) -> None:
    said = conduct("replay", "--at", "1").out
    assert said.endswith("It is the first event.\n")
    assert "planned" in said


@pytest.mark.parametrize("version", ["0", "-1", "100000"])
def test_replay_names_the_versions_that_there_are(conduct: Conduct, stored: EventStore, version: str) -> None:
    said = conduct("replay", "--at", version)
    assert said.code == Exit.USAGE
    assert f"allowed: 1 to {stored.head(stored.tasks()[0]).version}" in said.err


def test_an_unknown_task_is_an_error_for_every_look(conduct: Conduct) -> None:
    for name in ("status", "checkpoints", "docs", "events", "replay", "verify"):
        said = conduct(name, "nope")
        assert (said.code, said.out) == (Exit.USAGE, "")
        assert "there is no task 'nope'" in said.err
        assert " list` shows them" in said.err


def test_errors_as_json(conduct: Conduct) -> None:
    said = conduct("status", "nope", "--json")
    error = json.loads(said.err)
    assert error["error"] == "there is no task 'nope'"
    assert error["exit_code"] == said.code == Exit.USAGE


def test_a_task_that_cannot_be_read_at_all_is_an_error_for_programs_too(
    server_url: str, namespace: str, tmp_path: Path
) -> None:
    other, stored = User(tmp_path, server_url, namespace), EventStore(connect(server_url), namespace)
    other.make_repository()
    task = other.conduct("start", "--agent", other.script("one", TURNS), "--json").data["task"]
    (entry, _), *_rest = stored.connection.call("XRANGE", stored.keys.stream(task), "-", "+", "COUNT", 1)
    stored.connection.call("XDEL", stored.keys.stream(task), entry)
    stored.connection.call("DEL", stored.keys.view("tasks"))
    said = other.conduct("status", task, "--json")
    assert said.code == Exit.FAILED, said
    assert (said.data["id"], said.data["quarantined"]) == (task, True)
    assert said.data["error"]
