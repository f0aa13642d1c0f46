"""Notices to a working agent between turns: new rulings, a nearly used allowance, a recreated working directory.

Each is given once: it is journaled before the model is called, and the journal shows what was given.
"""

from __future__ import annotations

from collections.abc import Iterable

from conductor.agents.contract.assignment import Assignment
from conductor.agents.meter import Meter
from conductor.agents.transcript import Transcript

RULED = (
    "[From Conductor: the following was ruled while you were working. It applies from now on, even where your briefing "
    "says otherwise. If your work so far does not comply, change it.]"
)
NEAR = (
    "[From Conductor: you have used at least 80 % of your allowance: {what}. Wrap up: finish or leave out what is "
    "still open, make sure that what you have works, then report, and say what is missing.]"
)
RECREATED = (
    "[From Conductor: your working directory was removed, and has been recreated as it was before your last turn. What "
    "that turn wrote or changed may be gone. Check the files before you continue.]"
)


async def tell(assignment: Assignment, transcript: Transcript, meter: Meter) -> None:
    """Journal what is new to the agent, for its model to see with the next turn."""
    turns = transcript.turns
    if turns and turns[-1].message.stop == "pause_turn":
        return  # its message is continued: nothing can come in between
    version, ruled = assignment.news(transcript.known)
    if ruled:
        await transcript.tell(_listed(RULED, ruled), upto=version)
    near = meter.read(len(turns), transcript.usage, transcript.model).near
    fresh = {name: limit for name in near if transcript.warned.get(name) != (limit := meter.limit(name))}
    if fresh:
        await transcript.tell(NEAR.format(what=", ".join(fresh)), near=fresh)


def _listed(title: str, rows: Iterable[str]) -> str:
    return "\n".join((title, "", *(f"- {row}" for row in rows)))
