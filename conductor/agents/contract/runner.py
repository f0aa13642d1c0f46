"""What every kind of agent runner offers."""

from __future__ import annotations

from typing import Protocol

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.tools.toolbox import Toolbox
from conductor.agents.transcript import Transcript


class AgentRunner(Protocol):
    """A kind of agent: scripted, or live."""

    name: str

    async def run(self, assignment: Assignment, tools: Toolbox, transcript: Transcript) -> Ended:
        """Perform the assignment, or go on with it where its transcript ends.

        Raises AgentBroke, Waiting, or the store's own errors; whatever was journaled stays good.
        """
        ...
