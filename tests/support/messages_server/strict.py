"""What the real service refuses, and what it counts: rules of requests, signatures of thinking, the prompt cache."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.support.messages_server.answers import Failure

BREAKPOINTS = 4
PER_TOKEN = 4  # characters


class Refused(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(400, "invalid_request_error", message)


def check(body: dict[str, Any]) -> None:
    """Raises Refused where the real service would answer 400."""
    for field in ("model", "max_tokens", "messages"):
        if field not in body:
            raise Refused(f"{field}: Field required")
    if json.dumps(body).count('"cache_control"') > BREAKPOINTS:
        raise Refused("A maximum of 4 blocks with cache_control may be provided.")
    messages = body["messages"]
    if not messages or messages[0]["role"] != "user":
        raise Refused("messages: first message must use the user role")
    if messages[-1]["role"] == "assistant" and messages[-1].get("content", [{}])[-1].get("type") == "text":
        raise Refused("This model does not support assistant message prefill.")
    for number, message in enumerate(messages):
        if not message["content"]:
            raise Refused(f"messages.{number}: content must not be empty")
        for block in message["content"]:
            if block["type"] == "text" and not block["text"].strip():
                raise Refused(f"messages.{number}: text content blocks must contain non-whitespace text")
            if block["type"] == "tool_use" and not isinstance(block["input"], dict):
                raise Refused(f"messages.{number}: tool_use.input: Input should be an object")
        _check_results(messages, number)


def _check_results(messages: list[dict[str, Any]], number: int) -> None:
    asked = [b["id"] for b in messages[number]["content"] if b["type"] == "tool_use"]
    if messages[number]["role"] != "assistant":
        return
    after = messages[number + 1]["content"] if number + 1 < len(messages) else []
    given = [b["tool_use_id"] for b in after[: len(asked)] if b["type"] == "tool_result"]
    if asked != given:
        raise Refused(f"messages.{number}: `tool_use` ids were found without `tool_result` blocks immediately after")


def plain(value: Any) -> Any:
    """Without marks for the cache, which are no part of what is said."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "cache_control"}
    return [plain(v) for v in value] if isinstance(value, list) else value


def signature(body: dict[str, Any], before: list[Any], block: dict[str, Any]) -> str:
    """Binds thinking to everything before it."""
    bound = plain([body.get("system"), body.get("tools"), before, block["thinking"]])
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()


def check_thinking(body: dict[str, Any]) -> None:
    """Raises Refused for thinking that belongs to another conversation, as accounts of today are refused."""
    before: list[Any] = []
    for message in body["messages"]:
        content: list[Any] = []
        for block in message["content"]:
            if block["type"] == "thinking" and block["signature"] != signature(body, [*before, content], block):
                raise Refused("messages: `thinking` block belongs to a different conversation")
            content.append(block)
        before.append([message["role"], content])


def opened(body: dict[str, Any], blocks: list[Any]) -> list[Any]:
    """What stands before the next block of the answer."""
    return [*([m["role"], m["content"]] for m in body["messages"]), blocks]


class Cache:
    """Prefixes that were marked in earlier requests."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def usage(self, body: dict[str, Any]) -> dict[str, int]:
        """Read up to the longest known prefix, written up to the last mark, the rest is plain input."""
        blocks = [*body.get("tools", []), *body.get("system", []), *(b for m in body["messages"] for b in m["content"])]
        running, length, read, marked = hashlib.sha256(body["model"].encode()), 0, 0, 0
        fresh = []
        for block in blocks:
            data = json.dumps(plain(block)).encode()
            running.update(data)
            length += len(data)
            if running.hexdigest() in self._known:
                read = length
            if "cache_control" in block:
                marked = length
                fresh.append(running.hexdigest())
        self._known.update(fresh)
        return {
            "input_tokens": (length - max(marked, read)) // PER_TOKEN,
            "cache_read_input_tokens": read // PER_TOKEN,
            "cache_creation_input_tokens": max(marked - read, 0) // PER_TOKEN,
        }
