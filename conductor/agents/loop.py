"""The one loop of all agents: journal what the model says, do it, journal what came of it, until it has reported."""

from __future__ import annotations

import asyncio

import msgspec

from conductor.agents.assignment import Assignment, Ended
from conductor.agents.threads import finish
from conductor.agents.tools import REPORT, Toolbox
from conductor.agents.transcript import Transcript
from conductor.agents.turns import Model, Returned, Stop, Turn

MAX_TURNS = 200


async def play(
    agent: str,
    model: Model,
    assignment: Assignment,
    tools: Toolbox,
    transcript: Transcript,
    *,
    timeout: float,
    max_turns: int = MAX_TURNS,
) -> Ended:
    """Perform an attempt, or go on where its transcript ends; one that has ended is not performed again.

    `agent` names the kind of agent, `timeout` (seconds) limits the whole. Raises AgentBroke, StoreError, and what
    the toolbox's `snapshot` and `restore` raise; the attempt can then be taken up again.
    """
    await transcript.load()
    if transcript.ended is not None:
        return transcript.ended
    if not transcript.started:
        await transcript.start(assignment, agent)
    try:
        async with asyncio.timeout(timeout) as limit:
            ended = await _turns(model, tools, transcript, max_turns)
    except TimeoutError:
        if not limit.expired():
            raise
        ended = Ended.silent(f"time limit: {timeout:g} s", len(transcript.turns))
    await transcript.end(ended)
    return ended


async def _turns(model: Model, tools: Toolbox, transcript: Transcript, max_turns: int) -> Ended:
    turns = transcript.turns
    if turns and not turns[-1].complete:
        # Cut off in the middle: which of its calls were done is unknown. Right for scripted turns, which do the same
        # on the same tree; a live loop will instead hand the model an unknown bash result as "interrupted".
        await transcript.resume()
        await finish(lambda: tools.restore(turns[-1].tree))
        await _perform(tools, transcript)
    while True:
        if turns and (report := _accepted(turns[-1])) is not None:
            return Ended.reported(report, len(turns))
        if len(turns) >= max_turns:
            return Ended.silent(f"turn limit: {max_turns}", len(turns))
        said = await model.next(turns)
        if isinstance(said, Stop):
            return Ended.silent(_refused(turns) or said.reason, len(turns))
        await transcript.say(said, await finish(tools.snapshot))
        await _perform(tools, transcript)


async def _perform(tools: Toolbox, transcript: Transcript) -> None:
    for call in transcript.turns[-1].message.calls:
        result = await tools.call(call.tool, call.arguments)
        await transcript.hear(Returned(call.id, result.text, result.error))


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
