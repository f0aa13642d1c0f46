"""`conduct questions`: what waits for a person, in all tasks or in one."""

from __future__ import annotations

import argparse

from conductor.core.lifecycle import ENDED
from conductor.doors.cli.call import Call
from conductor.doors.cli.output import count, safe
from conductor.doors.cli.standing import questions

EXAMPLE = """
conduct questions
conduct questions pinch --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "task", nargs="?", metavar="TASK", help="a task's id or the beginning of it; default: all tasks"
    )


def run(call: Call) -> int:
    """Without TASK: those of all tasks, as a person looks for whatever waits for them."""
    app, output = call.fast_app, call.output
    wanted = app.find(call.args.task) if call.args.task else None
    states = [record.memory.state for record in app.views.all("tasks")]
    waiting = [s for s in states if s.questions and s.status not in ENDED and (wanted is None or s.id == wanted)]
    for state in waiting:
        asked = [a.question for a in state.questions.values()]
        for question in asked:
            output.data({"task": state.id, "title": state.title, "question": question})
        output.text(f"{output.paint(safe(state.title), 'bold')}  ({state.id})")
        questions(state.id, asked, output)
        output.text()
    total = sum(len(s.questions) for s in waiting)
    output.text(
        f"{count(total, 'question')} in {count(len(waiting), 'task')}." if waiting else "Nothing waits for you."
    )
    return 0
