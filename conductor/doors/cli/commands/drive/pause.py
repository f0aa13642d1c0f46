"""`conduct pause`: stop a task cleanly, even if another process drives it."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.output import command
from conductor.events import TaskPaused

EXAMPLE = """
conduct pause
conduct pause pinch --reason "the afternoon is for meetings"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=True)
    parser.add_argument("--reason", default="", metavar="TEXT", help="the reason, for the record")


def run(call: Call) -> int:
    task = call.task(call.args.task, changes=True)
    state = call.fast_app.submit(task, TaskPaused(call.args.reason), actor=call.person)
    held = [effect for effect, open_ in state.open.items() if open_.claim_version]
    call.output.data({"task": task, "status": state.status, "at_work": held})
    call.output.text(f"Task {task} is paused.")
    if held:
        call.output.text("The process that drives it stops and releases the work in progress.")
    call.output.text(f"`{command(f'continue {task}')}` continues it.")
    return 0
