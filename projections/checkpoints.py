"""The projection of all checkpoints there ever were, including those that a rollback abandoned."""

from __future__ import annotations

import msgspec

from conductor.envelope import Recorded
from conductor.events import (
    CheckpointCreated,
    CheckpointRequested,
    SetAside,
    TaskRolledBack,
    WorkspacePrepared,
    WorkspaceRequested,
)
from projections.view import View

replace = msgspec.structs.replace


class CheckpointRecord(msgspec.Struct, frozen=True):
    """A checkpoint; 0 is the base. `version` is that of its event, `abandoned` that of the rollback that dropped it."""

    number: int
    phase: str | None  # None: the base, or the final validation
    commit: str
    tree: str
    checked_tree: str
    time: str
    version: int
    documents: tuple[str, ...] = ()
    waived: bool = False
    rescued: tuple[str, ...] = ()  # refs that keep what was not merged, and what a rollback undid
    abandoned: int = 0
    set_aside: tuple[SetAside, ...] = ()  # ignored files moved out of the worktrees, then or by the rollback


class CheckpointRequest(msgspec.Struct, frozen=True):
    """The checkpoint that an open effect is to create; there is one at a time."""

    effect: str
    phase: str | None = None
    waived: bool = False


class TaskCheckpoints(View, frozen=True, kw_only=True):
    points: tuple[CheckpointRecord, ...] = ()
    asked: CheckpointRequest | None = None


class Checkpoints:
    name, version, view = "checkpoints", 1, TaskCheckpoints

    def start(self, task: str) -> TaskCheckpoints:
        return TaskCheckpoints(task=task)

    def fold(self, view: TaskCheckpoints, event: Recorded) -> TaskCheckpoints:
        match event.body:
            case CheckpointRequested() as body:
                return replace(view, asked=CheckpointRequest(body.effect, body.phase, body.waived))
            case WorkspaceRequested(phase=None, effect=effect):
                return replace(view, asked=CheckpointRequest(effect))
            case WorkspacePrepared() as body if view.asked and body.effect == view.asked.effect:
                base = CheckpointRecord(0, None, body.commit, body.tree, body.tree, event.envelope.time, event.version)
                return replace(view, points=(*view.points, base), asked=None)
            case CheckpointCreated() as body if view.asked:
                return replace(view, points=(*view.points, _point(view.asked, event, body)), asked=None)
            case TaskRolledBack() as body:
                return replace(view, points=tuple(_abandon(p, event.version, body) for p in view.points), asked=None)
        return view


def _point(asked: CheckpointRequest, event: Recorded, body: CheckpointCreated) -> CheckpointRecord:
    return CheckpointRecord(
        number=body.number,
        phase=asked.phase,
        commit=body.commit,
        tree=body.tree,
        checked_tree=body.checked_tree,
        time=event.envelope.time,
        version=event.version,
        documents=body.documents,
        waived=asked.waived,
        rescued=body.rescued,
        set_aside=body.set_aside,
    )


def _abandon(point: CheckpointRecord, version: int, body: TaskRolledBack) -> CheckpointRecord:
    if point.abandoned or point.number <= body.checkpoint:
        return point
    rescued, set_aside = (*point.rescued, *body.rescued), (*point.set_aside, *body.set_aside)
    return replace(point, abandoned=version, rescued=rescued, set_aside=set_aside)
