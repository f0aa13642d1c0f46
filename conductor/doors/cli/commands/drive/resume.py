"""`conduct resume`: resume a paused task without driving it."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.output import command
from conductor.doors.cli.render.standing import status
from conductor.events import TaskResumed

EXAMPLE = """
conduct resume
conduct resume pinch
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=True)


def run(call: Call) -> int:
    output = call.output
    task = call.task(call.args.task, changes=True)
    state = call.fast_app.submit(task, TaskResumed(), actor=call.person)
    output.data({"task": task, "status": state.status})
    output.text(f"Task {task}: {status(state.status, output)}. `{command(f'continue {task}')}` drives it.")
    return 0
