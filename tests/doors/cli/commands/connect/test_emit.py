"""Facts from outside enter the record, or are refused field by field; what Conductor says cannot be forged."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Literal

import msgspec
import pytest

from conductor.doors.facts import OWN, READ, fact, signature
from conductor.errors import Exit
from conductor.events import REGISTRY, Kind
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import SECOND, TURNS, Said, User

Conduct = Callable[..., Said]
HEAVY = ("redis", "git", "transitions", "rich", "asyncio", "structlog", "subprocess", "platformdirs", "anthropic")


@pytest.fixture
def task(conduct: Conduct, user: User) -> str:
    """A task that has begun and that nobody drives."""
    found: str = conduct("start", "--agent", user.script("all", TURNS + SECOND), "--json").data["task"]
    return found


@pytest.fixture
def stored(server_url: str, namespace: str) -> EventStore:
    return EventStore(connect(server_url), namespace)


def last(stored: EventStore, task: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(stored.raw(task)[-1])
    return found


def test_nothing_heavy_is_imported(shell: User) -> None:
    made = shell.conduct("start", "--driver", "assisted", "--json")
    assert made.code == 0, made
    code = (
        "import sys; from conductor.doors.cli.main import main;"
        "end = main(['emit', '-', 'team.deployed', '--data', '{\"to\": \"staging\"}']);"
        f"print(end, [m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=shell.environ, cwd=shell.repo, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [f"{made.data['task']}/4 team.deployed", "0 []"]


def test_a_fact_of_ones_own_is_recorded_as_it_was_given(conduct: Conduct, task: str, stored: EventStore) -> None:
    said = conduct(
        "emit", task[:8], "team.deployed", "--data", '{ "to": "staging", "cost": 1.50, "n": 12345678901234567890123 }'
    )
    assert (said.code, said.out) == (0, f"{task}/4 team.deployed\n")
    assert stored.raw(task)[-1].endswith(b'"data":{"to":"staging","cost":1.50,"n":12345678901234567890123}}')
    assert str(last(stored, task)["actor"]).startswith("person:")


def test_the_envelope_is_told_as_json(conduct: Conduct, task: str, stored: EventStore) -> None:
    said = conduct("emit", "-", "team.deployed", "--actor", "script:nightly", "--json")
    assert said.data == last(stored, task)
    assert said.data["actor"] == "script:nightly"


def test_the_same_request_twice_is_one_event(conduct: Conduct, task: str, stored: EventStore) -> None:
    first = conduct("emit", task, "team.deployed", "--data", '{"n": 1}', "--request", "ci-1")
    again = conduct("emit", task, "team.deployed", "--data", '{"n": 1}', "--request", "ci-1")
    other = conduct("emit", task, "team.deployed", "--data", '{"n": 1}', "--request", "ci-2")
    assert first.out == again.out != other.out
    assert stored.head(task).version == 5


def test_a_request_that_was_taken_is_no_error_later(conduct: Conduct, task: str) -> None:
    first = conduct("emit", task, "task.paused", "--request", "p")
    assert first.code == 0, first
    assert conduct("emit", task, "task.paused", "--request", "p").out == first.out
    assert conduct("emit", task, "task.paused").code == Exit.REFUSED


@pytest.mark.parametrize("now", ["running", "paused"], ids=["the log", "the lifecycle"])
def test_a_request_key_with_other_content_is_refused(
    conduct: Conduct, task: str, stored: EventStore, monkeypatch: pytest.MonkeyPatch, now: str
) -> None:
    """Whichever of both would have noticed that the key is known."""
    monkeypatch.setenv("TEAM_TOKEN", "hunter2hunter2")
    data = '{"reason": "by hunter2hunter2"}'
    first = conduct("emit", task, "task.paused", "--data", data, "--request", "k")
    assert first.code == 0, first
    if now == "running":
        assert conduct("emit", task, "task.resumed").code == 0
    version = stored.head(task).version
    for words in (("task.paused", "--data", '{"reason": "other"}'), ("task.abandoned",), ("team.deployed",)):
        said = conduct("emit", task, *words, "--request", "k")
        assert (said.code, said.out) == (Exit.REFUSED, "")
        assert f"had other content before: task.paused, {task}/4" in said.err
    assert conduct("emit", task, "task.paused", "--data", data, "--request", "k").out == first.out
    assert stored.head(task).version == version


def test_data_comes_from_a_file_or_standard_input(
    conduct: Conduct, task: str, user: User, stored: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user.root / "data.json").write_text('{"from": "file"}\n')
    assert conduct("emit", task, "team.report", "--data", f"@{user.root / 'data.json'}").code == 0
    assert last(stored, task)["data"] == {"from": "file"}
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b'{"from": "\xc3\xa9"}')))
    assert conduct("emit", task, "team.report", "--data", "-").code == 0
    assert last(stored, task)["data"] == {"from": "é"}
    said = conduct("emit", task, "team.report", "--data", "@nowhere.json")
    assert (said.code, "the data nowhere.json cannot be read: No such file" in said.err) == (Exit.USAGE, True)


def test_an_input_moves_the_task(conduct: Conduct, task: str) -> None:
    assert conduct("emit", task, "task.paused", "--data", '{"reason": "a hook"}', "--actor", "client:hook").code == 0
    assert conduct("status", "--json").data["status"] == "paused"


@pytest.mark.parametrize(
    ("type_", "data", "told"),
    [
        ("question.answered", '{"question": "q1"}', "missing required field `choice`"),
        ("question.answered", '{"question": "q1", "choice": 3}', "$.choice"),
        ("task.paused", '{"reason": "x", "why": "y"}', "unknown field: why"),
        (
            "finding.reported",
            '{"finding": {"kind": "gotcha", "title": "t", "colour": 1}}',
            "unknown field: finding.colour",
        ),
        ("task.paused", "[1]", "Expected `object`"),
        ("task.paused", "{", "truncated"),
        ("team.deployed", "{'to': 1}", "is not JSON"),
        ("team.deployed", '{"n": 1e400}', "is not JSON"),
        ("team.deployed", "[1, 2]", "is not an object"),
        ("team.deployed", '"\\ud800"', "is no"),
        ("question.answerd", "{}", "did you mean question.answered?"),
        ("task.invented", "{}", "the namespace task is Conductor's"),
        ("deployed", "{}", "is not a type name"),
        ("Team.Deployed", "{}", "is not a type name"),
        ("team..deployed", "{}", "is not a type name"),
    ],
)
def test_what_does_not_fit_is_told_and_not_recorded(
    conduct: Conduct, task: str, stored: EventStore, type_: str, data: str, told: str
) -> None:
    said = conduct("emit", task, type_, "--data", data)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert told in said.err
    assert "allowed: " in said.err
    assert stored.head(task).version == 3


def test_the_fields_of_a_known_type_are_named(conduct: Conduct, task: str) -> None:
    said = conduct("emit", task, "question.answered")
    assert "allowed: fields of question.answered: question: text, choice: text, hint: text (optional)" in said.err


@pytest.mark.parametrize("type_", [row.name for row in REGISTRY.values() if row.kind is not Kind.INPUT])
def test_observations_and_decisions_are_conductors_own(type_: str) -> None:
    from conductor.errors import Refused

    with pytest.raises(Refused, match=f"{type_} is an? (observation|decision), which only Conductor may append"):
        fact(type_, b"{}")


@pytest.mark.parametrize("type_", READ)
def test_a_plan_is_read_and_not_emitted(conduct: Conduct, task: str, stored: EventStore, type_: str) -> None:
    said = conduct("emit", task, type_, "--data", "{}")
    assert said.code == Exit.REFUSED
    assert f" {READ[type_]}`" in said.err
    assert stored.head(task).version == 3


def test_a_refusal_by_the_lifecycle_names_the_state(conduct: Conduct, task: str, stored: EventStore) -> None:
    said = conduct("emit", task, "task.started")
    assert said.code == Exit.REFUSED
    assert f"task.started is not possible while task {task} is running" in said.err
    assert stored.head(task).version == 3


@pytest.mark.parametrize("actor", ["conductor", "runner:me", "person", "person:", "person:a b", "conductor:x"])
def test_only_people_clients_and_scripts_speak(conduct: Conduct, task: str, actor: str) -> None:
    said = conduct("emit", task, "team.x", "--actor", actor)
    assert said.code == Exit.USAGE
    assert "allowed: person:NAME, client:NAME, script:NAME" in said.err


@pytest.mark.parametrize("words", [(), ("t",), ("t", "team.x", "--request", "")])
def test_a_task_a_type_and_a_real_key_are_needed(conduct: Conduct, words: tuple[str, ...]) -> None:
    assert conduct("emit", *words).code == Exit.USAGE


def test_the_types_are_listed_with_their_fields(conduct: Conduct) -> None:
    rows = {row["type"]: row["fields"] for row in conduct("emit", "--types", "--json").data}
    assert rows["rollback.asked"] == "checkpoint: whole number, reason: text (optional)"
    assert rows["finding.reported"].startswith("finding: {kind: discovery|gotcha|performance|security, title: text, ")
    assert set(rows) == {row.name for row in REGISTRY.values() if row.kind is Kind.INPUT} - set(READ)
    said = conduct("emit", "--types").out
    assert all(name in said for name in rows)


def test_a_field_of_few_values_names_them() -> None:
    class Choosing(msgspec.Struct):
        verdict: Literal["PASS", "FAIL"]
        impacts: tuple[Literal["minor", "core"], ...] = ()

    assert signature(Choosing) == "verdict: PASS|FAIL, impacts: list of minor|core (optional)"


def test_the_types_are_marked_by_what_the_task_would_take(conduct: Conduct, task: str, stored: EventStore) -> None:
    def possible() -> set[str]:
        return {row["type"] for row in conduct("emit", "--types", task, "--json").data if row["possible"]}

    assert possible() == {"task.paused", "task.abandoned", "driver.changed", "finding.reported"}
    conduct("emit", task, "task.paused")
    assert possible() == {"task.resumed", "task.abandoned", "driver.changed", "finding.reported"}
    assert stored.head(task).version == 4


def test_every_namespace_of_the_vocabulary_is_closed() -> None:
    assert {"task", "phase", "check", "agent", "effect", "checkpoint", "turn"} <= OWN
    assert "team" not in OWN
