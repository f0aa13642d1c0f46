"""`conduct rollback`: return a task to a checkpoint, files and state together, at once. Undone work is kept."""

from __future__ import annotations

import argparse
import asyncio

from conductor.core.lifecycle import ACTIVE
from conductor.core.state import TaskState
from conductor.doors.cli.call import CHANGES, Call, words_argument, yes_argument
from conductor.doors.cli.driving import close
from conductor.doors.cli.render.output import command, safe
from conductor.envelope import Recorded
from conductor.errors import UsageError
from conductor.events import RollbackAsked, TaskPaused, TaskRolledBack

EXAMPLE = """
conduct rollback 2 --yes
conduct rollback pinch 0 --reason "start over with the new hint"
"""
DIGITS = 9  # of a checkpoint's number


def arguments(parser: argparse.ArgumentParser) -> None:
    words_argument(parser, "NUMBER", help=f"`conduct checkpoints` lists the numbers; 0 is the base. TASK: {CHANGES}")
    yes_argument(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="the reason, for the record")


def run(call: Call) -> int:
    app, output = call.app, call.output
    name, number = call.words("NUMBER")
    task = call.task(name, changes=True, app=app)
    if not number.isdecimal() or len(number) > DIGITS:
        raise UsageError(f"{number[:40]!r} is not a checkpoint number", hint=f"`conduct checkpoints {task}` lists them")
    ledger = app.known(task)
    app.release_dead(ledger)
    state = ledger.catch_up()
    pause = [TaskPaused(f"to return to checkpoint {number}")] if state.status in ACTIVE else []
    rollback = RollbackAsked(int(number), call.args.reason)
    ledger.rehearse(*pause, rollback, actor=call.person)  # before asking for confirmation, and before pausing
    question = f"Return task {task} ({safe(state.title)}) in {safe(state.repository)} to checkpoint {number}?"
    call.confirm(name, question, f"conduct rollback {task} {number}")
    done: list[TaskRolledBack] = []

    def watch(event: Recorded, before: TaskState, after: TaskState) -> None:
        if isinstance(event.body, TaskRolledBack):
            done.append(event.body)

    ledger.watch(watch)
    runner = app.runner(ledger)
    for said in (*pause, rollback):
        ledger.submit(said, actor=call.person)
    asyncio.run(runner.run())
    if not done:
        return close(app, ledger.catch_up(), output)
    back = done[-1]
    output.data(
        {
            "task": task,
            "checkpoint": back.checkpoint,
            "commit": back.commit,
            "rescued": back.rescued,
            "set_aside": back.set_aside,
        }
    )
    output.text(f"Task {task} is back at checkpoint {back.checkpoint} ({back.commit[:10]})")
    for ref in back.rescued:
        output.text(f"  kept: {safe(ref)}")
    for moved in back.set_aside:
        output.text(f"  moved aside: {safe(str(moved))}")
    output.text(f"`{command(f'continue {task}')}` continues from there.")
    return 0
