"""`conduct docs`: what was learned, as it would be written into the documents now."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.output import safe

EXAMPLE = """
conduct docs
conduct docs pinch --json | jq -r '."DISCOVERIES.md"'
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser)


def run(call: Call) -> int:
    from projections.render import render_documents

    app, output = call.fast_app, call.output
    task = app.find(call.args.task)
    view = app.views.get("documents", task)
    texts = render_documents(view) if view is not None else {}
    output.data(texts)
    if not texts:
        output.text(f"Nothing has been learned in task {task} yet.")
    for name, text in texts.items():
        output.text(output.paint(f"──── {name}" if output.unicode else f"---- {name}", "dim"))
        output.text(safe(text, lines=True))
    return 0
