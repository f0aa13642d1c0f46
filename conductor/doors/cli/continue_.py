"""`conduct continue`: go on where the log stands, whatever happened."""

from __future__ import annotations

import argparse

from conductor.core.lifecycle import DONE
from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.driving import drive, opening
from conductor.events import DeliveryAsked

EXAMPLE = """
conduct continue
conduct continue pinch --merge
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser)
    parser.add_argument("--merge", action="store_true", help="merge the finished branch into its base")


def run(call: Call) -> int:
    ledger = call.app.ledger(call.app.find(call.args.task))
    state = ledger.catch_up()
    opening(state, call.output)
    if call.args.merge and state.status in DONE:
        ledger.submit(DeliveryAsked(), actor=call.person)
    return drive(call, ledger)
