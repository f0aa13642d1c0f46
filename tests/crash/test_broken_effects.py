"""Effects that break: tried again a few times, then a person is asked. Nothing goes round in circles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import stories
from sandbox import PERSON, Sandbox
from witness import verified

from conductor.core.state import TaskState
from conductor.errors import WorkspaceError
from conductor.events import EffectFailed, MergeConflicted, Outcome, Request, TaskStarted, WorkspacePrepared


async def raises_an_error(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    raise WorkspaceError("the disk is full")
    yield MergeConflicted(effect=request.effect, claim=claim, files=())


async def has_a_fault(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    raise ZeroDivisionError("by a mistake of ours")
    yield MergeConflicted(effect=request.effect, claim=claim, files=())


async def answers_something_else(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    yield MergeConflicted(effect=request.effect, claim=claim, files=())


async def answers_under_no_claim(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    yield WorkspacePrepared(effect=request.effect, claim=claim - 1, path="/", branch="b", commit="", tree="")


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
