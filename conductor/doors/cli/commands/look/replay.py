"""`conduct replay`: the state at any version, folded from the recorded facts. Performs nothing, appends nothing."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.commands.look.events import lines
from conductor.doors.cli.render.output import safe
from conductor.doors.cli.render.standing import standing
from conductor.doors.cli.render.times import moment

EXAMPLE = """
conduct replay pinch --at 42
conduct replay pinch --at 42 --json | jq .status
"""
BEFORE = 5  # events shown before the one at the version


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)
    parser.add_argument("--at", type=int, metavar="VERSION", help="the state after this event (default: the latest)")


def run(call: Call) -> int:
    from projections.board import shown
    from projections.tasks import Tasks
    from projections.view import build
    from replay.describe import describe
    from replay.history import state_at

    app, output = call.fast_app, call.output
    task = call.task(call.args.task, changes=False)
    state = state_at(app.store, task, call.args.at)
    output.data(state)
    if output.json:
        return 0
    events = app.store.read(task, upto=state.version)
    at = events[-1]
    said = f"Version {at.version}, {moment(at.envelope.time)}: {safe(describe(at))}"
    output.wrapped(output.paint(said, "bold"), rest="  ")
    output.text()
    standing(shown(build(Tasks(), task, events)), state, output)
    output.text()
    output.text("Events before it:" if len(events) > 1 else "It is the first event.")
    lines(events[-1 - BEFORE : -1], output)
    return 0
