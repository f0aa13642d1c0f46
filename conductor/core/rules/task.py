"""What a person asked of a task as a whole: to abandon it, return to a checkpoint, or deliver it."""

from __future__ import annotations

from conductor.core.state import TaskState
from conductor.events import WHOLE, Body, DeliveryRequested, PhaseReopened, RollbackRequested, TaskAbandoned


def abandon(state: TaskState) -> Body | None:
    return TaskAbandoned("a person's answer") if state.abandon_asked else None


def reopen(state: TaskState) -> Body | None:
    """A finished phase whose section of the specification changed is built again."""
    return PhaseReopened(state.stale[0]) if state.stale else None


def roll_back(state: TaskState) -> Body | None:
    if state.rollback_to is None:
        return None
    point = next(c for c in state.checkpoints if c.number == state.rollback_to)
    return RollbackRequested(
        effect=WHOLE.effect("rollback", state.version), checkpoint=point.number, commit=point.commit, reason=state.hint
    )


def deliver(state: TaskState) -> Body | None:
    if not state.deliver or state.open or state.base_branch is None:
        return None
    return DeliveryRequested(effect=WHOLE.effect("delivery", state.version), commit=state.head, into=state.base_branch)
