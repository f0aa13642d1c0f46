"""Checks an agent's evidence, in the worktree it is about."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

from conductor.checks import Site
from conductor.checks.evidence import look
from conductor.core.state import TaskState
from conductor.core.targets import standing
from conductor.effects.context import Context, place
from conductor.events import EvidenceObserved, EvidenceRequested, Outcome, new
from conductor.process.threads import in_thread


async def evidence(ctx: Context, request: EvidenceRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Check it on the commit that the agent left; what that writes into the tree is discarded."""
    work, path = ctx.workspace, place(state, request)
    commit = standing(state, request.target).commit or state.head
    await in_thread(work.discard, path, commit)
    site = Site(
        path=path,
        repository=Path(state.repository),
        commit=commit,
        since=commit,
        tree=await in_thread(work.tree_of, commit),
        settings=state.settings,
        allows_stubs=True,
        changed=(),
        added={},
        note=ctx.notes(request.effect),
    )
    seen = await look(request.reference, site)
    await in_thread(work.discard, path, commit)
    outcome = new(
        EvidenceObserved,
        status=seen.status,
        summary=seen.summary,
        exit_code=seen.exit_code,
        output=ctx.blobs.put(seen.output) if seen.output else "",
    )
    assert isinstance(outcome, EvidenceObserved)
    yield outcome
