"""Tools for checkpoints: what is kept, and the way back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conductor.core.lifecycle import ACTIVE
from conductor.doors.mcp import calls, view
from conductor.doors.mcp.arguments import PhaseKey, Reason, TaskId, ToolContext, session
from conductor.doors.mcp.results import CheckpointList, CheckpointMade, RolledBackTo
from conductor.events import RollbackAsked, TaskPaused, TaskRolledBack

Unused = Annotated[str | None, Field(description="Not needed: the task knows its repository.")]


async def create_checkpoint(
    ctx: ToolContext,
    task_id: TaskId,
    phase: PhaseKey,
    working_directory: Unused = None,
    message: Annotated[str, Field(description="Not needed: the checkpoint names the phase and its proof.")] = "",
) -> CheckpointMade:
    """Get the checkpoint of a phase. Conductor makes one itself when the phase is proven; nothing else can be kept.

    Refused while the phase is not proven, with the call that comes first.
    """
    state = session(ctx).known(task_id)
    meant = calls.phase_of(state, phase)
    what = f"phase {meant.number}" if meant else "the whole"
    number = meant.checkpoint if meant else state.checkpoints[-1].number if state.final_checkpoint_made else None
    point = next((c for c in state.checkpoints if c.number == number), None)
    if point is None:
        raise calls.not_yet(state, f"{what} has no checkpoint: it is not proven yet")
    return CheckpointMade(**view.fields(state), checkpoint_id=point.number, sha=point.commit)


async def list_checkpoints(ctx: ToolContext, task_id: TaskId, working_directory: Unused = None) -> CheckpointList:
    """List the checkpoints that a task can be rolled back to. 0 is the commit that it began from."""
    state = session(ctx).known(task_id)
    return CheckpointList(task_id=state.id, checkpoints=view.checkpoints(state))


async def rollback_to_checkpoint(
    ctx: ToolContext,
    task_id: TaskId,
    checkpoint_id: Annotated[int, Field(description="From list_checkpoints.", ge=0)],
    working_directory: Unused = None,
    reason: Reason = "",
) -> RolledBackTo:
    """Return a task to a checkpoint: tree and state together. Later phases begin again. Ask the user first.

    Nothing is lost: what is undone stays under the git refs in `kept`. The task is paused then: resume_task goes on.
    """
    held = session(ctx)
    state = held.known(task_id)
    ledger = held.ledger(state.id)
    held.app.release_dead(ledger)
    actor, request = calls.actor(ctx), calls.request_key(ctx)
    body = RollbackAsked(checkpoint_id, reason)
    if ledger.state.status in ACTIVE:
        pause = TaskPaused(f"to return to checkpoint {checkpoint_id}")
        ledger.rehearse(pause, body, actor=actor)  # nothing is paused for what would then be refused
        held.app.submit(state.id, pause, actor=actor, request=f"{request}:paused" if request else None)
    result = await held.submit(state.id, body, actor=actor, request=request)
    back = [event.body for event in result.events if isinstance(event.body, TaskRolledBack)]
    if not back:
        raise calls.not_yet(result.state, f"task {state.id} is not back at checkpoint {checkpoint_id} yet")
    return RolledBackTo(
        **view.fields(result.state, result.events),
        checkpoint_id=back[0].checkpoint,
        sha=back[0].commit,
        kept=list(back[0].rescued),
    )
