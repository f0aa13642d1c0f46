"""`conduct abandon`: abandon a task. Its history, branch and checkpoints are kept."""

from __future__ import annotations

import argparse

from conductor.core.lifecycle import ENDED
from conductor.doors.cli.call import Call, task_argument, yes_argument
from conductor.doors.cli.render.output import command, safe
from conductor.events import TaskAbandoned

EXAMPLE = """
conduct abandon pinch
conduct abandon pinch --reason "the vendor's library does it"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=True)
    yes_argument(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="the reason, for the record")


def run(call: Call) -> int:
    app, args, output = call.fast_app, call.args, call.output
    task = call.task(args.task, changes=True)
    state = app.known(task).state
    if state.status not in ENDED:  # otherwise `submit` refuses, and says what is allowed
        question = f"Abandon task {task} ({safe(state.title)}) in {safe(state.repository)}?"
        call.confirm(args.task, question, f"conduct abandon {task}")
    state = app.submit(task, TaskAbandoned(args.reason), actor=call.person)
    output.data({"task": task, "status": state.status, "branch": state.branch, "path": state.path})
    output.text(f"Task {task} is abandoned. Nothing was deleted:")
    rows = [["branch", safe(state.branch)], ["worktree", safe(state.path)], ["history", command(f"events {task}")]]
    output.table([row for row in rows if row[1]], indent=2, whole=True)
    return 0
