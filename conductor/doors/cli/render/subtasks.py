"""The subtasks of a decomposed task, as text and data: where each stands, and what it waits for."""

from __future__ import annotations

import msgspec

from conductor.app import App
from conductor.core.lifecycle import PHASE_DONE
from conductor.core.rules.subtasks import task_id, waiting
from conductor.core.state import TaskState
from conductor.doors.cli.render.damage import remedy
from conductor.doors.cli.render.output import Output, command, count, safe
from conductor.doors.cli.render.standing import questions, status
from conductor.errors import CorruptLog
from conductor.ids import SubtaskStatus
from conductor.plan.model import Subplan


class SubtaskRow(msgspec.Struct, frozen=True):
    """A subplan and the task that builds it. `status` is that task's; "": not started, or its record is unreadable."""

    id: str
    part: str
    depends_on: tuple[str, ...]
    status: SubtaskStatus
    phases_done: int
    phases: int
    skipped: bool = False
    damaged: bool = False


def rows(app: App, state: TaskState) -> tuple[SubtaskRow, ...]:
    """A row for each subplan, in the plan's order; none for a task that was not decomposed."""
    if not state.subplans:
        return ()
    tasks = {part.name: task_id(state, part.name) for part in state.subplans}
    damaged = app.damaged(*tasks.values())
    return tuple(_row(app, state, part, tasks[part.name], tasks[part.name] in damaged) for part in state.subplans)


def _row(app: App, state: TaskState, part: Subplan, task: str, damaged: bool) -> SubtaskRow:
    record = app.views.get("tasks", task)
    skipped = any(p.modules[part.name].subtask.skipped for p in state.phases.values() if part.name in p.modules)
    if record is None:
        return SubtaskRow(task, part.name, part.depends_on, "", 0, len(part.plan.phases), skipped, damaged)
    child = record.stored_state.state
    done = sum(1 for phase in child.phases.values() if phase.status in PHASE_DONE)
    return SubtaskRow(task, part.name, part.depends_on, child.status, done, len(child.phases), skipped, damaged)


def tree(app: App, state: TaskState, output: Output) -> None:
    """Print the subtasks below their parent."""
    if not state.subplans:
        return
    output.text()
    output.text("subtasks:")
    branch, last = ("├─", "└─") if output.unicode else ("|-", "`-")
    built = rows(app, state)
    output.table(
        [
            [
                output.paint(last if row is built[-1] else branch, "dim"),
                row.id,
                safe(row.part),
                _words(row, output),
                f"{row.phases_done} of {count(row.phases, 'phase')}",
                output.paint(safe(f"after {', '.join(row.depends_on)}"), "dim") if row.depends_on else "",
            ]
            for row in built
        ],
        indent=2,
        whole=True,
    )


def waits(app: App, state: TaskState, output: Output) -> None:
    """Print the subtasks that wait for a person, each with the commands that answer it."""
    for subtask in waiting(state):
        try:
            child = app.known(subtask.id).state
        except CorruptLog as error:
            output.text(output.paint(f"  {safe(error.what)}: `{remedy(subtask.id)}`", "red"))
            continue
        words = f"{output.paint(subtask.id, 'bold')}  {safe(child.title)}  {status(child.status, output)}"
        output.wrapped(words, first="  ", rest="    ")
        questions(child.id, [asked.question for asked in child.questions.values()], output)
        if child.status == "paused":
            output.text(f"      {command(f'resume {child.id}')}")
    if waiting(state):
        output.text(f"  Then `{command(f'continue {state.id}')}` continues the whole task.")


def _words(row: SubtaskRow, output: Output) -> str:
    if row.damaged:
        return output.paint("damaged", "red")
    if row.skipped:
        return output.paint("skipped", "dim")
    return status(row.status, output) if row.status else output.paint("not started", "dim")
