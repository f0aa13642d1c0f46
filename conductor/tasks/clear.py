"""What ended tasks left in the state folder, cleared where nobody needs it: worktrees, and notes of processes.

Nothing is lost but what the branches ignore: they stay, what none of them has is kept first, and the record says where.
The worktree of a result that is not merged stays, as that is where its user was told to look.
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
    """Clear what can be cleared in this state folder; what stood in the way, a sentence per task. Raises StoreError."""
    left = {path.name for part in ("worktrees", "running") for path in (app.home / part).glob("*")}
    troubles = []
    for task, state in app.standing().items():
        if task in left and state.status in ENDED and not _at_work(app, task):
            try:
                _clear_notes(app.home / "running" / task)
                if (app.home / "worktrees" / task).is_dir() and Path(state.repository).is_dir():
                    _clear_worktrees(app, state)
            except (ConductorError, OSError) as error:
                troubles.append(f"task {task} has ended, and not all that it left could be cleared: {error}")
    return troubles


def _at_work(app: App, task: str) -> bool:
    """Whether a process that ever worked on the task may still be at it: its last work ends after the task does.

    Of a damaged record nobody can say, so what it left stays.
    """
    try:
        events = app.store.read(task)
    except CorruptLog:
        return True
    begun = [(e.version, e.body) for e in events if isinstance(e.body, EffectStarted)]
    lives = {body.claim: claims.lives(body.claim) for _, body in begun if not claims.mine(body.claim)}
    if any(alive or (alive is None and claims.seems_alive(claim)) for claim, alive in lives.items()):
        return True
    latest = {body.effect: (version, body.claim) for version, body in begun}
    return any(lives.get(c, False) is None and app.store.has_heartbeat(task, e, v) for e, (v, c) in latest.items())


def _clear_notes(folder: Path) -> None:
    """What a dead process left running for the task is ended; folders with notes of others stay."""
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
    """By Conductor, or by hand."""
    into = state.base_branch
    return bool(state.delivered) or (into is not None and workspace.holds(into, state.head))
