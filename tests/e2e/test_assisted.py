"""Assisted driving: a client does the work in the worktrees and reports; Conductor commits, checks, merges."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from conductor.core.decide import awaited
from conductor.core.state import TaskState
from conductor.core.targets import standing
from conductor.errors import Refused
from conductor.events import AgentRequested, CollectCompleted, DriverChanged, Target, TaskPaused, WorkReported
from conductor.ids import AgentVerdict
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import Checkout, verified

CLIENT = "client:claude-code"


class Client:
    """Somebody else's agents: they write the files that a script would have had written."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.app = box.app()
        self.task = box.create(self.app, driver="assisted")
        self.state = box.drive(self.task, self.app)

    def due(self) -> set[tuple[str, str | None, str | None]]:
        return {(r.role, r.phase, r.module) for r in awaited(self.state)}

    def place(self, phase: str, module: str) -> Path:
        return Path(standing(self.state, Target(phase, module)).path or self.state.path)

    def report(self, role: str, phase: str | None, module: str | None, verdict: AgentVerdict = "PASS") -> TaskState:
        """Report it, and let Conductor do what follows."""
        self.app.submit(self.task, WorkReported(role, phase, module, verdict, "done"), actor=CLIENT)
        self.state = self.box.drive(self.task, self.app)
        return self.state


IMPLEMENT, REVIEW = "implementation-executor", "code-reviewer"


def test_a_client_drives(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    before = Checkout(sandbox.repo)
    client = Client(sandbox)
    assert client.due() == {(IMPLEMENT, "1", "one")}
    (client.place("1", "one") / "one.txt").write_text("one\n")
    client.report(IMPLEMENT, "1", "one")
    assert client.due() == {(IMPLEMENT, "2", "left"), (IMPLEMENT, "2", "right")}
    for module in ("left", "right"):
        (client.place("2", module) / f"{module}.txt").write_text(f"{module}\n")
        client.report(IMPLEMENT, "2", module)
    assert client.due() == {(REVIEW, "2", None)}
    client.report(REVIEW, "2", None)
    assert client.due() == {(REVIEW, None, None)}
    state = client.report(REVIEW, None, None)
    assert state.status == "completed"
    assert sandbox.read(state, "left.txt") == "left\n"
    assert len(sandbox.bodies(state.id, CollectCompleted)) == 3
    assert sandbox.bodies(state.id, AgentRequested) == []
    assert before.differs() == []
    assert verified(sandbox, state.id) == []


def test_a_clients_word_proves_nothing(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    client = Client(sandbox)
    client.report(IMPLEMENT, "1", "one")  # nothing was written
    assert client.due() == {("fix-executor", "1", None)}
    (client.place("1", "one") / "one.txt").write_text("one\n")
    client.report("fix-executor", "1", None)
    assert client.due() == {(REVIEW, None, None)}


def test_what_is_not_awaited_is_refused(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    client = Client(sandbox)
    version = client.state.version
    with pytest.raises(Refused):
        client.report(IMPLEMENT, "2", "left")
    with pytest.raises(Refused):
        client.report(REVIEW, "1", None)
    assert sandbox.state(client.task).version == version


def test_conductor_takes_over_from_a_client(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    before = Checkout(sandbox.repo)
    client = Client(sandbox)
    (client.place("1", "one") / "one.txt").write_text("one\n")
    client.report(IMPLEMENT, "1", "one")
    client.app.submit(client.task, DriverChanged("conductor"), actor="person:ada")
    state = sandbox.drive(client.task, client.app)
    assert state.status == "completed"
    assert sorted(sandbox.noted()) == ["left 1", "right 1"]
    assert before.differs() == []
    assert verified(sandbox, state.id) == []


def test_a_client_takes_over_from_conductor(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    app = sandbox.app()
    task = sandbox.create(app)

    async def until_phase_two() -> None:
        ledger = app.ledger(task)
        running = asyncio.ensure_future(sandbox.driven(task, app))
        while ledger.catch_up().current() is None or ledger.state.current().number != "2":  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        ledger.submit(TaskPaused(), actor="person:ada")
        await running

    asyncio.run(until_phase_two())
    app.submit(task, DriverChanged("assisted"), actor="person:ada")
    client = Client.__new__(Client)
    client.box, client.app, client.task = sandbox, app, task
    client.state = sandbox.drive(task, app)
    assert client.due() == {(IMPLEMENT, "2", "left"), (IMPLEMENT, "2", "right")}
    for module in ("left", "right"):
        (client.place("2", module) / f"{module}.txt").write_text(f"{module}\n")
        client.report(IMPLEMENT, "2", module)
    client.report(REVIEW, "2", None)
    state = client.report(REVIEW, None, None)
    assert state.status == "completed"
    assert verified(sandbox, task) == []
