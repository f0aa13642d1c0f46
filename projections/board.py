"""What is shown of a task: `conduct list`, `conduct status --json`. Derived from its record, never stored."""

from __future__ import annotations

import msgspec

from conductor.core.decide import awaited
from conductor.core.rules import checks
from conductor.core.state import Open, PhaseState, TargetState, TaskState
from conductor.core.targets import direct, in_module
from conductor.events import (
    AgentRequested,
    ChecksRequested,
    CollectRequested,
    MergeRequested,
    Question,
    SubtaskRequested,
    Target,
    type_of,
)
from conductor.ids import Driver, PhaseStatus, TaskStatus
from conductor.plan.model import Phase
from projections.tasks import Numbers, TaskRecord


class ModuleView(msgspec.Struct, frozen=True):
    """`doing` says in a few words what is under way for the module, or how far it is."""

    name: str
    doing: str
    commit: str


class PhaseView(msgspec.Struct, frozen=True):
    number: str
    name: str
    status: PhaseStatus
    round: int
    checkpoint: int | None
    doing: str  # what is under way for the phase as a whole; "": nothing
    failure: str
    modules: tuple[ModuleView, ...]


class TaskView(msgspec.Struct, frozen=True):
    """The status of a task. Times are RFC 3339 UTC; `phase` is the number of the first unfinished one."""

    id: str
    parent_task_id: str  # of a subtask; else ""
    title: str
    status: TaskStatus
    driver: Driver
    agent: str
    repository: str
    branch: str
    base_branch: str | None
    head: str
    delivered: str
    created_at: str
    updated_at: str
    version: int
    phase: str | None
    phases: tuple[PhaseView, ...]
    questions: tuple[Question, ...]
    checkpoints: int
    numbers: Numbers
    waived: tuple[str, ...]
    unproven: tuple[str, ...]  # ids of criteria that no check proved, once the task has ended


def shown(record: TaskRecord) -> TaskView:
    """The view shown to people and programs."""
    state = record.stored_state.whole()
    current = state.current()
    return TaskView(
        id=state.id,
        parent_task_id=state.parent_task_id,
        title=state.title,
        status=state.status,
        driver=state.driver,
        agent=state.agent,
        repository=state.repository,
        branch=state.branch,
        base_branch=state.base_branch,
        head=state.head,
        delivered=state.delivered,
        created_at=state.created_at,
        updated_at=state.updated_at,
        version=record.version,
        phase=current.number if current else None,
        phases=phases(state),
        questions=tuple(asked.question for asked in state.questions.values()),
        checkpoints=len(state.checkpoints),
        numbers=record.numbers,
        waived=record.waived,
        unproven=record.unproven,
    )


def phases(state: TaskState) -> tuple[PhaseView, ...]:
    """A task's phases, in the plan's order."""
    return tuple(_phase(state, phase) for phase in state.phases.values())


def _phase(state: TaskState, phase: PhaseState) -> PhaseView:
    plan = state.planned(phase.number)
    return PhaseView(
        number=phase.number,
        name=plan.name,
        status=phase.status,
        round=phase.round,
        checkpoint=phase.checkpoint,
        doing=_under_way([o for o in state.open.values() if _about(o, phase.number, None)])
        or _clients(state, phase.number, None),
        failure=phase.failure,
        modules=tuple(_module(state, plan, phase, m.name) for m in plan.modules),
    )


def _module(state: TaskState, plan: Phase, phase: PhaseState, name: str) -> ModuleView:
    mine = [
        o
        for o in state.open.values()
        if _about(o, phase.number, name) or (direct(plan) and o.request.phase == phase.number)
    ]
    part = phase.modules.get(name)
    if part is None:
        return ModuleView(name, "not begun", "")
    target = part.target if in_module(state, Target(phase.number, name)) else phase.target
    asked = any(a.question.phase == phase.number and a.question.module == name for a in state.questions.values())
    if doing := _under_way(mine):
        return ModuleView(name, doing, target.commit)
    if doing := _clients(state, phase.number, name):
        return ModuleView(name, doing, target.commit)
    if asked:
        return ModuleView(name, "waits for an answer", target.commit)
    if part.subtask.skipped:
        return ModuleView(name, "left out", "")
    if part.subtask.status and not part.merged:
        return ModuleView(name, f"subtask {part.subtask.id}: {part.subtask.status.replace('_', ' ')}", target.commit)
    if part.merged:
        return ModuleView(name, "merged", target.commit)
    return ModuleView(name, _standing(target), target.commit)


def _clients(state: TaskState, phase: str, module: str | None) -> str:
    """The work awaited from the client in assisted driving; "": none."""
    due = [work.role for work in awaited(state) if (work.phase, work.module) == (phase, module)]
    return f"waits for its client's {', '.join(due)}" if due else ""


def _standing(target: TargetState) -> str:
    if not target.verdict:
        return "waits for its turn"
    if failing := checks.failing(target):
        return "checks did not finish" if all(c.unfinished for c in failing) else "checks failed"
    return "checked" if target.checks else "built"


def _about(held: Open, phase: str, module: str | None) -> bool:
    return held.request.phase == phase and held.request.module == module


def _under_way(held: list[Open]) -> str:
    return ", ".join(_what(o) for o in held)


def _what(held: Open) -> str:
    match held.request:
        case AgentRequested(role=role, attempt=attempt):
            what = role if attempt == 1 else f"{role}, attempt {attempt}"
        case ChecksRequested(checks=wanted):
            what = f"checks, {len(held.done)} of {len(wanted)}"
        case MergeRequested():
            what = "merge"
        case SubtaskRequested(subtask=subtask):
            what = f"subtask {subtask}"
        case CollectRequested(role=role):
            what = f"commit of {role}'s work"
        case request:
            what = type_of(request).partition(".")[0]
    if held.blocked_by:
        return f"{what} (failed; waits for an answer)"
    return what if held.claim_version else f"{what} (waits)"
