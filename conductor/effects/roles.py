"""A task's roles: the project's own at its base commit, otherwise ours; with what the plan adds to them."""

from __future__ import annotations

from collections.abc import Mapping

from conductor.agents.roles.role import LARGEST, OVERRIDES, ROLES, Role, override, role, with_custom
from conductor.config import given
from conductor.core.state import TaskState
from conductor.errors import CorruptLog
from conductor.events import TaskCreated
from conductor.ids import Digest
from conductor.log.blobs import Blobs
from conductor.log.store import EventStore
from conductor.workspace.workspace import Workspace


def own_roles(workspace: Workspace, commit: str, blobs: Blobs) -> tuple[dict[str, Digest], tuple[str, ...]]:
    """The project's own role files in a commit: role -> digest of the text, and warnings about them.

    Raises UsageError for an invalid one.
    """
    found: dict[str, Digest] = {}
    doubts: list[str] = []
    for name in ROLES:
        for folder in OVERRIDES:
            file = f"{folder}/{name}.md"
            raw = workspace.read_file(commit, file)
            if raw is None:
                continue
            text = given.text(given.bounded(raw, file, 4 * LARGEST), file)  # at most four bytes per character
            doubts += override(name, text, file).doubts
            found[name] = blobs.put(text)
            break
    return found, tuple(doubts)


def recorded_roles(store: EventStore, task: str) -> Mapping[str, Digest]:
    """What `own_roles` found when the task was created."""
    created = store.read(task, upto=1)[0].body
    return created.roles if isinstance(created, TaskCreated) else {}


def acting_role(name: str, store: EventStore, state: TaskState) -> Role:
    """The role as it applies to a task."""
    digest = recorded_roles(store, state.id).get(name)
    known = role(name)
    if digest is not None:
        kept = store.blobs.get(digest)
        if kept is None:
            raise CorruptLog(f"the role file of {name} was erased from the record", hint="start a new task")
        known = override(name, kept.decode(), f"{name}.md")
    return with_custom(known, state.plan.custom_roles)
