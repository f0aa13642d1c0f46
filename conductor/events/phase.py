"""Decisions that move a phase through its lifecycle."""

from __future__ import annotations

from conductor.events.values import Proof
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import Commit, Digest

input_, observation, decision = Kind.INPUT, Kind.OBSERVATION, Kind.DECISION


@event("phase.started", decision)
class PhaseStarted(Body, frozen=True):
    """Work on it begins: its agents may be requested."""

    phase: str


@event("phase.wave_started", decision)
class PhaseWaveStarted(Body, frozen=True):
    """The modules of the next wave, which build on those already merged, may be started."""

    phase: str
    wave: int  # 0-based


@event("phase.merge_started", decision)
class PhaseMergeStarted(Body, frozen=True):
    """All modules of a wave have passed their checks, each in its own worktree."""

    phase: str
    wave: int


@event("phase.validation_started", decision)
class PhaseValidationStarted(Body, frozen=True):
    """The phase's merged tree is to be checked."""

    phase: str
    commit: Commit


@event("phase.fix_started", decision)
class PhaseFixStarted(Body, frozen=True):
    """The merged tree failed its checks; fix-executor is requested for the `attempt`th time."""

    phase: str
    attempt: int


@event("phase.result_saved", decision)
class PhaseResultSaved(Body, frozen=True):
    """The merged tree passed, or a person accepted it: the phase's results."""

    phase: str
    files_created: tuple[str, ...]
    tests_passing: bool
    validation_output: tuple[Digest, ...]  # blob digests of the checks' output
    gotchas_encountered: tuple[str, ...]
    duration_minutes: float
    proofs: tuple[Proof, ...]


@event("phase.completed", decision)
class PhaseCompleted(Body, frozen=True):
    """The phase is proven, documented and has its checkpoint."""

    phase: str
    checkpoint: int


@event("phase.waived", decision)
class PhaseWaived(Body, frozen=True):
    """A person accepted the phase although it failed; it has its checkpoint."""

    phase: str
    checkpoint: int
    reason: str


@event("phase.failed", decision)
class PhaseFailed(Body, frozen=True):
    """The phase's tries are used up; it is rolled back."""

    phase: str
    reason: str  # one reason a line; continuation lines are indented
    module: str | None = None


@event("phase.retried", decision)
class PhaseRetried(Body, frozen=True):
    """A person wants the phase built again, with a hint."""

    phase: str
    hint: str = ""


@event("phase.accepted", decision)
class PhaseAccepted(Body, frozen=True):
    """A person accepts the failing work: it is restored from its rescue ref and counts as waived."""

    phase: str
    rescue: str


@event("phase.reopened", decision)
class PhaseReopened(Body, frozen=True):
    """Its section of the specification changed after it was finished: it is built again, on the current tree."""

    phase: str


@event("phase.skipped", decision)
class PhaseSkipped(Body, frozen=True):
    """The phase is not built: the specification says it is already done, or a person left it out."""

    phase: str
    reason: str
