"""Effects that break: tried again a few times, then a person is asked. Nothing goes round in circles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from conductor.core.state import TaskState
from conductor.driving.runner import RETRY
from conductor.errors import WorkspaceError
from conductor.events import (
    EffectFailed,
    EffectStarted,
    MergeConflicted,
    Outcome,
    Request,
    TaskStarted,
    WorkspacePrepared,
)
from conductor.ids import Branch, Commit, Tree
from tests.support.runs import stories
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.witness import verified


async def raises_an_error(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    raise WorkspaceError("the disk is full")
    yield MergeConflicted(effect=request.effect, claim=claim, files=())


async def has_a_fault(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    raise ZeroDivisionError("by a mistake of ours")
    yield MergeConflicted(effect=request.effect, claim=claim, files=())


async def answers_something_else(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    yield MergeConflicted(effect=request.effect, claim=claim, files=())


async def answers_under_no_claim(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    yield WorkspacePrepared(
        effect=request.effect, claim=claim - 1, path="/", branch=Branch("b"), commit=Commit(""), tree=Tree("")
    )


async def answers_nothing(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    if not claim:
        yield MergeConflicted(effect=request.effect, claim=claim, files=())


BROKEN = [raises_an_error, has_a_fault, answers_something_else, answers_under_no_claim, answers_nothing]


@pytest.mark.parametrize("perform", BROKEN)
def test_a_person_is_asked_when_an_effect_breaks(
    sandbox: Sandbox, perform: Callable[[Request, int, TaskState], AsyncIterator[Outcome]]
) -> None:
    stories.single(sandbox)
    app = sandbox.app()
    ledger = app.ledger(sandbox.create(app))
    ledger.catch_up()
    ledger.submit(TaskStarted(), actor=PERSON)
    state = asyncio.run(app.runner(ledger, perform).run())
    assert state.status == "awaiting_answer"
    assert [asked.question.kind for asked in state.questions.values()] == ["effect"]
    assert len(sandbox.bodies(state.id, EffectFailed)) == state.settings.effect_tries
    sandbox.answer(state, "retry")
    assert sandbox.drive(state.id).status == "completed"
    assert verified(sandbox, state.id) == []


def test_the_pause_before_another_try_doubles(sandbox: Sandbox) -> None:
    """As the record tells it. A slow machine makes pauses longer, never shorter."""
    stories.single(sandbox)
    app = sandbox.app()
    ledger = app.ledger(sandbox.create(app))
    ledger.catch_up()
    ledger.submit(TaskStarted(), actor=PERSON)
    state = asyncio.run(app.runner(ledger, raises_an_error).run())
    tries = [e for e in app.store.read(state.id) if isinstance(e.body, EffectStarted | EffectFailed)]
    times = [datetime.fromisoformat(e.envelope.time) for e in tries]
    assert [type(e.body) for e in tries] == [EffectStarted, EffectFailed] * 3
    pauses = [(times[n] - times[n - 1]).total_seconds() for n in (2, 4)]
    assert pauses[0] >= RETRY * 2
    assert pauses[1] >= RETRY * 4
