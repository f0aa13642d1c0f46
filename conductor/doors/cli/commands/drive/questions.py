"""`conduct questions`: the open questions of a repository's tasks, of one task, or of all tasks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from conductor.core.lifecycle import ENDED
from conductor.core.state import TaskState
from conductor.doors.cli.call import Call, named
from conductor.doors.cli.render.output import count, in_reach
from conductor.doors.cli.render.standing import questions
from conductor.errors import UsageError
from conductor.events import Question

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
        help="TASK: a task id or a prefix of it; omitted, or -: all tasks of the current repository, or, outside one, "
        "all tasks. QUESTION: one of its questions (default: all)",
    )
    parser.add_argument("--full", action="store_true", help="show long texts in full")
    parser.add_argument("--all", action="store_true", help="show all repositories")


def run(call: Call) -> int:
    app, output = call.fast_app, call.output
    name, wanted = _words(call.args.words)
    states = {view.task: view.stored_state.state for view in app.views.all("tasks")}
    waiting = {task: s for task, s in states.items() if s.questions and s.status not in ENDED}
    damaged = app.damaged(*waiting)  # these would accept no answer
    open_ = {task: _asked(s, wanted) for task, s in waiting.items() if task not in damaged}
    meant = _meant(call, name, states)
    shown = {task: asked for task, asked in open_.items() if asked and task in meant}
    if wanted and not shown:
        raise UsageError(f"there is no open question {wanted}", hint="`conduct questions` lists the open ones")
    for task, asked in shown.items():
        title = states[task].title
        for question in asked:
            output.data({"task": task, "title": title, "question": question})
        output.title(title, f"({task})")
        questions(task, asked, output, full=call.args.full)
        output.text()
    output.text(f"{_counted(shown)}." if shown else "Nothing is waiting for you.")
    elsewhere = {task: asked for task, asked in open_.items() if asked and task not in meant}
    if elsewhere and not named(name):
        output.text(in_reach(f"In other repositories: {_counted(elsewhere)}; `conduct questions --all`."))
    return 0


def _words(words: Sequence[str]) -> tuple[str | None, str | None]:
    """The named task and question. Raises UsageError for anything else."""
    if not words:
        return None, None
    *tasks, last = words
    asked = last if _ID.fullmatch(last) else None
    tasks = tasks if asked else [*tasks, last]
    if len(tasks) > 1:
        raise UsageError(f"{' '.join(words)!r} is not a task and its question", allowed="[TASK] [QUESTION], such as q1")
    return (tasks[0] if tasks else None), asked


def _meant(call: Call, name: str | None, states: dict[str, TaskState]) -> set[str]:
    """The tasks whose questions are shown: all that could be meant, rather than one chosen among them."""
    from conductor.tasks.scope import standing_in, within

    if named(name):
        return {call.task(name, changes=False)}
    here = None if call.args.all else standing_in(call.fast_app, call.folder, states)
    return set(within(here, states) if here is not None else states)


def _asked(state: TaskState, wanted: str | None) -> list[Question]:
    return [a.question for a in state.questions.values() if wanted in (None, a.question.id)]


def _counted(asked: dict[str, list[Question]]) -> str:
    return f"{count(sum(map(len, asked.values())), 'question')} in {count(len(asked), 'task')}"
