"""Whole runs with live agents, asking a local server that says what the script of scripted agents says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor.errors import Exit
from conductor.events import AgentReported, EffectFailed, Usage
from tests.support.messages_server.player import player
from tests.support.messages_server.server import KEY, MessagesServer
from tests.support.places import EXAMPLE
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import fingerprint, verified


def both_ways(scripted: Sandbox, script: Path, **options: Any) -> tuple[dict[str, object], MessagesServer]:
    """Runs the story with scripted agents, and beside it with live ones; the live run's fingerprint is checked."""
    live = scripted.copy(scripted.root.parent / "live", scripted.namespace + "-live")
    first = scripted.run(**options)
    with MessagesServer(player(script)) as server:
        live.environ |= server.environ
        second = live.run(agent="anthropic")
    assert verified(live, second.id) == []
    assert second.status == "completed"
    expected, came = fingerprint(scripted, first.id), fingerprint(live, second.id)
    for same in ("status", "open", "tree", "files", "subjects", "history", "agents asked", "verdicts", "completed"):
        assert came[same] == expected[same], same
    reports = live.bodies(second.id, AgentReported)
    assert all(report.model.startswith("claude-") and report.usage.total > 0 for report in reports)
    spent = sum((report.usage for report in reports), Usage())
    assert spent.cache_read > spent.input
    return came, server


def test_live_agents_build_what_scripted_ones_build(sandbox: Sandbox) -> None:
    stories.trio(sandbox)
    came, server = both_ways(sandbox, sandbox.script)
    assert "both.txt" in came["files"]  # type: ignore[operator]
    assert len(server.asked) > 8


@pytest.mark.soak
def test_the_example(sandbox: Sandbox) -> None:
    stories.example(sandbox)
    _, server = both_ways(sandbox, EXAMPLE / "script.toml", agent=f"scripted:{EXAMPLE / 'script.toml'}")
    assert len(server.asked) >= 30


def test_a_run_is_live_where_there_is_a_key(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        done = sandbox.conduct("run", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert server.asked
    (task,) = sandbox.app().store.tasks()
    assert sandbox.state(task).agent == "anthropic"
    key = server.environ["ANTHROPIC_API_KEY"]
    assert key not in done.stdout + done.stderr + str(sandbox.bodies(task))


@pytest.mark.parametrize("agent", [(), ("--agent", "anthropic")])
def test_without_a_key_nothing_is_recorded(make_sandbox: Callable[..., Sandbox], agent: tuple[str, ...]) -> None:
    box = make_sandbox()
    stories.single(box)
    box.environ.pop("ANTHROPIC_API_KEY", None)
    said = box.conduct("run", "--yes", *agent)

    assert said.returncode == 2
    assert "ANTHROPIC_API_KEY is not set" in said.stderr
    assert "hint: " in said.stderr
    assert list(box.app().store.tasks()) == []


def test_a_key_that_expired_is_a_persons_matter_at_once(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ | {"ANTHROPIC_API_KEY": f"{KEY}-old"}
        said = sandbox.conduct("run", "--yes", "--agent", "anthropic")
        (task,) = sandbox.app().store.tasks()
        assert said.returncode == Exit.WAITING, said.stdout + said.stderr
        assert "invalid x-api-key" in said.stdout and "set a valid key" in said.stdout
        assert len(sandbox.bodies(task, EffectFailed)) == 1 and not server.asked

        assert sandbox.conduct("answer", "q1", "retry").returncode == 0
        sandbox.environ |= server.environ
        done = sandbox.conduct("continue")

    assert done.returncode == 0, done.stdout + done.stderr
    assert sandbox.state(task).status == "completed"
    assert KEY not in said.stdout + said.stderr + done.stdout + str(sandbox.bodies(task))
