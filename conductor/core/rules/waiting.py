"""When a task waits for a person, a rate limit or its subtasks, and when it continues."""

from __future__ import annotations

from conductor.core.questions import KINDS
from conductor.core.rules import subtasks, task
from conductor.core.rules.work import work
from conductor.core.state import TaskState, replace
from conductor.events import (
    Body,
    SubtaskNewsRequested,
    TaskApprovalAwaited,
    TaskBlocked,
    TaskBudgetExhausted,
    TaskRateLimited,
    TaskSubtasksAwaited,
    TaskUnblocked,
)


def block(state: TaskState, now: str) -> Body | None:
    """Wait for a rate limit or a person, here or in subtasks, but only if nothing else can proceed."""
    waiting_below, deferred = subtasks.waiting(state), _deferred(state)
    if not (state.questions or waiting_below or deferred) or _goes_on(state, now):
        return None
    if deferred:
        return TaskRateLimited(min(deferred))
    if not state.questions:
        return TaskSubtasksAwaited(tuple(subtask.id for subtask in waiting_below))
    kinds = {a.question.kind for a in state.questions.values()}
    if kinds == {"budget"}:
        return TaskBudgetExhausted(", ".join(state.questions))
    waiting = TaskApprovalAwaited if all(KINDS[kind].approval for kind in kinds) else TaskBlocked
    return waiting(tuple(state.questions))


def unblock(state: TaskState, now: str) -> Body | None:
    """Continue once the questions are answered, or when something else can proceed."""
    answered = state.status != "awaiting_subtasks" and not state.questions
    return TaskUnblocked() if answered or _goes_on(replace(state, status="running"), now) else None


def end_rate_limit(state: TaskState, now: str) -> Body | None:
    passed = not _deferred(state) or _goes_on(replace(state, status="running"), now)
    return TaskUnblocked() if passed else None


def roll_back(state: TaskState, now: str) -> Body | None:
    """Return to a checkpoint once nothing is under way; a rollback that cannot proceed waits for a person."""
    return block(state, now) if state.open or state.questions else task.roll_back(state)


def _goes_on(state: TaskState, now: str) -> bool:
    """Whether there is work despite open questions: an effect's, a rule's, or in assisted driving a client's.

    Informing a subtask does not count: it happens while the task waits, and nothing follows from it here.
    """
    if any(o.ready and not isinstance(o.request, SubtaskNewsRequested) for o in state.open.values()):
        return True
    return work(replace(state, driver="conductor"), now) is not None


def _deferred(state: TaskState) -> list[str]:
    return [o.deferred for o in state.open.values() if o.deferred]
