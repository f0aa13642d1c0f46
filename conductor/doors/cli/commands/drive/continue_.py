"""`conduct continue`: continue a task from its log, whatever stopped it."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.driving import drive, opening
from conductor.errors import Refused

EXAMPLE = """
conduct continue
conduct continue pinch --merge
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=True)
    parser.add_argument("--merge", action="store_true", help="merge the finished branch into its base")


def run(call: Call) -> int:
    call.output.outlives_reader = True
    ledger = call.app.known(call.task(call.args.task, changes=True, app=call.app))
    state = ledger.state
    if call.args.merge and state.base_branch is None:
        raise Refused(
            f"task {state.id} was started on a detached HEAD, so there is no branch to merge into",
            hint=f"run `conduct continue {state.id}` without --merge, and merge the branch {state.branch} yourself",
        )
    opening(state, call.output)
    return drive(call, ledger, merge=call.args.merge)
