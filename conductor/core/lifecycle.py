"""The two lifecycles as flat tables. A trigger is an event type; a row gives its sources and its destination.

This is their only definition: `machine` builds the movers from it, and the README's diagrams are drawn from it.
"""

from __future__ import annotations

from typing import Final, Literal, TypeVar, get_args

from conductor.ids import PhaseStates, PhaseStatus, TaskStates, TaskStatus

S = TypeVar("S", bound=str)
Stay = Literal["="]
STAY: Final[Stay] = "="  # an internal transition: legal, but changes no state

Transition = tuple[str, tuple[S, ...], S | Stay]  # trigger, sources, destination

WAITING: tuple[TaskStatus, ...] = (
    "awaiting_answer",
    "awaiting_approval",
    "rate_limited",
    "budget_exhausted",
    "awaiting_subtasks",
)
ACTIVE: tuple[TaskStatus, ...] = ("running", "validating")
DONE: tuple[TaskStatus, ...] = ("completed", "completed_with_waivers")
ENDED: tuple[TaskStatus, ...] = (*DONE, "abandoned")

TASK_STATES: tuple[TaskStatus, ...] = get_args(TaskStates)
_open: tuple[TaskStatus, ...] = ("planned", *ACTIVE, *WAITING, "paused", "rolling_back")  # neither done nor abandoned

TASK: tuple[Transition[TaskStatus], ...] = (
    ("task.started", ("planned",), "running"),
    ("task.validation_started", ("running",), "validating"),
    ("task.completed", ("validating",), "completed"),
    ("task.completed_with_waivers", ("validating",), "completed_with_waivers"),
    ("task.blocked", (*ACTIVE, "rolling_back"), "awaiting_answer"),
    ("task.approval_awaited", ACTIVE, "awaiting_approval"),
    ("task.rate_limited", ACTIVE, "rate_limited"),
    ("task.budget_exhausted", ACTIVE, "budget_exhausted"),
    ("task.subtasks_awaited", ("running",), "awaiting_subtasks"),
    ("task.unblocked", WAITING, "running"),
    ("plan.adopted", (*ACTIVE, *WAITING, "paused", *DONE), "paused"),
    ("task.paused", (*ACTIVE, *WAITING), "paused"),
    ("task.resumed", ("paused",), "running"),
    ("rollback.asked", (*WAITING, "paused", *DONE), "rolling_back"),
    ("task.rolled_back", ("rolling_back", "running", "paused"), "paused"),
    ("task.abandoned", _open, "abandoned"),
    ("plan.adopted", ("planned",), STAY),
    ("task.decomposed", ("running",), STAY),
    ("question.answered", (*ACTIVE, *WAITING, "paused"), STAY),
    ("work.reported", ACTIVE, STAY),
    ("driver.changed", ("planned", *ACTIVE, *WAITING, "paused"), STAY),
    ("finding.reported", (*_open, *DONE), STAY),
    ("delivery.asked", DONE, STAY),
)

PHASE_STATES: tuple[PhaseStatus, ...] = get_args(PhaseStates)
PHASE_DONE: tuple[PhaseStatus, ...] = ("completed", "waived", "skipped")

PHASE: tuple[Transition[PhaseStatus], ...] = (
    ("phase.started", ("pending",), "building"),
    ("phase.merge_started", ("building",), "merging"),
    ("phase.wave_started", ("merging",), "building"),
    ("phase.validation_started", ("building", "merging", "fixing"), "validating"),
    ("phase.fix_started", ("validating",), "fixing"),
    ("phase.result_saved", ("validating", "restoring"), "checkpointing"),
    ("phase.completed", ("checkpointing",), "completed"),
    ("phase.waived", ("checkpointing",), "waived"),
    ("phase.failed", ("building", "merging", "validating", "restoring"), "rolling_back"),
    ("phase.rolled_back", ("rolling_back",), "escalated"),
    ("phase.retried", ("escalated",), "building"),
    ("phase.accepted", ("escalated",), "restoring"),
    ("phase.skipped", ("pending", "escalated"), "skipped"),
    ("phase.reopened", PHASE_DONE, "pending"),
    ("task.rolled_back", tuple(s for s in PHASE_STATES if s != "pending"), "pending"),
)


def _compile(rows: tuple[Transition[S], ...]) -> dict[tuple[S, str], S]:
    return {(s, trigger): s if dest == STAY else dest for trigger, sources, dest in rows for s in sources}


_TASK_AFTER = _compile(TASK)
_PHASE_AFTER = _compile(PHASE)
TASK_TRIGGERS = frozenset(row[0] for row in TASK)
PHASE_TRIGGERS = frozenset(row[0] for row in PHASE)


def task_after(status: TaskStatus, trigger: str) -> TaskStatus | None:
    """The task state that `trigger` leads to from `status`; None: it is not legal there."""
    return _TASK_AFTER.get((status, trigger))


def phase_after(status: PhaseStatus, trigger: str) -> PhaseStatus | None:
    """The phase state that `trigger` leads to from `status`; None: it is not legal there."""
    return _PHASE_AFTER.get((status, trigger))


def allowed(status: TaskStatus) -> tuple[str, ...]:
    """The triggers that are legal for a task in `status`, in the table's order."""
    return tuple(trigger for trigger, sources, _ in TASK if status in sources)
