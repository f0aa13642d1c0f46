"""`conduct status`: where a task stands."""

from __future__ import annotations

import argparse

import msgspec

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.checklist import unproven
from conductor.doors.cli.render.damage import quarantine, remedy, trouble
from conductor.doors.cli.render.standing import standing, waits_until
from conductor.doors.cli.render.subtasks import rows, tree
from conductor.errors import Exit

EXAMPLE = """
conduct status
conduct status pinch --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)


def run(call: Call) -> int:
    from projections.board import shown

    app, output = call.fast_app, call.output
    task = call.task(call.args.task, changes=False)
    held = app.damaged(task).get(task)
    record = app.views.get("tasks", task)
    if held is not None:
        known = "What follows was known before. " if record is not None else ""
        output.text(output.paint(f"{trouble(held)}. {known}`{remedy(task)}` says more", "red"))
    if record is None:
        output.data({"id": task, **quarantine(held)})
    else:
        state = record.stored_state.whole()
        view = shown(record)
        fields = msgspec.to_builtins(view) | {"unproven": unproven(state, view.unproven)}
        fields |= {"path": state.path, "waits_until": waits_until(state)}
        output.data({**fields, **quarantine(held), "subtasks": rows(app, state)})
        standing(view, state, output)
        tree(app, state, output)
    return Exit.OK if held is None else Exit.FAILED
