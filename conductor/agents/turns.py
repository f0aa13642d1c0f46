"""What an agent says and hears, turn by turn, and the protocol of a model that says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec


class Call(msgspec.Struct, frozen=True):
    """One tool call. Arguments that could not be read as an object stay the text that they were."""

    id: str  # unique within its turn
    tool: str
    arguments: dict[str, Any] | str


class Message(msgspec.Struct, frozen=True):
    """One turn of a model: what it says and the calls it wants done, in order."""

    text: str = ""
    calls: tuple[Call, ...] = ()


class Stop(msgspec.Struct, frozen=True):
    """A model that has nothing more to say. Without a report, `reason` is the reason of NO_REPORT."""

    reason: str = "the agent ended without a report"


class Returned(msgspec.Struct, frozen=True):
    """What one call answered."""

    call: str
    text: str
    error: bool


class Turn(msgspec.Struct, frozen=True):
    """A message and the results of its calls so far. `tree` is the worktree's before the calls."""

    number: int  # 1-based
    message: Message
    tree: str
    results: tuple[Returned, ...] = ()

    @property
    def complete(self) -> bool:
        return len(self.results) == len(self.message.calls)


class Model(Protocol):
    """Whoever thinks of the next turn: a script, or a language model."""

    async def next(self, history: Sequence[Turn]) -> Message | Stop:
        """The turn after `history`, whose turns are all complete. Raises AgentBroke."""
        ...
