"""Work in the world, as three facts: requested -> started -> an outcome."""

from __future__ import annotations

from typing import Literal

from conductor.config.settings import Limits
from conductor.events.values import CheckSpec, Claim, Correction, Finding, Reference, SetAside, Target, Usage
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import NO_DIGEST, AgentVerdict, Branch, CheckStatus, Commit, Digest, EffectId, Tree

input_, observation, decision = Kind.INPUT, Kind.OBSERVATION, Kind.DECISION


class Request(Body, frozen=True):
    """Base of requests. `effect` identifies it within the task; outcomes repeat it."""

    effect: EffectId
    phase: str | None = None
    module: str | None = None

    @property
    def target(self) -> Target:
        return Target(self.phase, self.module)


class Outcome(Body, frozen=True):
    """Base of outcomes. `claim` is the version of the `effect.started` that this is the outcome of: the fence."""

    effect: EffectId
    claim: int


class WorktreeOutcome(Outcome, frozen=True, kw_only=True):
    """Base of the outcomes of what goes on in worktrees. `set_aside`: what had to leave them meanwhile."""

    set_aside: tuple[SetAside, ...] = ()


@event("effect.started", observation)
class EffectStarted(Body, frozen=True):
    """A process takes the effect: its claim. Outcomes count only under the claim that holds."""

    effect: EffectId
    claim: Claim
    takes_over: int = 0  # version of the claim of a dead process that this one replaces


@event("effect.released", observation)
class EffectReleased(Outcome, frozen=True):
    """The claim is given back unperformed (a pause); the request is open again."""

    reason: str = ""


@event("effect.deferred", observation)
class EffectDeferred(Outcome, frozen=True, kw_only=True):
    """It cannot go on before `until` (RFC 3339 UTC), and goes on by itself then. Nothing failed; no try is used up."""

    until: str
    kind: str  # rate_limit | overloaded
    reason: str = ""


@event("budget.exhausted", observation)
class BudgetExhausted(Outcome, frozen=True, kw_only=True):
    """An agent's allowance ran out between two of its turns. Its work stays as it is until a person has decided."""

    what: tuple[str, ...]  # tokens | money | turns | minutes
    turns: int = 0
    usage: Usage = Usage()


@event("effect.failed", observation)
class EffectFailed(Outcome, frozen=True):
    """The effect broke (not: a check failed)."""

    error: str = ""
    final: bool = False  # trying the same again cannot help: a person has to act first


@event("workspace.requested", decision)
class WorkspaceRequested(Request, frozen=True, kw_only=True):
    """A branch and its worktree are to be made at the commit `base`: the task's own, or a module's."""

    branch: Branch
    base: Commit


@event("workspace.prepared", observation)
class WorkspacePrepared(WorktreeOutcome, frozen=True, kw_only=True):
    """The worktree stands, on its branch, at `commit`."""

    path: str
    branch: Branch
    commit: Commit
    tree: Tree


@event("agent.requested", decision)
class AgentRequested(Request, frozen=True, kw_only=True):
    """An agent of this role is to work on the target."""

    role: str
    attempt: int  # 1-based, per role and target, over all rounds
    because: tuple[str, ...] = ()  # check keys that failed, or plain reasons
    hint: str = ""
    allowance: Limits = Limits()  # set aside for it


@event("agent.reported", observation)
class AgentReported(WorktreeOutcome, frozen=True, kw_only=True):
    """An agent's end. What it *says*; the commit holds what it did."""

    role: str
    verdict: AgentVerdict
    commit: Commit
    tree: Tree
    summary: str = ""
    report: Digest = NO_DIGEST  # blob digest of the raw report
    transcript: str = ""  # hash of the transcript's head
    turns: int = 0
    files: tuple[str, ...] = ()  # changed by this agent, as git saw it
    files_created: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()  # code-reviewer: what must be mended
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have
    model: str = ""  # that spoke last; "": none was asked
    usage: Usage = Usage()  # of all its tries, those that failed included
    money: float | None = 0.0  # what that cost; None: the model's prices are not known


@event("collect.requested", decision)
class CollectRequested(Request, frozen=True, kw_only=True):
    """Assisted driving: commit what the client's agent left in the worktree."""

    role: str


@event("collect.completed", observation)
class CollectCompleted(WorktreeOutcome, frozen=True, kw_only=True):
    """What the client's agent left is committed."""

    commit: Commit
    tree: Tree
    files: tuple[str, ...] = ()
    files_created: tuple[str, ...] = ()
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have


@event("checks.requested", decision)
class ChecksRequested(Request, frozen=True, kw_only=True):
    """`commit` is to be checked; each check is an observation of its own."""

    commit: Commit
    since: Commit  # the commit before the phase: what came after it is the phase's
    checks: tuple[CheckSpec, ...]
    again: bool = False  # these were unfinished; what was observed of the others stands


@event("check.observed", observation)
class CheckObserved(WorktreeOutcome, frozen=True, kw_only=True):
    """One check, run by Conductor itself on `commit`.

    `status`: passed | failed | not_applicable | unavailable (a tool is missing) | unfinished (something else than the
    work ended it, or kept it from starting).
    """

    key: str
    kind: str
    status: CheckStatus
    summary: str  # one line
    commit: Commit
    tree: Tree
    command: str = ""
    exit_code: int | None = None  # of a signal negative; None: it ran no command, or into the time limit
    duration_ms: int = 0
    output: Digest = NO_DIGEST  # blob digest
    proves: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()  # what the check wrote into the tree, thrown away


@event("evidence.requested", decision)
class EvidenceRequested(Request, frozen=True, kw_only=True):
    """An agent's evidence against the specification is looked at before anything is ruled."""

    reference: Reference


@event("evidence.observed", observation)
class EvidenceObserved(Outcome, frozen=True, kw_only=True):
    """What Conductor saw where the agent pointed. `unseen`: it could not be looked at; the summary says why."""

    status: Literal["holds", "refuted", "unseen"]
    summary: str  # one line
    exit_code: int | None = None
    output: Digest = NO_DIGEST  # blob digest


@event("merge.requested", decision)
class MergeRequested(Request, frozen=True, kw_only=True):
    """A module's commit is to be merged into the task branch."""

    theirs: Commit
    resolution: Commit | None = None  # a merge commit that resolves the conflict


@event("merge.completed", observation)
class MergeCompleted(WorktreeOutcome, frozen=True, kw_only=True):
    """It is merged; the task branch stands at `commit`."""

    commit: Commit
    tree: Tree
    how: str  # fast-forward | clean | resolved
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have
    interfaces: Digest = Digest(
        ""
    )  # blob digest: of the files that the merge changed; "": it changed none that has any


@event("merge.conflicted", observation)
class MergeConflicted(Outcome, frozen=True, kw_only=True):
    """It cannot be merged as it is; nothing was changed."""

    files: tuple[str, ...]


@event("integration.requested", decision)
class IntegrationRequested(Request, frozen=True, kw_only=True):
    """A worktree in which the conflicted merge is in progress, for synthesis-architect to resolve."""

    branch: Branch
    ours: Commit
    theirs: Commit


@event("integration.prepared", observation)
class IntegrationPrepared(WorktreeOutcome, frozen=True, kw_only=True):
    """The worktree with the conflicted merge stands."""

    path: str
    branch: Branch
    files: tuple[str, ...]  # in conflict


@event("documents.requested", decision)
class DocumentsRequested(Request, frozen=True, kw_only=True):
    """The generated documents are to be written into the task's worktree, of a phase or of the whole."""


@event("documents.written", observation)
class DocumentsWritten(Outcome, frozen=True, kw_only=True):
    """They are written. `written`: path -> digest of the text."""

    written: dict[str, str]  # path -> digest of the generated text
    edited: tuple[str, ...] = ()  # edited by hand: left alone, the generated text went beside them


@event("checkpoint.requested", decision)
class CheckpointRequested(Request, frozen=True, kw_only=True):
    """The task branch is to be kept as a known state, which holds the checked tree and the documents."""

    number: int
    checked_tree: Tree
    waived: bool = False


@event("checkpoint.created", observation)
class CheckpointCreated(WorktreeOutcome, frozen=True, kw_only=True):
    """A known state to return to: a commit under a ref of its own."""

    number: int
    commit: Commit
    tree: Tree
    checked_tree: Tree
    documents: tuple[str, ...] = ()  # the only paths in which the two trees may differ
    removed: tuple[str, ...] = ()  # worktrees that were cleaned up
    rescued: tuple[str, ...] = ()  # refs that keep what was not merged
    interfaces: Digest = NO_DIGEST  # blob digest: of the files changed since the checkpoint before it; "": of none


@event("rollback.requested", decision)
class RollbackRequested(Request, frozen=True, kw_only=True):
    """With a phase: its failed work goes, back to the last good checkpoint. Without: a person asked."""

    checkpoint: int
    commit: Commit
    reason: str = ""


@event("phase.rolled_back", observation)
class PhaseRolledBack(WorktreeOutcome, frozen=True, kw_only=True):
    """The phase's failed work is gone from the tree, and kept under a rescue ref."""

    phase: str
    checkpoint: int
    commit: Commit
    tree: Tree
    rescue: str = ""  # ref that keeps the task branch's own failed work, where there was any
    rescued: tuple[str, ...] = ()  # refs that keep the modules' work


@event("task.rolled_back", observation)
class TaskRolledBack(WorktreeOutcome, frozen=True, kw_only=True):
    """Tree and state are back at a checkpoint; later phases begin anew."""

    checkpoint: int
    commit: Commit
    tree: Tree
    rescued: tuple[str, ...] = ()


@event("restore.requested", decision)
class RestoreRequested(Request, frozen=True, kw_only=True):
    """Work that a person accepted although it failed is to be brought back from its rescue ref."""

    rescue: str


@event("restore.completed", observation)
class RestoreCompleted(WorktreeOutcome, frozen=True, kw_only=True):
    """It is back on the task branch."""

    commit: Commit
    tree: Tree
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have


@event("workspace.cleared", observation)
class WorkspaceCleared(Body, frozen=True):
    """The task has ended and its worktrees were removed; what they alone held is kept under `rescued`."""

    removed: tuple[str, ...]  # folders
    rescued: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()  # what the branches do not ignore, though the worktrees did


@event("delivery.requested", decision)
class DeliveryRequested(Request, frozen=True, kw_only=True):
    """The finished task branch is to be merged into the user's branch."""

    commit: Commit
    into: str


@event("delivery.completed", observation)
class DeliveryCompleted(Outcome, frozen=True, kw_only=True):
    """It is merged."""

    commit: Commit
    into: str


@event("delivery.refused", observation)
class DeliveryRefused(Outcome, frozen=True, kw_only=True):
    """It could not be merged; the user's branch is untouched."""

    reason: str
