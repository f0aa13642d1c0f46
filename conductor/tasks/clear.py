"""Clears what ended tasks left in the state folder and no one needs: worktrees, and notes on processes.

Only files that the branches ignore are lost: branches stay, what is on none of them is rescued first, and the record
says where. The worktree of an unmerged result stays, because its user was told to look there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conductor.app import App
from conductor.core.lifecycle import ENDED
from conductor.core.state import TaskState
from conductor.driving import claims
from conductor.errors import ConductorError, CorruptLog
from conductor.events import EffectStarted, WorkspaceCleared
from conductor.process.groups import end_left_over
from conductor.workspace.workspace import Workspace


def clear_ended(app: App) -> list[str]:
    """Clear what can be cleared in this state folder. Returns the obstacles, a sentence per task. Raises StoreError."""
    left = {path.name for part in ("worktrees", "running") for path in (app.home / part).glob("*")}
    troubles = []
    for task, state in app.standing().items():
        if task in left and state.status in ENDED and not _at_work(app, task):
            try:
                _clear_notes(app.home / "running" / task)
                if (app.home / "worktrees" / task).is_dir() and Path(state.repository).is_dir():
                    _clear_worktrees(app, state)
            except (ConductorError, OSError) as error:
                troubles.append(f"task {task} has ended, but not everything it left could be cleared: {error}")
    return troubles


def _at_work(app: App, task: str) -> bool:
    """Whether a process that ever worked on the task may still be at work, as work may end after the task does.

    For a damaged record that is unknown, so what it left stays.
    """
    try:
        events = app.store.read(task)
    except CorruptLog:
        return True
    started = [(e.version, e.body) for e in events if isinstance(e.body, EffectStarted)]
    lives = {body.claim: claims.lives(body.claim) for _, body in started if not claims.mine(body.claim)}
    if any(alive or (alive is None and claims.seems_alive(claim)) for claim, alive in lives.items()):
        return True
    latest = {body.effect: (version, body.claim) for version, body in started}
    return any(lives.get(c, False) is None and app.store.has_heartbeat(task, e, v) for e, (v, c) in latest.items())


def _clear_notes(folder: Path) -> None:
    """End what dead processes left running for the task; folders with other processes' notes stay."""
    for notes in folder.glob("*"):
        end_left_over(notes)
        if not any(notes.iterdir()):
            notes.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _clear_worktrees(app: App, state: TaskState) -> None:
    workspace = app.workspace(state)
    if state.status != "abandoned" and not _merged(workspace, state):
        return

    def record(removed: Sequence[str], rescued: Sequence[str]) -> None:
        cleared = WorkspaceCleared(tuple(removed), tuple(rescued), workspace.set_aside() if removed else ())
        app.submit(state.id, cleared, actor=claims.actor())

    workspace.clear(record)


def _merged(workspace: Workspace, state: TaskState) -> bool:
    """Whether the result was merged, by Conductor or by hand."""
    into = state.base_branch
    return bool(state.delivered) or (into is not None and workspace.holds(into, state.head))
