"""`conduct questions`: what waits for a person, in all tasks or in one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from conductor.core.lifecycle import ENDED
from conductor.doors.cli.call import Call
from conductor.doors.cli.output import count
from conductor.doors.cli.standing import questions
from conductor.errors import UsageError

EXAMPLE = """
conduct questions
conduct questions pinch q2 --full
conduct questions pinch --json
"""
_ID = re.compile(r"q[1-9][0-9]*", re.ASCII)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = f"{parser.prog} [TASK] [QUESTION] [options]"
    parser.add_argument(
        "words",
        nargs="*",
        metavar="[TASK] [QUESTION]",
        help="a task's id or the beginning of it, default: all tasks; one of its questions, default: all of them",
    )
    parser.add_argument("--full", action="store_true", help="leave nothing out of long texts")


def run(call: Call) -> int:
    """Without TASK: those of all tasks, as a person looks for whatever waits for them."""
    app, output = call.fast_app, call.output
    task, wanted = _wanted(call.args.words)
    task = app.find(task) if task else None
    states = [record.memory.state for record in app.views.all("tasks")]
    found = [(s, [a.question for a in s.questions.values() if wanted in (None, a.question.id)]) for s in states]
    waiting = [(s, asked) for s, asked in found if asked and s.status not in ENDED and task in (None, s.id)]
    if wanted and not waiting:
        raise UsageError(f"there is no open question {wanted}", hint="`conduct questions` lists those that there are")
    for state, asked in waiting:
        for question in asked:
            output.data({"task": state.id, "title": state.title, "question": question})
        output.title(state.title, f"({state.id})")
        questions(state.id, asked, output, full=call.args.full)
        output.text()
    total = sum(len(asked) for _, asked in waiting)
    output.text(
        f"{count(total, 'question')} in {count(len(waiting), 'task')}." if waiting else "Nothing waits for you."
    )
    return 0


def _wanted(words: Sequence[str]) -> tuple[str | None, str | None]:
    """The task and the question that are named. Raises UsageError for anything else."""
    *tasks, last = words or [""]
    asked = last if _ID.fullmatch(last) else None
    tasks = [*tasks, *([last] if last and not asked else [])]
    if len(tasks) > 1:
        raise UsageError(f"{' '.join(words)!r} is not a task and its question", allowed="[TASK] [QUESTION], such as q1")
    return (tasks[0] if tasks else None), asked
