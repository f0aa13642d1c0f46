"""Commits an agent's work: its worktree, or the merge that it resolved."""

from __future__ import annotations

from pathlib import Path

from conductor.core.state import TaskState
from conductor.core.steps.effects import SYNTHESIS
from conductor.core.targets import standing
from conductor.effects.context import Context, place, subject
from conductor.events import Request
from conductor.process.threads import in_thread
from conductor.workspace.workspace import Committed

WHAT = {
    "implementation-executor": "implementation",
    "fix-executor": "fix",
    "test-implementer": "tests",
    SYNTHESIS: "conflict resolved",
}


def workplace(state: TaskState, request: Request, role: str) -> Path:
    """The worktree in which a role works: the integration worktree for a resolver, the target's for all others."""
    if role == SYNTHESIS:
        assert request.phase is not None and request.module is not None
        return Path(state.phases[request.phase].modules[request.module].integration)
    return place(state, request)


async def commit_work(ctx: Context, request: Request, role: str, state: TaskState) -> Committed | None:
    """Commit what is in the role's worktree. None if a merge still has conflicts."""
    path, line = workplace(state, request, role), subject(state, request, WHAT[role])
    if role == SYNTHESIS:
        done = await in_thread(ctx.workspace.finish_integration, path, line, effect=request.effect)
        return done if isinstance(done, Committed) else None
    since = standing(state, request.target).commit
    return await in_thread(ctx.workspace.commit_all, path, line, effect=request.effect, since=since)
