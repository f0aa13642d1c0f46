"""Whole runs with agents of a kind that another package brings, and packages that cannot be used."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conductor.agents.plugins import GROUP
from conductor.errors import Exit
from conductor.events import AgentReported, TaskCreated
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import User
from tests.support.packages import installed
from tests.support.places import ROOT

# An agent that does its work with Conductor's own loop and tools: what a package has to write is what it says.
WRITING = """
from pathlib import Path

from conductor.agents.contract.turns import ToolCall, Message, Said, Stop
from conductor.agents.loop import play
from conductor.errors import UsageError
from conductor.events import Usage

class Writer:
    name = "writer"

    def __init__(self, source, environ, settings):
        if not source:
            raise UsageError("writer: which text?", allowed="--agent writer:TEXT")
        self._text, self._timeout = source, settings.agent_timeout

    async def run(self, assignment, tools, transcript):
        model = Turns(self._text, assignment)
        return await play(self.name, model, assignment, tools, transcript, timeout=self._timeout)

class Turns:
    replays = True

    def __init__(self, text, assignment):
        self._text, self._assignment = text, assignment

    async def next(self, history):
        path = {"1": "first.txt", "2": "second.txt"}[self._assignment.phase]
        if history:
            report = {"status": "PASS", "summary": f"{path} is written."}
            return Said(Message(calls=(ToolCall("2", "report", report),)), "my-model", Usage(input=10, output=2))
        return Said(Message("I write.", (ToolCall("1", "create", {"path": path, "text": self._text}),)))
"""
SAID = "'bad' (brought:X, of brought)"


@pytest.fixture
def site(user: User) -> Path:
    """A folder of packages on the search path."""
    user.environ["PYTHONPATH"] = f"{ROOT}:{user.root / 'site'}"
    return user.root / "site"


def test_another_package_brings_agents_that_build_a_task(user: User, site: Path, server_url: str) -> None:
    installed(site, "writing", WRITING, "writer = writing:Writer", group=GROUP)
    said = user.conduct("run", "--agent", "writer:sub/../text")
    assert said.code == 0, said
    assert "agents: writer:sub/../text" in said.out

    store = EventStore(connect(server_url), user.environ["CONDUCT_NAMESPACE"])
    (task,) = store.tasks()
    events = [event.body for event in store.read(task)]
    assert [(e.agent, e.agent_source) for e in events if isinstance(e, TaskCreated)] == [("writer", "sub/../text")]
    reports = [e for e in events if isinstance(e, AgentReported)]
    told = [(r.verdict, r.summary, r.turns, r.model, r.usage.total) for r in reports]
    assert told == [("PASS", f"{name}.txt is written.", 2, "my-model", 12) for name in ("first", "second")]
    branch = user.conduct("status", "--json").data["branch"]
    built = subprocess.run(["git", "show", f"{branch}:second.txt"], cwd=user.repo, capture_output=True, text=True)
    assert built.stdout == "sub/../text"
    assert "I write." in user.conduct("transcript", task, "1:").out
    assert user.conduct("verify", task).code == 0


def test_what_its_agents_refuse_is_told_before_anything_is_begun(user: User, site: Path) -> None:
    installed(site, "writing", WRITING, "writer = writing:Writer", group=GROUP)
    said = user.conduct("run", "--agent", "writer")
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert "writer: which text?" in said.err
    said = user.conduct("run", "--agent", "other")
    assert said.code == Exit.USAGE
    assert "unknown kind of agent: 'other'" in said.err and "scripted:TASK, writer[:SOURCE]" in said.err
    assert user.conduct("list", "--json").data == []


def test_a_task_waits_for_a_package_that_is_gone(user: User, site: Path) -> None:
    installed(site, "writing", WRITING, "writer = writing:Writer", group=GROUP)
    assert user.conduct("start", "--agent", "writer:text").code == 0
    user.environ["PYTHONPATH"] = str(ROOT)
    said = user.conduct("continue")
    assert said.code == Exit.USAGE
    assert "unknown kind of agent: 'writer'" in said.err
    user.environ["PYTHONPATH"] = f"{ROOT}:{site}"
    assert user.conduct("continue").code == 0


@pytest.mark.parametrize(
    ("module", "point", "told"),
    [
        ("1 / 0", "bad = brought:X", f"{SAID} cannot be loaded: ZeroDivisionError"),
        ("raise SystemExit('no')", "bad = brought:X", f"{SAID} cannot be loaded: SystemExit: no"),
        ("X = {}", "bad = brought:X", f"{SAID} is a dict, not a class or function"),
    ],
)
def test_a_package_that_cannot_be_used_is_told_of_and_costs_no_other(
    user: User, site: Path, module: str, point: str, told: str
) -> None:
    installed(site, "brought", module, point, group=GROUP)
    installed(site, "writing", WRITING, "writer = writing:Writer", group=GROUP)
    said = user.conduct("run", "--agent", "bad")
    assert said.code == Exit.USAGE and told in said.err and "uninstall that package" in said.err
    assert user.conduct("run", "--agent", "writer:text").code == 0
    rows = [row for row in user.conduct("doctor", "--json").data["rows"] if row["name"] == "agent"]
    assert [(told in row["detail"], row["ok"]) for row in rows] == [(True, None)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("claude-code", "is left out: a built-in kind has that name"),
        (
            "writer",
            "is left out: the kind of agent 'writer' (a_writing:Writer, of a_writing), which came first, has that name",
        ),
        ("my writer", "has a name that --agent cannot take"),
    ],
)
def test_a_name_stands_for_one_kind(user: User, site: Path, name: str, told: str) -> None:
    installed(site, "a_writing", WRITING, "writer = a_writing:Writer", group=GROUP)
    installed(site, "brought", WRITING, f"{name} = brought:Writer", group=GROUP)
    says = [row["detail"] for row in user.conduct("doctor", "--json").data["rows"] if row["name"] == "agent"]
    assert len(says) == 1
    assert told in says[0]


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("def X(source, environ, settings): 1 / 0", f"{SAID} failed: ZeroDivisionError"),
        ("def X(source): ...", f"{SAID} failed: TypeError"),
        ("def X(source, environ, settings): return source", f"{SAID} makes a str, which is not an AgentRunner"),
    ],
)
def test_what_makes_no_runner_is_told_before_anything_is_begun(user: User, site: Path, module: str, told: str) -> None:
    installed(site, "brought", module, "bad = brought:X", group=GROUP)
    said = user.conduct("run", "--agent", "bad")
    assert said.code == Exit.USAGE and told in said.err and "Traceback" not in said.err
    assert user.conduct("list", "--json").data == []


@pytest.mark.parametrize(
    ("works", "told"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("return 'PASS'", "it gave a str, not an Ended"),
        ("return Ended(verdict='GOOD')", "'GOOD' is not a verdict"),
        ("return Ended(verdict='PASS', summary=None)", "`$.summary`"),
    ],
)
def test_a_fault_at_work_is_an_agents_that_broke_and_names_the_package(
    user: User, site: Path, works: str, told: str
) -> None:
    head = "from conductor.agents.contract.assignment import Ended\n"
    made = "class X:\n    name = 'x'\n    def __init__(self, *_): ...\n"
    run = f"    async def run(self, assignment, tools, transcript): {works}\n"
    installed(site, "brought", head + made + run, "bad = brought:X", group=GROUP)
    said = user.conduct("run", "--agent", "bad")
    assert said.code == Exit.WAITING, said
    asked = user.conduct("questions", "--json").out
    assert f"{SAID} failed" in asked and told in asked
