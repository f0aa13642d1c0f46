"""Events of an agent's transcript: a separate stream, never on the feed. Long text is a blob, named by its digest.

`odd` describes figures reported by an agent that made no sense and were ignored.
"""

from __future__ import annotations

from collections.abc import Mapping

from conductor.events.values import Usage
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import NO_DIGEST, NO_TREE, AgentVerdict, Digest, EffectId, Tree


@event("attempt.started", Kind.OBSERVATION)
class AttemptStarted(Body, frozen=True, kw_only=True):
    """An agent's attempt starts with this briefing."""

    agent: str  # the kind of agent: scripted, …
    effect: EffectId
    role: str
    attempt: int
    briefing: Digest  # blob digest
    phase: str | None = None
    module: str | None = None
    hint: str = ""


@event("attempt.resumed", Kind.OBSERVATION)
class AttemptResumed(Body, frozen=True):
    """The last turn was cut off. Without `call`, its results are void and the worktree goes back to the tree before it.

    With `call`, earlier results are kept and only that call's is unknown. A call that affects only the worktree is
    undone (`tree` is the one before it) and repeated; any other (`tree` is "") is reported to the agent as interrupted.
    """

    turn: int
    tree: Tree
    call: str = ""


@event("try.started", Kind.OBSERVATION)
class TryStarted(Body, frozen=True):
    """A model is about to be asked for the next turn. The result follows, unless the process died in between."""

    turn: int
    number: int  # of the tries for this turn, from 1
    model: str


@event("try.failed", Kind.OBSERVATION)
class TryFailed(Body, frozen=True):
    """The model was asked and did not return a complete message."""

    turn: int
    number: int
    kind: str  # rate_limit | overloaded | server | timeout | connection | stream | …
    error: str  # one line
    wait: float = 0.0  # seconds until the next try
    usage: Usage = Usage()  # as far as it was reported
    odd: tuple[str, ...] = ()


@event("program.started", Kind.OBSERVATION)
class ProgramStarted(Body, frozen=True):
    """A program that is itself an agent is about to be started: it makes its own calls and reports them."""

    tree: Tree  # of the worktree at the attempt's start
    session: str = ""  # the program's own id of the conversation; "": none
    why: str = ""  # begin | go_on | report


@event("program.ended", Kind.OBSERVATION)
class ProgramEnded(Body, frozen=True):
    """The program ended. What it says about itself is unverified."""

    result: str  # as the program says it, or its exit code
    error: str = ""  # what it says went wrong; "": nothing
    usage: Usage = Usage()  # beyond what its turns reported
    cost: float = 0.0  # in US dollars, as the program says
    denied: tuple[str, ...] = ()  # tools that it asked for and was denied
    odd: tuple[str, ...] = ()


@event("result.diverged", Kind.OBSERVATION)
class ResultDiverged(Body, frozen=True):
    """In a replayed attempt, a call returned a different result than before. The new result follows."""

    turn: int
    call: str
    result: Digest  # blob digest of the earlier result
    error: bool = False  # of the earlier result


@event("turn.said", Kind.OBSERVATION)
class TurnSaid(Body, frozen=True):
    """One complete message of the model."""

    turn: int  # 1-based
    message: Digest  # blob digest of the message: text and calls
    tree: Tree  # of the worktree before this turn's calls; "": a program reports calls as it makes them
    model: str = ""  # "": none was asked
    usage: Usage = Usage()
    odd: tuple[str, ...] = ()


@event("tool.started", Kind.OBSERVATION)
class ToolStarted(Body, frozen=True):
    """A call with side effects is about to be made. Not recorded for agents whose turns are replayed whole."""

    turn: int
    call: str
    tree: Tree = NO_TREE  # of the worktree before it, if restoring that undoes the call


@event("tool.returned", Kind.OBSERVATION)
class ToolReturned(Body, frozen=True):
    """The result of a call."""

    turn: int
    call: str  # the call's id within the turn
    result: Digest  # blob digest
    error: bool = False


@event("context.compacted", Kind.OBSERVATION)
class ContextCompacted(Body, frozen=True):
    """From here on the model is shown less. The transcript keeps everything.

    Without a summary, the results of the turns up to `upto` and all thinking up to `turn` are left out. With one, it
    replaces the turns up to `turn`.
    """

    turn: int  # the latest one
    upto: int
    tokens: int  # size of the context, as far as known
    summary: Digest = NO_DIGEST  # blob digest
    model: str = ""
    usage: Usage = Usage()
    odd: tuple[str, ...] = ()


@event("agent.told", Kind.OBSERVATION)
class AgentTold(Body, frozen=True):
    """Between two turns an agent was sent a notice: new rulings, a low allowance, or a recreated working directory."""

    turn: int  # the turn before it; 0: before the first
    text: Digest  # blob digest
    upto: int = 0  # the task's version up to which rulings were sent; 0: it was not about rulings
    near: Mapping[str, float] = {}  # limits that are nearly used up


@event("attempt.ended", Kind.OBSERVATION)
class AttemptEnded(Body, frozen=True):
    """The attempt is over, with or without a report."""

    verdict: AgentVerdict
    turns: int
    report: Digest = NO_DIGEST  # blob digest of the raw report
    reason: str = ""  # why NO_REPORT
