"""A whole task, and the list of all: what a new session, or a reader of resources, has to know."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.state import TaskState
from conductor.doors.mcp import view
from conductor.doors.mcp.guide import instruction
from conductor.doors.mcp.results import PhaseOutcome, TaskFullState, TaskList, TaskRow
from conductor.doors.mcp.session import Session
from conductor.doors.mcp.texts import DOCUMENT, LINES, OUTPUT, cut
from conductor.envelope import Recorded
from conductor.events import Custom
from conductor.tasks.scope import standing_in, within

DESCRIBED = "client.task_described"  # a custom event: what the user asked for, in their words


def full_state(session: Session, task: str) -> TaskFullState:
    """Everything needed to go on with a task. Raises UsageError: there is no such task."""
    state = session.known(task)
    events = session.events(state.id)
    rows = view.phases(state)
    results, left_out = _bounded(view.outcomes(state, events))
    current = state.current()
    return TaskFullState(
        task_id=state.id,
        title=state.title,
        description=_description(events),
        mission=cut(state.plan.mission, OUTPUT, "READY.md has it all"),
        status=state.status,
        driver=state.driver,
        repository=state.repository,
        branch=state.branch,
        working_directory=state.path,
        phases_complete=view.complete(state),
        current_phase=next((row for row in rows if current and row.number == current.number), None),
        phases=rows,
        phase_results=results,
        results_left_out=left_out,
        checkpoints=view.checkpoints(state),
        due=view.due(state),
        questions=view.questions(state),
        next=instruction(state),
    )


def task_list(session: Session, folder: Path | None = None) -> TaskList:
    """The tasks, the latest first; with a folder, those of the repository around it. Subtasks are left out."""
    states = session.app.standing()
    if folder is not None:
        here = standing_in(session.app, folder, states)
        states = within(here, states) if here else {}
    found = [_row(state) for state in reversed(states.values()) if not state.parent_task_id]
    more = f"{len(found) - LINES} older ones: `conduct list` shows them" if len(found) > LINES else ""
    return TaskList(tasks=found[:LINES], more=more)


def _bounded(results: dict[str, PhaseOutcome]) -> tuple[dict[str, PhaseOutcome], list[str]]:
    """The latest results that fit, and the numbers of the phases whose results do not."""
    left, kept = DOCUMENT, {}
    for number, result in reversed(results.items()):
        left -= len(result.model_dump_json())
        if left < 0:
            break
        kept[number] = result
    return {n: r for n, r in results.items() if n in kept}, [n for n in results if n not in kept]


def _description(events: Iterable[Recorded]) -> str:
    for event in events:
        if isinstance(event.body, Custom) and event.body.type == DESCRIBED:
            return str(msgspec.json.decode(event.body.data).get("description", ""))
    return ""


def _row(state: TaskState) -> TaskRow:
    current = state.current()
    return TaskRow(
        task_id=state.id,
        title=state.title,
        status=state.status,
        driver=state.driver,
        repository=state.repository,
        current_phase=current.number if current else None,
        phases_complete=sum(phase.status in PHASE_DONE for phase in state.phases.values()),
        phases=len(state.phases),
        open_questions=len(state.questions),
        updated_at=state.updated_at,
    )
