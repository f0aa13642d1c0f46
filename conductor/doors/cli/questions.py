"""`conduct questions`: what waits for a person, in the tasks of a repository, in one of them, or in all there are."""

from __future__ import annotations

import argparse

from conductor.core.lifecycle import ENDED
from conductor.core.state import TaskState
from conductor.doors.cli.call import Call, named
from conductor.doors.cli.output import count, in_reach, safe
from conductor.doors.cli.standing import questions

EXAMPLE = """
conduct questions
conduct questions pinch --json
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "task",
        nargs="?",
        metavar="TASK",
        help="a task's id or the beginning of it; left out, or -: all those of the repository that you stand in, "
        "outside of one all there are",
    )
    parser.add_argument("--all", action="store_true", help="of all repositories")


def run(call: Call) -> int:
    app, output = call.fast_app, call.output
    states = {view.task: view.memory.state for view in app.views.all("tasks")}
    waiting = {task: s for task, s in states.items() if s.questions and s.status not in ENDED}
    damaged = app.damaged(*waiting)  # no answer would be taken there
    waiting = {task: s for task, s in waiting.items() if task not in damaged}
    wanted = _wanted(call, states)
    told = {task: state for task, state in waiting.items() if task in wanted}
    for task, state in told.items():
        asked = [a.question for a in state.questions.values()]
        for question in asked:
            output.data({"task": task, "title": state.title, "question": question})
        output.text(f"{output.paint(safe(state.title), 'bold')}  ({task})")
        questions(task, asked, output)
        output.text()
    output.text(f"{_many(told)}." if told else "Nothing waits for you.")
    elsewhere = {task: state for task, state in waiting.items() if task not in wanted}
    if elsewhere and not named(call.args.task):
        output.text(in_reach(f"In other repositories: {_many(elsewhere)}; `conduct questions --all`."))
    return 0


def _wanted(call: Call, states: dict[str, TaskState]) -> set[str]:
    """The tasks whose questions are told. Nothing is chosen among several: a person looks for whatever waits."""
    from conductor.scope import standing_in, within

    if named(call.args.task):
        return {call.task(call.args.task, changes=False)}
    here = None if call.args.all else standing_in(call.fast_app, call.folder, states)
    return set(within(here, states) if here is not None else states)


def _many(states: dict[str, TaskState]) -> str:
    return f"{count(sum(len(s.questions) for s in states.values()), 'question')} in {count(len(states), 'task')}"
