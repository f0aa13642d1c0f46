"""Which performer performs which request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from conductor.core.state import TaskState
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
from conductor.perform import git
from conductor.perform.agents import agent
from conductor.perform.checks import checks
from conductor.perform.context import Context
from conductor.perform.documents import documents
from conductor.perform.evidence import evidence
from conductor.perform.subtask import news, subtask

PERFORMERS: dict[type[Request], Callable[[Context, Any, int, TaskState], AsyncIterator[Outcome]]] = {
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


def perform(ctx: Context, request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
    """The outcomes of a request, performed under `claim` in the world of `ctx`."""
    return PERFORMERS[type(request)](ctx, request, claim, state)
