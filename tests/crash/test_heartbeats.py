"""Heartbeats: there before the claim can be seen, kept up whatever holds up the runner, and given up with patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from typing import Any

import msgspec
import pytest

from conductor.app import App
from conductor.core.state import TaskState
from conductor.driving import claims
from conductor.driving.heartbeat import Silence
from conductor.driving.ledger import Ledger
from conductor.envelope import Draft, Head
from conductor.events import (
    Claim,
    EffectFailed,
    EffectReleased,
    EffectStarted,
    Finding,
    FindingReported,
    Outcome,
    Request,
    TaskAbandoned,
    TaskStarted,
)
from conductor.ids import EffectId
from conductor.log.store import Appended, EventStore
from conductor.process.threads import in_thread
from conductor.workspace import fence
from tests.support.runs import stories
from tests.support.runs.sandbox import PERSON, Sandbox

ELSEWHERE = Claim("elsewhere", "boot", 1, "0")


def begun(box: Sandbox, app: App) -> tuple[Ledger, str]:
    """A task with one effect open, and that effect."""
    stories.single(box)
    ledger = app.ledger(box.create(app))
    ledger.catch_up()
    ledger.submit(TaskStarted(), actor=PERSON)
    (effect,) = ledger.state.open
    return ledger, effect


class Observed(EventStore):
    """Looks, as another runner might, whether a claim beats in the moment in which it is recorded."""

    unheard: list[str]

    def append(self, stream: str, expected: Head, drafts: Sequence[Draft], **options: Any) -> Appended:
        appended = super().append(stream, expected, drafts, **options)
        for event in appended.events:
            if isinstance(event.body, EffectStarted) and not self.has_heartbeat(
                stream, event.body.effect, event.version
            ):
                self.unheard.append(event.body.effect)
        return appended


class ObservedApp(App):
    @cached_property
    def store(self) -> EventStore:
        made = Observed(super().store.connection, self.environment.namespace)
        made.unheard = []
        return made


def test_no_claim_is_seen_without_its_heartbeat(sandbox: Sandbox) -> None:
    app = sandbox.app(ObservedApp)
    ledger, _ = begun(sandbox, app)
    noted = app.ledger(ledger.task)
    noted.catch_up()

    class Busy(Ledger):
        """Somebody else appends each time before this one does, so that no claim gets the version it was to have."""

        def submit(self, body: Any, **how: Any) -> Any:
            if isinstance(body, EffectStarted):
                noted.catch_up()
                noted.submit(FindingReported(Finding("discovery", "one")), actor=PERSON)
            return super().submit(body, **how)

    busy = Busy(app.store, ledger.task)
    busy.catch_up()
    state = asyncio.run(app.runner(busy).run())
    assert state.status == "completed"
    assert len(sandbox.bodies(state.id, FindingReported)) == len(sandbox.bodies(state.id, EffectStarted)) > 5
    assert app.store.unheard == []  # type: ignore[attr-defined]


def test_a_runner_whose_loop_is_held_up_keeps_its_heartbeat(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor.driving.heartbeat.BEAT", 0.2)
    monkeypatch.setattr("conductor.driving.heartbeat.TTL_MS", 2_000)
    app = sandbox.app()
    ledger, effect = begun(sandbox, app)
    beats: list[bool] = []

    async def perform(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
        time.sleep(5.0)  # as a slow disk does, or a git command that waits for a lock
        beats.append(app.store.has_heartbeat(ledger.task, effect, claim))
        app.submit(ledger.task, TaskAbandoned(), actor=PERSON)
        yield EffectFailed(request.effect, claim, "enough")

    asyncio.run(app.runner(ledger, perform).run())
    assert beats == [True]


def test_a_heart_that_was_only_held_up_is_waited_for(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server was away, or the machine asleep: all heartbeats have run out, and those who live beat again."""
    monkeypatch.setattr("conductor.driving.heartbeat.BEAT", 1.0)
    monkeypatch.setattr("conductor.driving.heartbeat.PATIENCE", 2.0)
    store = sandbox.app().store
    silence = Silence(store, "t")

    def looks(seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if silence.given_up(EffectId("e"), 7, ELSEWHERE):
                return True
            time.sleep(0.05)
        return False

    assert not looks(1.0)
    store.heartbeat("t", "e", 7, 300)
    assert not looks(1.5)
    time.sleep(3.0)  # now it is this process that was not there
    assert not looks(1.0)
    assert looks(4.0)


def test_who_was_away_for_too_long_asks_the_log_before_it_goes_on(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody took over, the work is still its own; once somebody has, not one more git command is run."""
    monkeypatch.setattr("conductor.driving.heartbeat.BEAT", 30.0)
    monkeypatch.setattr("conductor.driving.heartbeat.TTL_MS", 300)
    monkeypatch.setattr("conductor.driving.runner.POLL", 30.0)
    app = sandbox.app()
    ledger, effect = begun(sandbox, app)
    workspace = app.workspace(ledger.state)
    steps: list[str] = []

    def work(claim: int) -> None:
        workspace.holds("main", ledger.state.base_commit)
        steps.append("in time")
        time.sleep(0.5)
        workspace.holds("main", ledger.state.base_commit)
        steps.append("late, and still its own")
        time.sleep(0.5)
        taken = EffectStarted(EffectId(effect), msgspec.structs.replace(claims.me(), nonce="another"), takes_over=claim)
        app.submit(ledger.task, taken, actor="runner:other")
        workspace.holds("main", ledger.state.base_commit)
        steps.append("late, and another's")

    async def perform(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
        with pytest.raises(fence.Overtaken):
            await in_thread(work, claim)
        app.submit(ledger.task, TaskAbandoned(), actor=PERSON)
        yield EffectReleased(request.effect, claim, "late")

    asyncio.run(app.runner(ledger, perform).run())
    assert steps == ["in time", "late, and still its own"]
