"""What an agent says and hears, turn by turn."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor.events import Usage
from conductor.ids import NO_DIGEST, Digest, Tree


class ToolCall(msgspec.Struct, frozen=True):
    """One tool call. Arguments that could not be read as an object stay the text that they were."""

    id: str  # unique within its turn
    tool: str
    arguments: dict[str, Any] | str


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn of a model: what it says and the calls it wants done, in order.

    `blocks` are a live model's content blocks in order, to be sent back as they came; those of tool calls are without
    their input, which `calls` holds. `stop` is why it stopped, as its service says it, `detail` what it added to that.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    blocks: tuple[dict[str, Any], ...] = ()
    stop: str = ""
    detail: str = ""


class Said(msgspec.Struct, frozen=True):
    """A message, and what it cost: `model` is the one that said it, "" if none was asked.

    `odd`: figures that came with it and made no sense, in words; they count for nothing.
    """

    message: Message
    model: str = ""
    usage: Usage = Usage()
    odd: tuple[str, ...] = ()


class Stop(msgspec.Struct, frozen=True):
    """A model that has nothing more to say. Without a report, `reason` is the reason of NO_REPORT."""

    reason: str = "the agent ended without a report"


class ToolResult(msgspec.Struct, frozen=True):
    """What a tool answered to a call."""

    text: str
    error: bool = False


class Returned(msgspec.Struct, frozen=True):
    """What a call of a turn was answered. `digest` names the blob that keeps it, "" before it is kept."""

    call: str
    text: str
    error: bool
    digest: Digest = NO_DIGEST


class Turn(msgspec.Struct, frozen=True):
    """A message and the results of its calls so far. `tree` is the worktree's before the calls."""

    number: int  # 1-based
    message: Message
    tree: Tree
    results: tuple[Returned, ...] = ()
    usage: Usage = Usage()

    @property
    def complete(self) -> bool:
        return len(self.results) == len(self.message.calls)


class Told(msgspec.Struct, frozen=True):
    """What an agent was told besides, after turn `turn`; 0: before the first."""

    turn: int
    text: str


class Begun(msgspec.Struct, frozen=True):
    """A call that was begun and has no result. Going back to `tree` undoes it; "": nothing undoes it."""

    call: str
    tree: Tree
