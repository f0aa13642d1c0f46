"""`conduct list`: all tasks of this state folder, the newest last."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from conductor.core.lifecycle import PHASE_DONE
from conductor.doors.cli.call import Call
from conductor.doors.cli.output import command, count, in_reach, safe
from conductor.doors.cli.standing import status
from conductor.doors.cli.times import age

if TYPE_CHECKING:
    from projections.board import TaskView

EXAMPLE = """
conduct list
conduct list --json | jq -r '.[] | select(.status == "awaiting_answer") | .id'
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(call: Call) -> int:
    from projections.board import shown

    app, output = call.fast_app, call.output
    views: list[TaskView] = _nested([shown(record) for record in app.views.all("tasks")])
    output.data(views)
    if not views:
        output.text(in_reach("There are no tasks yet. `conduct run READY.md` begins one."))
    rows = []
    for view in views:
        done = sum(1 for phase in view.phases if phase.status in PHASE_DONE)
        rows.append(
            [
                f"  {view.id}" if view.parent_task_id else view.id,
                status(view.status, output),
                f"{done} of {count(len(view.phases), 'phase')}",
                f"{age(view.updated_at)} ago",
                safe(view.repository),
            ]
        )
    output.table(rows, whole=True)
    for held in app.views.quarantined("tasks"):
        trouble = f"{safe(held.task)}: version {held.version} cannot be read: {command(f'verify {held.task}')}"
        output.text(output.paint(trouble, "red"))
    return 0


def _nested(views: list[TaskView]) -> list[TaskView]:
    """Subtasks right after the task that they are a part of."""
    below: dict[str, list[TaskView]] = {}
    for view in views:
        below.setdefault(view.parent_task_id, []).append(view)
    known = {view.id for view in views}
    tops = [view for view in views if view.parent_task_id not in known]
    return [each for view in tops for each in (view, *below.get(view.id, []))]
