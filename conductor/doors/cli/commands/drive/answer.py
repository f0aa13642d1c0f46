"""`conduct answer`: answer a question that a task is waiting for."""

from __future__ import annotations

import argparse

from conductor.core.lifecycle import DONE
from conductor.doors.cli.call import CHANGES, Call, words_argument
from conductor.doors.cli.render.output import command
from conductor.doors.cli.render.standing import questions, status
from conductor.events import QuestionAnswered

EXAMPLE = """
conduct answer q1 retry --hint "the API is paged"
conduct answer pinch q3 accept
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    words_argument(parser, "QUESTION", "CHOICE", help=f"`conduct status` shows the open questions. TASK: {CHANGES}")
    parser.add_argument("--hint", default="", metavar="TEXT", help="advice to the agents that retry failed work")


def run(call: Call) -> int:
    app, output = call.fast_app, call.output
    name, question, choice = call.words("QUESTION", "CHOICE")
    task = call.task(name, changes=True)
    state = app.submit(task, QuestionAnswered(question, choice, call.args.hint), actor=call.person)
    left = [asked.question for asked in state.questions.values()]
    output.data({"task": task, "question": question, "choice": choice, "status": state.status, "open": left})
    output.text(f"{question} is answered: {choice}.")
    if left:
        output.text(f"Task {task} is still waiting for you.")
        questions(task, left, output)
    elif state.status == "abandoned" or state.status in DONE:
        output.text(f"Task {task} is {status(state.status, output)}.")
    else:
        parent = state.parent_task_id
        output.text(f"`{command(f'continue {parent if parent and not app.damaged(parent) else task}')}` continues it.")
    return 0
