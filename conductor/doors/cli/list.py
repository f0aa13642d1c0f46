"""`conduct list`: all tasks of this state folder, the newest last."""

from __future__ import annotations

import argparse

from conductor.core.lifecycle import PHASE_DONE
from conductor.doors.cli.call import Call
from conductor.doors.cli.output import command, count, in_reach, safe
from conductor.doors.cli.standing import status
from conductor.doors.cli.times import age

EXAMPLE = """
conduct list
conduct list --json | jq -r '.[] | select(.status == "awaiting_answer") | .id'
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(call: Call) -> int:
    from projections.board import TaskView, shown

    app, output = call.fast_app, call.output
    views: list[TaskView] = [shown(record) for record in app.views.all("tasks")]
    output.data(views)
    if not views:
        output.text(in_reach("There are no tasks yet. `conduct run READY.md` begins one."))
    rows = []
    for view in views:
        done = sum(1 for phase in view.phases if phase.status in PHASE_DONE)
        rows.append(
            [
                view.id,
                status(view.status, output),
                f"{done} of {count(len(view.phases), 'phase')}",
                f"{age(view.updated_at)} ago",
                safe(view.repository),
            ]
        )
    output.table(rows)
    for held in app.views.quarantined("tasks"):
        trouble = f"{safe(held.task)}: version {held.version} cannot be read: {command(f'verify {held.task}')}"
        output.text(output.paint(trouble, "red"))
    return 0
