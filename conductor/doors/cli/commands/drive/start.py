"""`conduct start`: create and start a task without driving it."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call
from conductor.doors.cli.commands.drive.run import created, creation_arguments, live_agent
from conductor.doors.cli.render.output import command
from conductor.events import TaskStarted

EXAMPLE = """
conduct start .prelude/READY.md --agent scripted:turns/script.toml
conduct start READY.md --driver assisted
"""
CLIENT = "client"  # the agents of an assisted task are its client's own


def arguments(parser: argparse.ArgumentParser) -> None:
    creation_arguments(parser)
    parser.add_argument(
        "--driver",
        choices=("conductor", "assisted"),
        default="conductor",
        help="assisted: a client starts its own agents and reports their work (default: %(default)s)",
    )


def run(call: Call) -> int:
    args = call.args
    if args.agent is None:
        args.agent = live_agent(call) if args.driver == "conductor" else CLIENT
    task = created(call, args.driver)
    state = call.app.submit(task, TaskStarted(), actor=call.person)
    call.output.data({"task": task, "status": state.status, "driver": state.driver, "branch": state.branch})
    if state.driver == "conductor":
        call.output.text(f"Started. `{command(f'continue {task}')}` drives it.")
    else:
        call.output.text("Started; it is waiting for its client to drive it.")
    return 0
