"""A task's roles: the project's own as they stood at its base commit, else ours; with what the plan says of them."""

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
    """The project's own role files in a commit, by role: digests of their texts; and what is doubtful in them.

    Raises UsageError for a wrong one.
    """
    found: dict[str, Digest] = {}
    doubts: list[str] = []
    for name in ROLES:
        for folder in OVERRIDES:
            file = f"{folder}/{name}.md"
            raw = workspace.read_file(commit, file)
            if raw is None:
                continue
            text = given.text(given.bounded(raw, file, 4 * LARGEST), file)  # four bytes a character at most
            doubts += override(name, text, file).doubts
            found[name] = blobs.put(text)
            break
    return found, tuple(doubts)


def recorded_roles(store: EventStore, task: str) -> Mapping[str, Digest]:
    """What `own_roles` found when the task was begun."""
    created = store.read(task, upto=1)[0].body
    return created.roles if isinstance(created, TaskCreated) else {}


def acting_role(name: str, store: EventStore, state: TaskState) -> Role:
    """The role as it is for a task."""
    digest = recorded_roles(store, state.id).get(name)
    known = role(name)
    if digest is not None:
        kept = store.blobs.get(digest)
        if kept is None:
            raise CorruptLog(f"the role file of {name} was erased from the record", hint="begin another task")
        known = override(name, kept.decode(), f"{name}.md")
    return with_custom(known, state.plan.custom_roles)
