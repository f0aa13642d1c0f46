"""One task that cannot be read any more stops no other: neither finding one, nor beginning one, nor following."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cli_stage import SECOND, SPEC, TURNS, Said, User

from conductor.errors import Exit
from conductor.log.connection import connect
from conductor.log.store import EventStore

Conduct = Callable[..., Said]


@pytest.fixture
def stored(server_url: str, namespace: str) -> EventStore:
    return EventStore(connect(server_url), namespace)


@pytest.fixture
def whole(conduct: Conduct, user: User) -> str:
    """A task that is under way and can be read."""
    found: str = conduct("start", "--driver", "assisted", "--json").data["task"]
    return found


@pytest.fixture
def damaged(conduct: Conduct, user: User, whole: str, stored: EventStore) -> str:
    """A later one, of another specification, with an entry at its end that is no event."""
    (user.repo / "OTHER.md").write_text(SPEC.replace("Notes", "Others"))
    task: str = conduct("start", "OTHER.md", "--driver", "assisted", "--json").data["task"]
    version = stored.head(task).version + 1
    for key, at in ((stored.keys.stream(task), f"{version}-0"), (stored.keys.feed, "*")):
        stored.connection.call("XADD", key, at, "d", b"no event")
    stored.connection.call("SET", stored.keys.head(task), f"{version} {'0' * 64}")
    return task


def test_the_task_that_can_be_read_is_meant(conduct: Conduct, whole: str, damaged: str) -> None:
    for words in (("status", "--json"), ("status", "--json", damaged)):
        said = conduct(*words)
        assert (said.code == Exit.OK) is (damaged not in words), said
    assert conduct("status", "--json").data["id"] == whole
    assert conduct("emit", "-", "team.deployed").out.startswith(f"{whole}/")


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
