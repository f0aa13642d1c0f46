"""What an agent says and what it receives, turn by turn."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor.events import Usage
from conductor.ids import NO_DIGEST, Digest, Tree


class ToolCall(msgspec.Struct, frozen=True):
    """One tool call. Arguments that are not a JSON object are kept as text."""

    id: str  # unique within its turn
    tool: str
    arguments: dict[str, Any] | str


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn of a model: its text and the calls it wants made, in order.

    `blocks` are a live model's content blocks, to be sent back unchanged; those of tool calls lack their input, which
    is in `calls`. `stop` is the service's reason for stopping, `detail` any explanation of it.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    blocks: tuple[dict[str, Any], ...] = ()
    stop: str = ""
    detail: str = ""


class Said(msgspec.Struct, frozen=True):
    """A message and what it cost. `model` is the one that answered, "" if none was called.

    `odd` describes reported figures that made no sense and are not counted.
    """

    message: Message
    model: str = ""
    usage: Usage = Usage()
    odd: tuple[str, ...] = ()


class Stop(msgspec.Struct, frozen=True):
    """The model has nothing more to say. If there is no report, `reason` explains NO_REPORT."""

    reason: str = "the agent ended without a report"


class ToolResult(msgspec.Struct, frozen=True):
    """A tool's answer to a call."""

    text: str
    error: bool = False


class Returned(msgspec.Struct, frozen=True):
    """The recorded answer to a call. `digest` names its blob, "" before it is stored."""

    call: str
    text: str
    error: bool
    digest: Digest = NO_DIGEST


class Turn(msgspec.Struct, frozen=True):
    """A message and the results of its calls so far. `tree` is the worktree's tree before the calls."""

    number: int  # 1-based
    message: Message
    tree: Tree
    results: tuple[Returned, ...] = ()
    usage: Usage = Usage()

    @property
    def complete(self) -> bool:
        return len(self.results) == len(self.message.calls)


class Told(msgspec.Struct, frozen=True):
    """A notice to the agent after turn `turn`; 0 is before the first."""

    turn: int
    text: str


class Begun(msgspec.Struct, frozen=True):
    """A call that was started and has no result. Restoring `tree` undoes it; "" if nothing does."""

    call: str
    tree: Tree
