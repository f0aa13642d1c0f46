"""Work on branches and worktrees: prepared, merged, checkpointed, rolled back, delivered; documents written there."""

from __future__ import annotations

from conductor.events.effects import Outcome, Request, WorktreeOutcome
from conductor.events.values import SetAside
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import NO_DIGEST, Branch, Commit, Digest, Tree

observation, decision = Kind.OBSERVATION, Kind.DECISION


@event("workspace.requested", decision)
class WorkspaceRequested(Request, frozen=True, kw_only=True):
    """A branch and its worktree, the task's own or a module's, are to be created at the commit `base`."""

    branch: Branch
    base: Commit


@event("workspace.prepared", observation)
class WorkspacePrepared(WorktreeOutcome, frozen=True, kw_only=True):
    """The worktree is ready, on its branch, at `commit`."""

    path: str
    branch: Branch
    commit: Commit
    tree: Tree


@event("merge.requested", decision)
class MergeRequested(Request, frozen=True, kw_only=True):
    """A module's commit is to be merged into the task branch."""

    theirs: Commit
    resolution: Commit | None = None  # a merge commit that resolves the conflict


@event("merge.completed", observation)
class MergeCompleted(WorktreeOutcome, frozen=True, kw_only=True):
    """The module is merged; the task branch is at `commit`."""

    commit: Commit
    tree: Tree
    how: str  # fast-forward | clean | resolved
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have
    interfaces: Digest = NO_DIGEST  # blob digest: of the files that the merge changed; "": none of them has any


@event("merge.conflicted", observation)
class MergeConflicted(Outcome, frozen=True, kw_only=True):
    """The module cannot be merged as it is; nothing was changed."""

    files: tuple[str, ...]


@event("integration.requested", decision)
class IntegrationRequested(Request, frozen=True, kw_only=True):
    """A worktree with the conflicted merge in progress is to be prepared for synthesis-architect."""

    branch: Branch
    ours: Commit
    theirs: Commit


@event("integration.prepared", observation)
class IntegrationPrepared(WorktreeOutcome, frozen=True, kw_only=True):
    """The worktree with the conflicted merge is ready."""

    path: str
    branch: Branch
    files: tuple[str, ...]  # in conflict


@event("documents.requested", decision)
class DocumentsRequested(Request, frozen=True, kw_only=True):
    """The generated documents, of a phase or of the whole, are to be written into the task's worktree."""


@event("documents.written", observation)
class DocumentsWritten(Outcome, frozen=True, kw_only=True):
    """The documents have been written."""

    written: dict[str, str]  # path -> digest of the generated text
    edited: tuple[str, ...] = ()  # edited by hand: left alone, with the generated text beside them


@event("checkpoint.requested", decision)
class CheckpointRequested(Request, frozen=True, kw_only=True):
    """The checked tree and the documents are to be kept as a known state of the task branch."""

    number: int
    checked_tree: Tree
    waived: bool = False


@event("checkpoint.created", observation)
class CheckpointCreated(WorktreeOutcome, frozen=True, kw_only=True):
    """A known state to return to: a commit with its own ref."""

    number: int
    commit: Commit
    tree: Tree
    checked_tree: Tree
    documents: tuple[str, ...] = ()  # the only paths in which the two trees may differ
    removed: tuple[str, ...] = ()  # worktrees that were cleaned up
    rescued: tuple[str, ...] = ()  # refs that keep what was not merged
    interfaces: Digest = NO_DIGEST  # blob digest: of the files changed since the previous checkpoint; "": none


@event("rollback.requested", decision)
class RollbackRequested(Request, frozen=True, kw_only=True):
    """With a phase: its failed work is rolled back to the last checkpoint. Without: a person asked for a rollback."""

    checkpoint: int
    commit: Commit
    reason: str = ""


@event("phase.rolled_back", observation)
class PhaseRolledBack(WorktreeOutcome, frozen=True, kw_only=True):
    """The phase's failed work is no longer in the tree, and is kept under a rescue ref."""

    phase: str
    checkpoint: int
    commit: Commit
    tree: Tree
    rescue: str = ""  # ref that keeps the task branch's own failed work, if there was any
    rescued: tuple[str, ...] = ()  # refs that keep the modules' work


@event("task.rolled_back", observation)
class TaskRolledBack(WorktreeOutcome, frozen=True, kw_only=True):
    """Tree and state are back at a checkpoint; later phases start again."""

    checkpoint: int
    commit: Commit
    tree: Tree
    rescued: tuple[str, ...] = ()


@event("restore.requested", decision)
class RestoreRequested(Request, frozen=True, kw_only=True):
    """Work that a person accepted although it failed is to be restored from its rescue ref."""

    rescue: str


@event("restore.completed", observation)
class RestoreCompleted(WorktreeOutcome, frozen=True, kw_only=True):
    """The accepted work is back on the task branch."""

    commit: Commit
    tree: Tree
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have


@event("workspace.cleared", observation)
class WorkspaceCleared(Body, frozen=True):
    """The task has ended and its worktrees were removed; what only they held is kept under `rescued`."""

    removed: tuple[str, ...]  # folders
    rescued: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()  # what the worktrees ignored but the branches do not


@event("delivery.requested", decision)
class DeliveryRequested(Request, frozen=True, kw_only=True):
    """The finished task branch is to be merged into the user's branch."""

    commit: Commit
    into: str


@event("delivery.completed", observation)
class DeliveryCompleted(Outcome, frozen=True, kw_only=True):
    """The task branch is merged into the user's branch."""

    commit: Commit
    into: str


@event("delivery.refused", observation)
class DeliveryRefused(Outcome, frozen=True, kw_only=True):
    """The task branch could not be merged; the user's branch is untouched."""

    reason: str
