"""What an agent at work is told between two turns: what was ruled meanwhile, and that its allowance nears its end.

Each thing once: it is journalled before the model is asked, and the journal says what was told.
"""

from __future__ import annotations

from collections.abc import Iterable

from conductor.agents.contract.assignment import Assignment
from conductor.agents.meter import Meter
from conductor.agents.transcript import Transcript

RULED = (
    "[From Conductor: while you were at work this was ruled. It holds from now on, also where your briefing says "
    "otherwise. Where what you have done does not fit it, change that.]"
)
NEAR = (
    "[From Conductor: of what you may use, you have used four fifths or more: {what}. Come to an end: finish or leave "
    "out what is still open, see that what stands holds, then report, and say in it what is missing.]"
)


async def tell(assignment: Assignment, transcript: Transcript, meter: Meter) -> None:
    """Journal what is new to the agent, for its model to be told with the next turn."""
    turns = transcript.turns
    if turns and turns[-1].message.stop == "pause_turn":
        return  # its message goes on as it was: nothing can come in between
    version, ruled = assignment.news(transcript.known)
    if ruled:
        await transcript.tell(_listed(RULED, ruled), upto=version)
    near = meter.read(len(turns), transcript.usage, transcript.model).near
    fresh = {name: limit for name in near if transcript.warned.get(name) != (limit := meter.limit(name))}
    if fresh:
        await transcript.tell(NEAR.format(what=", ".join(fresh)), near=fresh)


def _listed(title: str, rows: Iterable[str]) -> str:
    return "\n".join((title, "", *(f"- {row}" for row in rows)))
