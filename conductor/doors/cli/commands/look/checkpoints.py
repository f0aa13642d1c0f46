"""`conduct checkpoints`: the known states of a task, including those that a rollback left behind."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.damage import warn
from conductor.doors.cli.render.output import Output, in_reach, safe
from conductor.doors.cli.render.times import moment
from projections.checkpoints import CheckpointRecord

EXAMPLE = """
conduct checkpoints
conduct checkpoints pinch --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)


def run(call: Call) -> int:
    app, output = call.fast_app, call.output
    task = call.task(call.args.task, changes=False)
    warn(app, task, output)
    view = app.views.get("checkpoints", task)
    points: tuple[CheckpointRecord, ...] = view.points if view is not None else ()
    output.data(points)
    if not points:
        output.text(f"Task {task} has no checkpoint yet; the first is made together with its worktree.")
        return 0
    output.table([_row(point, output) for point in points], whole=True)
    output.text()
    output.text(in_reach(f"`conduct rollback {task} NUMBER` returns to one, files and state together."))
    return 0


def _row(point: CheckpointRecord, output: Output) -> list[str]:
    what = f"phase {safe(point.phase)}" if point.phase else "the base" if point.number == 0 else "final validation"
    notes = ["waived"] if point.waived else []
    if point.abandoned:
        notes.append(f"abandoned by the rollback at version {point.abandoned}")
    if point.rescued:
        notes.append(f"kept: {safe(', '.join(point.rescued))}")
    notes += [f"moved aside: {safe(str(moved))}" for moved in point.set_aside]
    cells = [str(point.number), what, point.commit[:10], moment(point.time), "; ".join(notes)]
    return [output.paint(cell, "dim") for cell in cells] if point.abandoned else cells
