"""Which performer performs which request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from msgspec.structs import replace

from conductor.core.state import TaskState
from conductor.effects import git
from conductor.effects.agents import agent
from conductor.effects.checks import checks
from conductor.effects.context import Context
from conductor.effects.documents import documents
from conductor.effects.evidence import evidence
from conductor.effects.subtask import news, subtask
from conductor.effects.worktrees import recreate
from conductor.events import (
    AgentRequested,
    CheckpointRequested,
    ChecksRequested,
    CollectRequested,
    DeliveryRequested,
    DocumentsRequested,
    EvidenceRequested,
    IntegrationRequested,
    MergeRequested,
    Outcome,
    Request,
    RestoreRequested,
    RollbackRequested,
    SubtaskNewsRequested,
    SubtaskRequested,
    WorkspaceRequested,
)

PERFORMERS: dict[type[Request], Callable[[Context, Any, TaskState], AsyncGenerator[Outcome, None]]] = {
    WorkspaceRequested: git.workspace,
    AgentRequested: agent,
    CollectRequested: git.collect,
    ChecksRequested: checks,
    EvidenceRequested: evidence,
    MergeRequested: git.merge,
    IntegrationRequested: git.integration,
    DocumentsRequested: documents,
    CheckpointRequested: git.checkpoint,
    RollbackRequested: git.rollback,
    RestoreRequested: git.restore,
    DeliveryRequested: git.delivery,
    SubtaskRequested: subtask,
    SubtaskNewsRequested: news,
}


async def perform(ctx: Context, request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    """Perform a request in `ctx`; yields its outcomes, each stamped with the effect and `claim`."""
    await recreate(ctx, request, state)
    outcomes = PERFORMERS[type(request)](ctx, request, state)
    async with aclosing(outcomes):
        async for outcome in outcomes:
            yield replace(outcome, effect=request.effect, claim=claim)
