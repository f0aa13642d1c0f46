"""`conduct docs`: what was learned, as it would be written to the documents now."""

from __future__ import annotations

import argparse
from pathlib import Path

from conductor.core.state import TaskState
from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.damage import warn
from conductor.doors.cli.render.output import safe
from conductor.doors.cli.render.quote import document
from conductor.errors import UsageError

EXAMPLE = """
conduct docs
conduct docs pinch --json | jq -r '."DISCOVERIES.md"'
conduct docs pinch --write .
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=False)
    parser.add_argument(
        "--write",
        metavar="FOLDER",
        help="write them into this checkout, keeping what people wrote; name TASK if several could be meant",
    )


def run(call: Call) -> int:
    from projections.documents.render import render_documents

    app, output = call.fast_app, call.output
    task = call.task(call.args.task, changes=call.args.write is not None)
    if call.args.write is not None:
        return _write(call, app.known(task).state)
    warn(app, task, output)
    view = app.views.get("documents", task)
    texts = render_documents(view) if view is not None else {}
    output.data(texts)
    if not texts:
        output.text(f"Nothing has been learned in task {task} yet.")
    for name, text in texts.items():
        output.text(output.paint(f"──── {name}" if output.unicode else f"---- {name}", "dim"))
        document(text, output)
    return 0


def _write(call: Call, state: TaskState) -> int:
    """Write them as a checkpoint does. A section edited by hand is left alone; the new text goes beside it."""
    from conductor.effects.documents import write
    from projections.documents.projection import Documents
    from projections.view import build

    folder = Path(call.args.write).resolve()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", allowed="a checkout of the task's repository")
    findings = build(Documents(), state.id, call.fast_app.store.read(state.id, upto=state.version))
    written, edited = write(folder, state, findings)
    call.output.data({"task": state.id, "folder": str(folder), "written": list(written), "edited": edited})
    for path in written:
        call.output.wrapped(f"written: {safe(path)}", rest="  ")
    for path in edited:
        text = f"left alone, edited by hand or not Conductor's: {safe(path)}"
        call.output.wrapped(call.output.paint(text, "yellow"), rest="  ")
    if not written:
        call.output.text(f"Nothing has been learned in task {state.id} yet.")
    return 0
