"""Scripted agents: their turns are prepared; their calls are really made. No model is called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from conductor.agents.contract.assignment import AgentBroke, Assignment, Ended
from conductor.agents.contract.protocols import Tools
from conductor.agents.contract.turns import Said, Stop, Turn
from conductor.agents.loop import play
from conductor.agents.runners.scripted.script import Script, ScriptEntry
from conductor.agents.transcript import Transcript


class ScriptedAgent:
    """An AgentRunner that plays a script. `timeout` (seconds) limits a whole attempt."""

    name = "scripted"

    def __init__(self, script: Script, timeout: float = 3600.0) -> None:
        self._script = script
        self._timeout = timeout

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        model = _Scripted(self._script.entry_for(assignment), assignment)
        return await play(self.name, model, assignment, tools, transcript, timeout=self._timeout)


class _Scripted:
    """Returns the script's next turn: a resumed attempt continues with the same words."""

    replays = True

    def __init__(self, entry: ScriptEntry | None, assignment: Assignment) -> None:
        self._entry = entry
        self._assignment = assignment

    async def next(self, history: Sequence[Turn]) -> Said | Stop:
        asked = self._assignment
        if self._entry is None:
            return Stop(f"the script has no turns for {asked.told_as}")
        if len(history) >= len(self._entry.turns):
            return Stop()
        turn = self._entry.turns[len(history)]
        if turn.hang:
            await asyncio.sleep(turn.hang)
        if turn.crash:
            raise AgentBroke(f"scripted: {asked.role} breaks in turn {len(history) + 1}, as its script says")
        return Said(turn.message)
