"""What every performer is given: the ledger, the blobs, the workspace, the agents, and the places of things."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from conductor.agents.contract.protocols import AgentRunner
from conductor.core.state import TaskState
from conductor.core.targets import standing
from conductor.driving.ledger import Ledger
from conductor.envelope import sha256
from conductor.events import Request, TaskCreated
from conductor.log.blobs import Blobs
from conductor.text import one_line
from conductor.workspace.workspace import Workspace


class Context(msgspec.Struct, frozen=True):
    """`home` is the state folder; `environ` the environment, of which commands get a scrubbed copy."""

    ledger: Ledger
    blobs: Blobs
    workspace: Workspace
    agents: Callable[[], AgentRunner]  # called only when needed: assisted tasks have none
    home: Path
    environ: Mapping[str, str]
    drive: Callable[
        [str, TaskCreated], Awaitable[TaskState]
    ]  # run another task, created if missing, until it ends or waits

    def notes(self, effect: str) -> Path:
        """The folder where an effect's process groups are noted while they run, so that a successor can end them."""
        return notes(self.home, self.ledger.task, effect)


def place(state: TaskState, request: Request) -> Path:
    """The worktree that a request is about."""
    target = standing(state, request.target)
    return Path(target.path or state.path)


def notes(home: Path, task: str, effect: str) -> Path:
    """The folder for an effect's notes, named by the digest of its id, which may contain any module name."""
    return home / "running" / task / sha256(effect.encode())[:16]


def subject(state: TaskState, request: Request, what: str) -> str:
    """A commit's first line: `Phase 2, parser: implementation`. As names are a user's text, cut to 100 characters."""
    parts = []
    if request.phase is not None:
        parts.append(f"Phase {request.phase}")
    if request.module is not None:
        parts.append(request.module)
    text = f"{', '.join(parts) or 'Whole'}: {what}"
    return one_line(text, 100)
