"""`conduct status`: where a task stands."""

from __future__ import annotations

import argparse

import msgspec

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.checklist import unproven
from conductor.doors.cli.output import command
from conductor.doors.cli.standing import standing, waits_until
from conductor.doors.cli.subtasks import rows, tree

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
    record = app.views.get("tasks", task)
    held = next((q for q in app.views.quarantined("tasks") if q.task == task), None)
    if held is not None:
        trouble = f"version {held.version} cannot be read; this is the state before it: `{command(f'verify {task}')}`"
        output.text(output.paint(trouble, "red"))
    if record is None:
        error = held.error if held is not None else "nothing is known of it"
        output.data({"id": task, "quarantined": held is not None, "error": error})
    else:
        state = record.memory.whole()
        view = shown(record)
        told = msgspec.to_builtins(view) | {"unproven": unproven(state, view.unproven)}
        told |= {"path": state.path, "waits_until": waits_until(state)}
        output.data({**told, "quarantined": held is not None, "subtasks": rows(app, state)})
        standing(view, state, output)
        tree(app, state, output)
    return 0 if held is None and record is not None else 1
