"""What the server can answer: a message, or one of the ways in which things go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """One request, as the server received it. `number` counts them from 1."""

    number: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.body["messages"]
        return messages

    @property
    def turn(self) -> int:
        """The number of turns that the model has said before this one."""
        return sum(message["role"] == "assistant" for message in self.messages)

    def texts(self) -> list[str]:
        """Every text and every result of the user's side."""
        blocks = [b for m in self.messages if m["role"] == "user" for b in m["content"]]
        return [b["text"] if b["type"] == "text" else b["content"] for b in blocks]


class Speech(msgspec.Struct, frozen=True):
    """A message. A tool call's `input` may be text: JSON that is streamed as it is. Thinking is signed by the server.

    `usage` replaces what the server would count, `model` which one it says it is, `index` the numbers of blocks, and
    `piece` the parts of texts. With `dies_after`, the connection breaks after that many events; with `ends_after`, the
    stream ends there in good order; with `error`, an error event of that type comes there.
    """

    blocks: tuple[dict[str, Any], ...] = ()
    stop: str = "end_turn"
    details: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    model: Any = None
    index: Any = None
    piece: Any = None
    dies_after: int | None = None
    ends_after: int | None = None
    error: str = ""
    delay: float = 0.0  # seconds before the first event


class Failure(msgspec.Struct, frozen=True):
    """An error status before any stream."""

    status: int
    type: str
    message: str = "as the test wants it"
    headers: dict[str, str] = {}
    details: dict[str, Any] | None = None


class Silence(msgspec.Struct, frozen=True):
    """Not a single byte, until the client goes. With `headers`, these first; with `hangs_up`, the server goes."""

    headers: bool = False
    hangs_up: bool = False


Answer = Speech | Failure | Silence
Brain = Callable[[Asked], Answer]


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def thinking(words: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": words}


def call(tool: str, id: str = "", **arguments: Any) -> dict[str, Any]:
    """A tool call; its id is made by the server if none is given."""
    return {"type": "tool_use", "id": id, "name": tool, "input": arguments}


def calls(*blocks: dict[str, Any], **how: Any) -> Speech:
    return Speech(blocks, "tool_use", **how)


def report(status: str = "PASS", summary: str = "Done.", **more: Any) -> Speech:
    return calls(call("report", status=status, summary=summary, **more))


def in_turn(*answers: Answer) -> Brain:
    """The answer after as many turns as there were: the same request gets the same answer."""
    return lambda asked: answers[asked.turn] if asked.turn < len(answers) else Speech((text("Nothing more."),))


def in_order(*answers: Answer) -> Brain:
    """One answer after the other, whatever is asked."""
    left = list(answers)
    return lambda asked: left.pop(0) if left else Speech((text("Nothing more."),))


def body_of(failure: Failure) -> bytes:
    error: dict[str, Any] = {"type": failure.type, "message": failure.message}
    if failure.details is not None:
        error["details"] = failure.details
    return json.dumps({"type": "error", "error": error, "request_id": "req_test"}).encode()
