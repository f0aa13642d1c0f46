"""Assembles one streamed message of the Messages API. It is complete only with its last event."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor.agents.contract.figures import Figures
from conductor.agents.contract.turns import Message, Said, ToolCall
from conductor.agents.runners.anthropic.failures import BrokenStream
from conductor.decoding import bounded, prepared
from conductor.events import Usage
from conductor.text import clean, one_line

CUT = ("max_tokens", "model_context_window_exceeded")  # reasons to stop in the middle of a block


class Reply:
    """Feed it every event of a stream, then call `said()`. `usage` is what has been reported so far.

    The SDK does not validate events against the documentation; this class does.
    """

    def __init__(self) -> None:
        self.usage = Usage()
        self._figures = Figures()
        self._model = ""
        self._blocks: list[dict[str, Any]] = []
        self._inputs: dict[int, str] = {}  # JSON text of tool calls' arguments, by block
        self._open: set[int] = set()
        self._stop = ""
        self._detail = ""
        self._done = False

    @property
    def odd(self) -> tuple[str, ...]:
        """Descriptions of figures that made no sense."""
        return self._figures.odd

    def add(self, event: Any) -> None:
        """Add one event of the SDK's raw stream; unknown kinds are ignored.

        Raises BrokenStream for an event that is out of order or does not have the documented shape.
        """
        try:
            self._add(event)
        except (TypeError, AttributeError) as error:
            raise _misshapen(error) from None

    def _add(self, event: Any) -> None:
        match event.type:
            case "message_start":
                self._model = event.message.model
                self._count(event.message.usage)
            case "content_block_start":
                if event.index != len(self._blocks):
                    raise BrokenStream(f"a block's index does not follow the {len(self._blocks)} blocks before it")
                self._blocks.append(event.content_block.model_dump(mode="json", exclude_none=True))
                self._open.add(event.index)
            case "content_block_delta":
                self._extend(event.index, event.delta)
            case "content_block_stop":
                self._open.discard(event.index)
            case "message_delta":
                self._stop = event.delta.stop_reason or ""
                if (details := event.delta.stop_details) is not None:
                    self._detail = clean(": ".join(filter(None, (details.category, details.explanation))), 500)
                self._count(event.usage)
            case "message_stop":
                self._done = True

    def said(self) -> Said:
        """The message. Raises BrokenStream if it is incomplete or does not have the documented shape."""
        try:  # what cannot be read back must not be recorded
            return msgspec.convert(msgspec.to_builtins(self._said()), prepared(Said))
        except (msgspec.ValidationError, TypeError, AttributeError, KeyError) as error:
            raise _misshapen(error) from None

    def _said(self) -> Said:
        if not self._done or self._open:
            raise BrokenStream("the stream ended before its message did")
        blocks = list(self._blocks)
        if self._stop in CUT and blocks and (blocks[-1]["type"] == "tool_use" or _is_unsigned(blocks[-1])):
            blocks.pop()  # it was cut in two
        calls, kept = [], []
        for index, block in enumerate(blocks):
            if block["type"] == "tool_use":
                arguments = _arguments(self._inputs.get(index, ""), block.get("input"))
                calls.append(ToolCall(block["id"], block["name"], arguments))
                block = {key: value for key, value in block.items() if key != "input"}
            elif block["type"] == "text":
                block = {**block, "text": clean(block["text"])}
                if not block["text"].strip():
                    continue  # the service does not accept them back
            kept.append(block)
        if len({call.id for call in calls}) < len(calls):
            raise BrokenStream("two calls have the same id")
        text = "\n".join(block["text"] for block in kept if block["type"] == "text")
        message = Message(text, tuple(calls), tuple(kept), self._stop, self._detail)
        return Said(message, self._model, self.usage, self.odd)

    def _extend(self, index: int, delta: Any) -> None:
        if index not in self._open:
            raise BrokenStream("a delta for a block that is not open")
        block = self._blocks[index]
        match delta.type:
            case "text_delta":
                block["text"] = block.get("text", "") + delta.text
            case "input_json_delta":
                self._inputs[index] = self._inputs.get(index, "") + delta.partial_json
            case "thinking_delta":
                block["thinking"] = block.get("thinking", "") + delta.thinking
            case "signature_delta":
                block["signature"] = block.get("signature", "") + delta.signature

    def _count(self, told: Any) -> None:
        """Counts are cumulative; one that is not repeated stays."""
        self.usage = self._figures.usage(lambda name: getattr(told, name, None), self.usage)


def _misshapen(error: Exception) -> BrokenStream:
    return BrokenStream(one_line(f"the service's answer does not have the documented shape: {error}", 300))


def _is_unsigned(block: dict[str, Any]) -> bool:
    return block["type"] == "thinking" and not block.get("signature")


def _arguments(text: str, given: object) -> dict[str, Any] | str:
    """Arguments as an object; anything else is kept as text, and the tool reports what is wrong."""
    if not text:
        return given if isinstance(given, dict) else {}
    try:
        read = msgspec.json.decode(bounded(text))
    except (msgspec.MsgspecError, UnicodeError):
        return text
    return read if isinstance(read, dict) else text
