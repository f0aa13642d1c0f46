"""Decisions that move a phase through its lifecycle."""

from __future__ import annotations

from conductor.events.values import Proof
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import Commit, Digest

input_, observation, decision = Kind.INPUT, Kind.OBSERVATION, Kind.DECISION


@event("phase.started", decision)
class PhaseStarted(Body, frozen=True):
    """Its agents may be asked for."""

    phase: str


@event("phase.wave_started", decision)
class PhaseWaveStarted(Body, frozen=True):
    """The modules of the next wave, which build on those merged before, may be begun."""

    phase: str
    wave: int  # 0-based


@event("phase.merge_started", decision)
class PhaseMergeStarted(Body, frozen=True):
    """All modules of a wave are proven, each in its own worktree."""

    phase: str
    wave: int


@event("phase.validation_started", decision)
class PhaseValidationStarted(Body, frozen=True):
    """The phase's merged tree is to be checked."""

    phase: str
    commit: Commit


@event("phase.fix_started", decision)
class PhaseFixStarted(Body, frozen=True):
    """The merged tree failed; fix-executor is asked for the `attempt`th time."""

    phase: str
    attempt: int


@event("phase.result_saved", decision)
class PhaseResultSaved(Body, frozen=True):
    """The merged tree is proven, or was accepted: what the phase brought."""

    phase: str
    files_created: tuple[str, ...]
    tests_passing: bool
    validation_output: tuple[Digest, ...]  # blob digests of the checks' output
    gotchas_encountered: tuple[str, ...]
    duration_minutes: float
    proofs: tuple[Proof, ...]


@event("phase.completed", decision)
class PhaseCompleted(Body, frozen=True):
    """It is proven, documented and kept by a checkpoint."""

    phase: str
    checkpoint: int


@event("phase.waived", decision)
class PhaseWaived(Body, frozen=True):
    """A person accepted it although it failed; it is kept by a checkpoint."""

    phase: str
    checkpoint: int
    reason: str


@event("phase.failed", decision)
class PhaseFailed(Body, frozen=True):
    """Its tries are used up; it is rolled back."""

    phase: str
    reason: str  # a line each; what one has of further lines is indented
    module: str | None = None


@event("phase.retried", decision)
class PhaseRetried(Body, frozen=True):
    """A person wants it built anew, with a hint."""

    phase: str
    hint: str = ""


@event("phase.accepted", decision)
class PhaseAccepted(Body, frozen=True):
    """A person accepts the failing work: it is restored from its rescue ref and goes on as waived."""

    phase: str
    rescue: str


@event("phase.reopened", decision)
class PhaseReopened(Body, frozen=True):
    """Its section of the specification changed after it was done: it is done again, on the tree as it is now."""

    phase: str


@event("phase.skipped", decision)
class PhaseSkipped(Body, frozen=True):
    """It is not built: done already, according to the specification, or left out by a person."""

    phase: str
    reason: str
