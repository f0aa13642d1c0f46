"""Recreates a worktree whose folder was removed, from its branch, before an effect works in it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from conductor.agents.notices import RECREATED
from conductor.agents.transcript import Transcript
from conductor.core.state import TaskState
from conductor.core.steps.effects import SYNTHESIS
from conductor.core.targets import standing
from conductor.effects.commit import workplace
from conductor.effects.context import Context, place
from conductor.events import (
    AgentRequested,
    CheckpointRequested,
    ChecksRequested,
    CollectRequested,
    DocumentsRequested,
    EvidenceRequested,
    IntegrationRequested,
    MergeRequested,
    Request,
)
from conductor.ids import Branch
from conductor.process.threads import in_thread

WORKED_IN = (
    AgentRequested,
    CheckpointRequested,
    ChecksRequested,
    CollectRequested,
    DocumentsRequested,
    EvidenceRequested,
    IntegrationRequested,
    MergeRequested,
)
"""Requests performed in a worktree that an earlier effect prepared. All others prepare their own, or need none."""


async def recreate(ctx: Context, request: Request, state: TaskState) -> None:
    """Recreate the task's worktree, and the one that the request is about, if their folders were removed.

    An agent that was at work in one finds the files as they were before its last turn, and is told.
    Raises WorkspaceError if git no longer has the files.
    """
    if not isinstance(request, WORKED_IN):
        return
    resolver = isinstance(request, AgentRequested | CollectRequested) and request.role == SYNTHESIS
    where = workplace(state, request, SYNTHESIS) if resolver else place(state, request)
    removed = not where.is_dir()
    if not Path(state.path).is_dir():
        await in_thread(ctx.workspace.prepare, state.branch, state.head, Path(state.path))
    target = standing(state, request.target)
    if resolver:
        branch, start = Branch(f"{target.branch}.merge"), state.head
        if removed:
            begin = partial(ctx.workspace.begin_integration, ours=start, theirs=target.commit, effect=request.effect)
            await in_thread(begin, where, branch)
    else:
        branch, start = target.branch or state.branch, target.commit or target.start or state.head
        if not where.is_dir():
            await in_thread(ctx.workspace.prepare, branch, start, where, effect=request.effect)
    committed = not await in_thread(ctx.workspace.is_at, branch, start) if removed else True
    if isinstance(request, AgentRequested) and not committed:
        await _restore_work(ctx, request, where)


async def _restore_work(ctx: Context, request: AgentRequested, where: Path) -> None:
    """Restore what an interrupted agent had written but was not committed: the tree recorded at its last turn."""
    transcript = Transcript(ctx.ledger.store, ctx.blobs, ctx.ledger.task, request.effect, request.role)
    await transcript.load()
    if transcript.turns and (tree := transcript.turns[-1].tree):
        await in_thread(ctx.workspace.restore, where, tree, effect=request.effect)
        if transcript.ended is None:
            await transcript.tell(RECREATED)
