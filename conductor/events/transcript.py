"""Events of an agent's transcript: a stream of its own, never on the feed. Long text is a blob, named by its digest.

`odd` are figures that an agent told and that made no sense, in words: they count for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from conductor.events.values import Usage
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import NO_DIGEST, NO_TREE, AgentVerdict, Digest, EffectId, Tree


@event("attempt.started", Kind.OBSERVATION)
class AttemptStarted(Body, frozen=True, kw_only=True):
    """An agent's attempt begins with this briefing."""

    agent: str  # kind of agent: scripted, …
    effect: EffectId
    role: str
    attempt: int
    briefing: Digest  # blob digest
    phase: str | None = None
    module: str | None = None
    hint: str = ""


@event("attempt.resumed", Kind.OBSERVATION)
class AttemptResumed(Body, frozen=True):
    """The last turn was cut off. Without a call: the worktree goes back to the tree before it, its results are void.

    With one: the results before it stand, and only its own is unknown. A call that the worktree alone shows is undone
    (`tree` is the one before it) and done again; any other (`tree` is "") is told to the agent as interrupted.
    """

    turn: int
    tree: Tree
    call: str = ""


@event("try.started", Kind.OBSERVATION)
class TryStarted(Body, frozen=True):
    """A model is about to be asked for the next turn. What came of it follows; nothing does if we died meanwhile."""

    turn: int
    number: int  # of the tries for this turn, from 1
    model: str


@event("try.failed", Kind.OBSERVATION)
class TryFailed(Body, frozen=True):
    """The model was asked and gave no whole message."""

    turn: int
    number: int
    kind: str  # rate_limit | overloaded | server | timeout | connection | stream | …
    error: str  # one line
    wait: float = 0.0  # seconds until the next try
    usage: Usage = Usage()  # as far as it was told
    odd: tuple[str, ...] = ()


@event("program.started", Kind.OBSERVATION)
class ProgramStarted(Body, frozen=True):
    """A program that is an agent by itself is about to be started: it does its calls on its own, and tells of them."""

    tree: Tree  # of the worktree at the attempt's start
    session: str = ""  # the program's own name for the conversation; "": it has none
    why: str = ""  # begin | go_on | report


@event("program.ended", Kind.OBSERVATION)
class ProgramEnded(Body, frozen=True):
    """It ended. What it says of itself is its word alone."""

    result: str  # as the program says it, or its exit code
    error: str = ""  # what it says is wrong; "": nothing
    usage: Usage = Usage()  # that its turns did not tell
    cost: float = 0.0  # in US dollars, as the program says
    denied: tuple[str, ...] = ()  # tools that it asked for and was not given
    odd: tuple[str, ...] = ()


@event("result.diverged", Kind.OBSERVATION)
class ResultDiverged(Body, frozen=True):
    """In an attempt that is played again: a call is answered otherwise than it was. What it answers now follows."""

    turn: int
    call: str
    result: Digest  # blob digest of what it answered then
    error: bool = False  # then


@event("turn.said", Kind.OBSERVATION)
class TurnSaid(Body, frozen=True):
    """One whole message of the model."""

    turn: int  # 1-based
    message: Digest  # blob digest of the message: text and calls
    tree: Tree  # of the worktree before this turn's calls; "": a program tells of them while it does them
    model: str = ""  # "": none was asked
    usage: Usage = Usage()
    odd: tuple[str, ...] = ()


@event("tool.started", Kind.OBSERVATION)
class ToolStarted(Body, frozen=True):
    """A call that changes things is about to be done. Agents whose turns are played again whole do without."""

    turn: int
    call: str
    tree: Tree = NO_TREE  # of the worktree before it, where going back to it undoes the call


@event("tool.returned", Kind.OBSERVATION)
class ToolReturned(Body, frozen=True):
    """What came of a call."""

    turn: int
    call: str  # the call's id within the turn
    result: Digest  # blob digest
    error: bool = False


@event("context.compacted", Kind.OBSERVATION)
class ContextCompacted(Body, frozen=True):
    """From here on the model is shown less. The whole stays in the transcript.

    Without a summary: the results of the turns up to `upto` are left out, and all thinking up to `turn`. With one: the
    turns up to `turn` are left out whole, and the summary stands for them.
    """

    turn: int  # the last one said
    upto: int
    tokens: int  # that the context had, as far as known
    summary: Digest = NO_DIGEST  # blob digest
    model: str = ""
    usage: Usage = Usage()
    odd: tuple[str, ...] = ()


@event("agent.told", Kind.OBSERVATION)
class AgentTold(Body, frozen=True):
    """Between two turns an agent was told what was ruled while it was at work, or that its allowance nears its end."""

    turn: int  # after which; 0: before the first
    text: Digest  # blob digest
    upto: int = 0  # the version of the task up to which it was told what was ruled; 0: it was about its allowance
    near: Mapping[str, float] = {}  # the limits that are nearly used up


@event("attempt.ended", Kind.OBSERVATION)
class AttemptEnded(Body, frozen=True):
    """The attempt is over: with a report, or without one."""

    verdict: AgentVerdict
    turns: int
    report: Digest = NO_DIGEST  # blob digest of the raw report
    reason: str = ""  # why NO_REPORT
