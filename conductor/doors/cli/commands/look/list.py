"""`conduct list`: all tasks of this state folder, newest last."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import msgspec

from conductor.core.lifecycle import PHASE_DONE
from conductor.doors.cli.call import Call
from conductor.doors.cli.render.damage import quarantine, remedy, trouble
from conductor.doors.cli.render.output import Output, count, in_reach, safe
from conductor.doors.cli.render.standing import status
from conductor.doors.cli.render.times import age

if TYPE_CHECKING:
    from projections.board import TaskView

EXAMPLE = """
conduct list
conduct list --json | jq -r '.[] | select(.status == "awaiting_answer") | .id'
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(call: Call) -> int:
    from projections.board import shown

    app, output = call.fast_app, call.output
    tasks = app.store.tasks()
    damaged = app.damaged(*tasks)  # first, as it updates the views of tasks that are sound again
    views = _nested([shown(record) for record in app.views.all("tasks")])
    blank = [task for task in damaged if task not in {view.id for view in views}]  # none of their record is readable
    listed = [{**msgspec.to_builtins(view), **quarantine(damaged.get(view.id))} for view in views]
    output.data([*listed, *({"id": task, "status": "", **quarantine(damaged[task])} for task in blank)])
    if not tasks:
        output.text(in_reach("There are no tasks yet. `conduct run READY.md` starts one."))
    rows = [_row(view, view.id in damaged, output) for view in views]
    output.table([*rows, *([safe(task), _damaged(output), "", "", ""] for task in blank)], whole=True)
    for held in damaged.values():
        output.text(output.paint(f"{trouble(held)}; `{remedy(held.task)}` says more", "red"))
    return 0


def _row(view: TaskView, damaged: bool, output: Output) -> list[str]:
    done = sum(1 for phase in view.phases if phase.status in PHASE_DONE)
    return [
        f"  {view.id}" if view.parent_task_id else view.id,
        _damaged(output) if damaged else status(view.status, output),
        f"{done} of {count(len(view.phases), 'phase')}",
        f"{age(view.updated_at)} ago",
        safe(view.repository),
    ]


def _damaged(output: Output) -> str:
    return output.paint("damaged", "red")


def _nested(views: list[TaskView]) -> list[TaskView]:
    """Subtasks directly after their parent."""
    below: dict[str, list[TaskView]] = {}
    for view in views:
        below.setdefault(view.parent_task_id, []).append(view)
    known = {view.id for view in views}
    tops = [view for view in views if view.parent_task_id not in known]
    return [each for view in tops for each in (view, *below.get(view.id, []))]
