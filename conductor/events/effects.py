"""Work in the world, as three facts: requested -> started -> outcome."""

from __future__ import annotations

from typing import Literal

from conductor.config.settings import Limits
from conductor.events.values import CheckSpec, Claim, Correction, Finding, Reference, SetAside, Target, Usage
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import NO_DIGEST, NO_EFFECT, AgentVerdict, CheckStatus, Commit, Digest, EffectId, Tree

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
    """Base of outcomes. `claim` is the fencing token: the version of the `effect.started` under which work was done.

    Handlers leave both fields out; the dispatcher fills them in.
    """

    effect: EffectId = NO_EFFECT
    claim: int = 0


class WorktreeOutcome(Outcome, frozen=True, kw_only=True):
    """Base of the outcomes of work in worktrees. `set_aside`: what had to be moved out of them."""

    set_aside: tuple[SetAside, ...] = ()


@event("effect.started", observation)
class EffectStarted(Body, frozen=True):
    """A process claims the effect. Outcomes count only under the current claim."""

    effect: EffectId
    claim: Claim
    takes_over: int = 0  # version of the dead process's claim that this one replaces


@event("effect.released", observation)
class EffectReleased(Outcome, frozen=True):
    """The claim is given up without an outcome (for example at a pause); the request is open again."""

    reason: str = ""


@event("effect.deferred", observation)
class EffectDeferred(Outcome, frozen=True, kw_only=True):
    """It cannot continue before `until` (RFC 3339 UTC), then continues by itself. Not counted as a failed try."""

    until: str
    kind: str  # rate_limit | overloaded
    reason: str = ""


@event("budget.exhausted", observation)
class BudgetExhausted(Outcome, frozen=True, kw_only=True):
    """An agent's allowance ran out between two turns. Its work stays as it is until a person decides."""

    what: tuple[str, ...]  # tokens | money | turns | minutes
    turns: int = 0
    usage: Usage = Usage()


@event("effect.failed", observation)
class EffectFailed(Outcome, frozen=True):
    """The effect itself failed, as opposed to a check that reports failing work."""

    error: str = ""
    final: bool = False  # retrying cannot help: a person has to act first


@event("agent.requested", decision)
class AgentRequested(Request, frozen=True, kw_only=True):
    """An agent in this role is to work on the target."""

    role: str
    attempt: int  # 1-based, per role and target, over all rounds
    because: tuple[str, ...] = ()  # check keys that failed, or plain reasons
    hint: str = ""
    allowance: Limits = Limits()  # reserved for it


@event("agent.reported", observation)
class AgentReported(WorktreeOutcome, frozen=True, kw_only=True):
    """An agent has finished. This is what it *says*; the commit holds what it did."""

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
    blocking: tuple[str, ...] = ()  # code-reviewer: what must be fixed
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have
    model: str = ""  # the last one that answered; "": none was asked
    usage: Usage = Usage()  # of all its tries, including failed ones
    money: float | None = 0.0  # what that cost in US dollars; None: the model's prices are unknown


@event("collect.requested", decision)
class CollectRequested(Request, frozen=True, kw_only=True):
    """Assisted driving: commit what the client's agent left in the worktree."""

    role: str


@event("collect.completed", observation)
class CollectCompleted(WorktreeOutcome, frozen=True, kw_only=True):
    """What the client's agent left has been committed."""

    commit: Commit
    tree: Tree
    files: tuple[str, ...] = ()
    files_created: tuple[str, ...] = ()
    rescued: tuple[str, ...] = ()  # refs that keep what the commit does not have


@event("checks.requested", decision)
class ChecksRequested(Request, frozen=True, kw_only=True):
    """`commit` is to be checked; each check gets its own observation."""

    commit: Commit
    since: Commit  # the commit before the phase: everything after it belongs to the phase
    checks: tuple[CheckSpec, ...]
    again: bool = False  # a rerun of the unfinished checks; the results of the others are kept


@event("check.observed", observation)
class CheckObserved(WorktreeOutcome, frozen=True, kw_only=True):
    """One check that Conductor itself ran on `commit`.

    `status`: passed | failed | not_applicable | unavailable (a tool is missing) | unfinished (something other than the
    work ended it or kept it from starting).
    """

    key: str
    kind: str
    status: CheckStatus
    summary: str  # one line
    commit: Commit
    tree: Tree
    command: str = ""
    exit_code: int | None = None  # negative for a signal; None: it ran no command or hit the time limit
    duration_ms: int = 0
    output: Digest = NO_DIGEST  # blob digest
    proves: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()  # paths that the check wrote into the tree; they were thrown away


@event("evidence.requested", decision)
class EvidenceRequested(Request, frozen=True, kw_only=True):
    """An agent's evidence against the specification is to be checked before a ruling."""

    reference: Reference


@event("evidence.observed", observation)
class EvidenceObserved(Outcome, frozen=True, kw_only=True):
    """What Conductor saw where the agent pointed. `unseen`: it could not be checked; the summary says why."""

    status: Literal["holds", "refuted", "unseen"]
    summary: str  # one line
    exit_code: int | None = None
    output: Digest = NO_DIGEST  # blob digest
