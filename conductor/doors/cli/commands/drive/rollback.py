"""`conduct rollback`: return a task to a checkpoint, tree and state together, at once. What it undoes is kept."""

from __future__ import annotations

import argparse
import asyncio

from conductor.core.lifecycle import ACTIVE
from conductor.core.state import TaskState
from conductor.doors.cli.call import CHANGES, Call, words_argument, yes_argument
from conductor.doors.cli.driving import close
from conductor.doors.cli.render.output import command, safe
from conductor.driving import claims
from conductor.envelope import Recorded
from conductor.errors import Refused, UsageError
from conductor.events import RollbackAsked, TaskPaused, TaskRolledBack

EXAMPLE = """
conduct rollback 2 --yes
conduct rollback pinch 0 --reason "begin anew with the new hint"
"""
DIGITS = 9  # of a checkpoint's number


def arguments(parser: argparse.ArgumentParser) -> None:
    words_argument(parser, "NUMBER", help=f"`conduct checkpoints` lists the numbers; 0 is the base. TASK: {CHANGES}")
    yes_argument(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")


def run(call: Call) -> int:
    app, output = call.app, call.output
    name, number = call.words("NUMBER")
    task = call.task(name, changes=True, app=app)
    if not number.isdecimal() or len(number) > DIGITS:
        raise UsageError(f"{number[:40]!r} is no checkpoint's number", hint=f"`conduct checkpoints {task}` lists them")
    ledger = app.known(task)
    state = ledger.state
    _refuse(state, int(number))
    question = f"Return task {task} ({safe(state.title)}) in {safe(state.repository)} to checkpoint {number}?"
    call.confirm(name, question, f"conduct rollback {task} {number}")
    app.release_dead(ledger)
    state = ledger.catch_up()
    _refuse(state, int(number))
    done: list[TaskRolledBack] = []

    def watch(event: Recorded, before: TaskState, after: TaskState) -> None:
        if isinstance(event.body, TaskRolledBack):
            done.append(event.body)

    ledger.watch(watch)
    runner = app.runner(ledger)
    if state.status in ACTIVE:
        ledger.submit(TaskPaused(f"to return to checkpoint {number}"), actor=call.person)
    ledger.submit(RollbackAsked(int(number), call.args.reason), actor=call.person)
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
    output.text(f"Task {task} is back at checkpoint {back.checkpoint}  {back.commit[:10]}")
    for ref in back.rescued:
        output.text(f"  kept: {safe(ref)}")
    for moved in back.set_aside:
        output.text(f"  moved aside: {safe(str(moved))}")
    output.text(f"`{command(f'continue {task}')}` goes on from there.")
    return 0


def _refuse(state: TaskState, number: int) -> None:
    """What must be refused before anybody is asked, and before the task is paused. A dead process holds nothing."""
    numbers = [point.number for point in state.checkpoints]
    if number not in numbers:
        raise Refused(
            f"task {state.id} has no checkpoint {number}",
            allowed=", ".join(map(str, numbers)) or "none yet",
            hint=f"`conduct checkpoints {state.id}` lists them",
        )
    held = [k for k, open_ in state.open.items() if open_.claim is not None and claims.lives(open_.claim) is not False]
    if held:
        raise Refused(
            f"task {state.id} is being driven: {', '.join(held)} is at work", hint=f"`conduct pause {state.id}` first"
        )
