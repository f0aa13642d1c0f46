"""A task's roles: the project's own as they stood at its base commit, else ours; with what the plan says of them."""

from __future__ import annotations

from collections.abc import Mapping

from conductor.agents.roles.role import OVERRIDES, ROLES, Role, override, role, with_custom
from conductor.core.state import TaskState
from conductor.errors import CorruptLog, UsageError
from conductor.events import TaskCreated
from conductor.ids import Digest
from conductor.log.blobs import Blobs
from conductor.log.store import EventStore
from conductor.workspace.workspace import Workspace


def own_roles(workspace: Workspace, commit: str, blobs: Blobs) -> dict[str, Digest]:
    """The project's own role files in a commit, by role: digests of their texts. Raises UsageError for a wrong one."""
    found = {}
    for name in ROLES:
        for folder in OVERRIDES:
            file = f"{folder}/{name}.md"
            raw = workspace.read_file(commit, file)
            if raw is None:
                continue
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise UsageError(f"{file}: it is not UTF-8", hint="mend the file and commit it") from None
            override(name, text, file)
            found[name] = blobs.put(text)
            break
    return found


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
