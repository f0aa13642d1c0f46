"""The projection of each task's state and statistics. It is shown as `board.TaskView`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from conductor.core.state import TaskState
from conductor.core.steps.effects import FIX
from conductor.envelope import Recorded
from conductor.events import (
    AgentReported,
    Body,
    CheckObserved,
    CorrectionAccepted,
    CorrectionRefused,
    MergeCompleted,
    MergeConflicted,
    PhaseRolledBack,
    QuestionAsked,
    TaskCompleted,
    TaskCompletedWithWaivers,
    TaskRolledBack,
    WorkReported,
)
from projections.stored_state import StoredState
from projections.view import View

replace = msgspec.structs.replace


class Numbers(msgspec.Struct, frozen=True):
    """Statistics of a task so far, including what was rolled back. `agents`: runs that ended, by role."""

    events: int = 0
    agents: dict[str, int] = {}
    checks_passed: int = 0
    checks_failed: int = 0
    fixes: int = 0
    merges: int = 0
    conflicts: int = 0
    rollbacks: int = 0
    corrections_accepted: int = 0
    corrections_refused: int = 0
    questions: int = 0


class TaskRecord(View, frozen=True, kw_only=True):
    """A task's state, its statistics, and how it ended. `waived`, `unproven`: as recorded at completion."""

    stored_state: StoredState
    numbers: Numbers = Numbers()
    waived: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()  # ids of criteria


class Tasks:
    name, version, view = "tasks", 4, TaskRecord

    def start(self, task: str) -> TaskRecord:
        return TaskRecord(task=task, stored_state=StoredState(TaskState(task)))

    def fold(self, view: TaskRecord, event: Recorded) -> TaskRecord:
        body = event.body
        numbers = replace(view.numbers, events=view.numbers.events + 1)
        if counter := COUNTERS.get(type(body)):
            numbers = counter(numbers, body)
        view = replace(view, stored_state=view.stored_state.after(event), numbers=numbers)
        match body:
            case TaskCompleted():
                return replace(view, unproven=body.unproven)
            case TaskCompletedWithWaivers():
                return replace(view, unproven=body.unproven, waived=body.waived)
            case TaskRolledBack():
                return replace(view, unproven=(), waived=())
        return view


def _agent(numbers: Numbers, body: AgentReported | WorkReported) -> Numbers:
    agents = {**numbers.agents, body.role: numbers.agents.get(body.role, 0) + 1}
    return replace(numbers, agents=agents, fixes=numbers.fixes + (body.role == FIX))


def _check(numbers: Numbers, body: CheckObserved) -> Numbers:
    if body.status == "passed":
        return replace(numbers, checks_passed=numbers.checks_passed + 1)
    return replace(numbers, checks_failed=numbers.checks_failed + (body.status == "failed"))


def _one_more(field: str) -> Callable[[Numbers, Body], Numbers]:
    return lambda numbers, _: replace(numbers, **{field: getattr(numbers, field) + 1})


COUNTERS: dict[type[Body], Callable[[Numbers, Any], Numbers]] = {
    AgentReported: _agent,
    WorkReported: _agent,
    CheckObserved: _check,
    MergeCompleted: _one_more("merges"),
    MergeConflicted: _one_more("conflicts"),
    PhaseRolledBack: _one_more("rollbacks"),
    TaskRolledBack: _one_more("rollbacks"),
    CorrectionAccepted: _one_more("corrections_accepted"),
    CorrectionRefused: _one_more("corrections_refused"),
    QuestionAsked: _one_more("questions"),
}
