"""Events of an agent's transcript: a stream of its own, never on the feed. Long text is a blob, named by its digest."""

from __future__ import annotations

from conductor.events.vocabulary import Body, Kind, event


@event("attempt.started", Kind.OBSERVATION)
class AttemptStarted(Body, frozen=True, kw_only=True):
    agent: str  # kind of agent: scripted, …
    effect: str
    role: str
    attempt: int
    briefing: str  # blob digest
    phase: str | None = None
    module: str | None = None
    hint: str = ""


@event("attempt.resumed", Kind.OBSERVATION)
class AttemptResumed(Body, frozen=True):
    """The last turn was cut off: the worktree goes back to the tree before it, its results so far are void."""

    turn: int
    tree: str


@event("turn.said", Kind.OBSERVATION)
class TurnSaid(Body, frozen=True):
    turn: int  # 1-based
    message: str  # blob digest of the message: text and calls
    tree: str  # of the worktree before this turn's calls


@event("tool.returned", Kind.OBSERVATION)
class ToolReturned(Body, frozen=True):
    turn: int
    call: str  # the call's id within the turn
    result: str  # blob digest
    error: bool = False


@event("attempt.ended", Kind.OBSERVATION)
class AttemptEnded(Body, frozen=True):
    verdict: str  # PASS | FAIL | NO_REPORT
    turns: int
    report: str = ""  # blob digest of the raw report
    reason: str = ""  # why NO_REPORT
