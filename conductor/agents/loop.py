"""The one loop of all agents: journal what the model says, do it, journal the result, until it reports."""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.protocols import Model, Tools
from conductor.agents.contract.turns import Returned, Said, Stop, ToolCall, Turn
from conductor.agents.meter import Meter
from conductor.agents.notices import tell
from conductor.agents.prices import price_of
from conductor.agents.tools.toolbox import REPORT
from conductor.agents.transcript import Transcript
from conductor.ids import NO_TREE, Tree
from conductor.process.threads import in_thread
from conductor.redact import MARK

LOOKS = frozenset({"view", REPORT})  # change nothing: may be repeated
WRITES = frozenset({"create", "replace", "insert"})  # change only the worktree: undone by restoring a tree

INTERRUPTED = (
    "[interrupted: Conductor was stopped while this ran, and what it printed is lost. It may have done all of its "
    "work, a part of it, or nothing; it runs no more. Look at what is there before you run it again.]"
)
SKIPPED = (
    "[not done: Conductor was stopped in the call before this one, which it may rest on. Make the call again if it is "
    "still right.]"
)
WITHHELD = (
    "[not done: Conductor was stopped before this call, and what looked like a secret in its arguments was not kept. "
    "Make the call again.]"
)


async def play(
    agent: str,
    model: Model,
    assignment: Assignment,
    tools: Tools,
    transcript: Transcript,
    *,
    timeout: float,
) -> Ended:
    """Perform an attempt, or resume it where its transcript ends; an attempt that has ended is not repeated.

    `agent` names the kind of agent, `timeout` (seconds) limits the whole; the assignment's allowance limits the rest.
    Raises AgentBroke, Waiting, Exhausted, StoreError, and what the tools' `snapshot` and `restore` raise; the
    attempt can then be resumed.
    """
    await transcript.load()
    if transcript.ended is not None:
        return transcript.ended
    if not transcript.started:
        await transcript.start(assignment, agent)
    try:
        async with asyncio.timeout(timeout) as limit:
            meter = Meter(assignment.allowance, partial(price_of, own=assignment.prices), assignment.worked)
            ended = await _turns(model, assignment, tools, transcript, meter)
    except TimeoutError:
        if not limit.expired():
            raise
        ended = Ended.silent(f"time limit: {timeout:g} s", len(transcript.turns))
    ended = msgspec.structs.replace(ended, model=transcript.model, usage=transcript.usage)
    await transcript.end(ended)
    return ended


async def _turns(model: Model, assignment: Assignment, tools: Tools, transcript: Transcript, meter: Meter) -> Ended:
    turns, tree = transcript.turns, NO_TREE
    if turns and not turns[-1].complete:
        await _resume(model, tools, transcript)
    while True:
        if turns and (report := _accepted(turns[-1])) is not None:
            return Ended.reported(report, len(turns))
        meter.refuse_if_over(len(turns), transcript.usage, transcript.model)
        await tell(assignment, transcript, meter)
        said, tree = await _ask(model, tools, turns, tree)
        if isinstance(said, Stop):
            return Ended.silent(_refused(turns) or said.reason, len(turns))
        await transcript.say(said, tree)
        await _perform(model, tools, transcript)
        if any(call.tool not in LOOKS for call in said.message.calls):
            tree = NO_TREE


async def _ask(model: Model, tools: Tools, turns: list[Turn], tree: Tree) -> tuple[Said | Stop, Tree]:
    """What comes next, and the tree before it: `tree`, or if that is "", a snapshot taken while the model thinks.

    Nothing changes the worktree meanwhile.
    """
    if tree:
        return await model.next(turns), tree
    looking = asyncio.create_task(in_thread(tools.snapshot))
    try:
        said = await model.next(turns)
    except BaseException:
        await asyncio.gather(looking, return_exceptions=True)  # leave nothing running in the worktree
        raise
    return said, await looking


async def _resume(model: Model, tools: Tools, transcript: Transcript) -> None:
    """Resume a turn that was cut off. Only for the call in progress is it unknown whether it was done."""
    turn, begun = transcript.turns[-1], transcript.begun
    if model.replays:
        await transcript.resume()
        await in_thread(lambda: tools.restore(turn.tree))
    elif begun is not None:
        if begun.tree:
            await in_thread(lambda: tools.restore(begun.tree))
        await transcript.resume(begun)
        if not begun.tree:
            await transcript.hear(Returned(begun.call, INTERRUPTED, True))
    await _perform(model, tools, transcript, resumed=not model.replays)


async def _perform(model: Model, tools: Tools, transcript: Transcript, *, resumed: bool = False) -> None:
    """Make the calls of the last turn that have no result yet, one after the other: they share a worktree.

    `resumed`: the calls come from the record, so they are redacted.
    """
    turn = transcript.turns[-1]
    broken = any(result.text == INTERRUPTED for result in turn.results)
    for call in turn.message.calls[len(turn.results) :]:
        if broken:
            await transcript.hear(Returned(call.id, SKIPPED, True))
            continue
        if resumed and MARK in msgspec.json.encode(call.arguments).decode():
            await transcript.hear(Returned(call.id, WITHHELD, True))
            continue
        if not model.replays and call.tool not in LOOKS:
            await transcript.begin(call.id, await _tree_before(call, tools, transcript))
        result = await tools.call(call.tool, call.arguments)
        await transcript.hear(Returned(call.id, result.text, result.error))


async def _tree_before(call: ToolCall, tools: Tools, transcript: Transcript) -> Tree:
    """The tree that undoes the call; "" if nothing does."""
    if call.tool not in WRITES:
        return NO_TREE
    turn = transcript.turns[-1]
    return await in_thread(tools.snapshot) if turn.results else turn.tree


def _reports(turn: Turn) -> list[tuple[dict[str, object] | str, Returned]]:
    pairs = zip(turn.message.calls, turn.results, strict=True)
    return [(call.arguments, result) for call, result in pairs if call.tool == REPORT]


def _accepted(turn: Turn) -> str | None:
    """The JSON of the turn's last accepted report."""
    for arguments, result in reversed(_reports(turn)):
        if not result.error:
            return arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
    return None


def _refused(turns: list[Turn]) -> str:
    """Why the last report was refused; "" if there was none."""
    return next((result.text for turn in reversed(turns) for _, result in reversed(_reports(turn))), "")
