"""Which task a command means if none is named: one of the current repository, never another's.

If several could be meant, commands that change something refuse and list them; read-only ones take the latest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from conductor.app import App
from conductor.core.lifecycle import ENDED
from conductor.core.state import TaskState
from conductor.errors import UsageError
from conductor.workspace.git.checkout import Checkout, Identity, around

LISTED = 10  # tasks that an error names, the newest last
NAME_IT = "name the one you mean; `conduct list` shows them all"


class CandidateTask(msgspec.Struct, frozen=True):
    """A task that could be meant. `state` None: its record cannot be read at all, not even its repository.

    `damaged`: it is in quarantine. One that is not may have been damaged since.
    """

    task: str
    state: TaskState | None
    damaged: bool

    @property
    def active(self) -> bool:
        return self.state is not None and not self.damaged and self.state.status not in ENDED

    def told(self, *, where: bool, damaged: bool) -> str:
        """As shown to people: the id with its status and, if `where`, its repository."""
        words = "damaged" if damaged or self.state is None else self.state.status.replace("_", " ")
        place = f", {self.state.repository}" if where and self.state is not None else ""
        return f"{self.task} ({words}{place})"


class Here(msgspec.Struct, frozen=True):
    """The current repository. `top` is for display."""

    top: str
    identity: Identity


def meant(app: App, folder: Path | None, *, changes: bool) -> str:
    """The task that a command without a name means in `folder` (None: it is gone); `changes`: it is not read-only.

    The only active task of the repository around it. If there is none, or several: the latest for a read-only command,
    else the only task there is. Outside a repository no task is meant, except for a read-only command if there is only
    one. Subtasks are never meant. Raises UsageError, which lists the tasks to choose from.
    """
    states = {view.task: view.stored_state.state for view in app.views.all("tasks")}
    every = _candidates(app, states)
    if not every:
        raise UsageError("there are no tasks yet", hint="`conduct run READY.md` starts one")
    here = standing_in(app, folder, states)
    if here is None:
        if len(every) == 1 and not changes:
            return every[0].task
        what = f"{folder} is not in a repository" if folder else "the current folder is gone"
        what += ", so the task has to be named"
        raise UsageError(what, allowed=_listed(app, every, True), hint=NAME_IT)
    mine = within(here, states)
    found = [candidate for candidate in every if candidate.task in mine]
    if not found:
        hint = "`conduct run READY.md` starts one; name a task of another repository to use it"
        what = f"there are no tasks in the repository {here.top} yet"
        raise UsageError(what, allowed=_listed(app, every, True), hint=hint)
    return _chosen(app, found, here, changes)


def standing_in(app: App, folder: Path | None, states: Mapping[str, TaskState]) -> Here | None:
    """The repository that `folder` belongs to; None: none. `states`: of all tasks, by id.

    In a task's worktree it is the recorded one, because agents could replace the `.git` file there.
    """
    if folder is None:
        return None
    path, trees = _real(folder), _real(app.environment.home / "worktrees")
    if path != trees and path.is_relative_to(trees):
        state = states.get(path.relative_to(trees).parts[0])
        if state is not None:
            return Here(state.repository, _recorded(state.repository))
    found = _around(path)
    return None if found is None else Here(str(found.top), found.identity)


def within(here: Here, states: Mapping[str, TaskState]) -> dict[str, TaskState]:
    """The tasks that were created in a repository, in any of its worktrees."""
    tops = {top for top in {state.repository for state in states.values()} if _recorded(top) == here.identity}
    return {task: state for task, state in states.items() if state.repository in tops}


def _recorded(top: str) -> Identity:
    """The identity of a task's recorded repository; if it is gone, its path."""
    path = _real(Path(top))
    found = _around(path)
    return found.identity if found is not None and found.top == path else top


def _around(path: Path) -> Checkout | None:
    try:
        return around(path)
    except OSError:  # an inaccessible repository does not count
        return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _candidates(app: App, states: dict[str, TaskState]) -> list[CandidateTask]:
    """All tasks but subtasks, in the order of their creation."""
    tasks = app.store.tasks()
    held = {quarantined.task for quarantined in app.views.quarantined("tasks")}
    return [
        CandidateTask(task, states.get(task), task in held or task not in states)
        for task in tasks
        if not (states[task].parent_task_id if task in states else task.rpartition(".")[0] in tasks)
    ]


def _chosen(app: App, found: Sequence[CandidateTask], here: Here, changes: bool) -> str:
    """The one meant of the repository's tasks. A damaged one, which cannot be continued, only if there is no other."""
    active = _sound(app, [c for c in found if c.active])
    if len(active) == 1:
        return active[0].task
    if not changes:
        latest = (c for c in reversed(found) if _sound(app, [c]))
        return next(latest, found[-1]).task
    could = active or found
    if len(could) == 1:
        return could[0].task
    what = f"{len(could)} tasks of the repository {here.top} could be meant"
    raise UsageError(what, allowed=_listed(app, could, False), hint=NAME_IT)


def _sound(app: App, candidates: Sequence[CandidateTask]) -> list[CandidateTask]:
    """Those whose records are intact now."""
    damaged = app.damaged(*(c.task for c in candidates if not c.damaged))
    return [c for c in candidates if not c.damaged and c.task not in damaged]


def _listed(app: App, candidates: Sequence[CandidateTask], where: bool) -> str:
    more, last = len(candidates) - LISTED, candidates[-LISTED:]
    sound = _sound(app, last)
    told = [c.told(where=where, damaged=c not in sound) for c in last]
    return ", ".join([*([f"{more} older ones"] if more > 0 else []), *told])
