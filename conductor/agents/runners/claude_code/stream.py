"""Parses what Claude Code prints with `--output-format stream-json`, one message per line. Pure.

Sources: https://code.claude.com/docs/en/headless and the messages of anthropics/claude-agent-sdk-python. Unknown
kinds of messages and fields are ignored: new versions add some.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from conductor.agents.contract.figures import Figures, decoded
from conductor.agents.contract.turns import ToolCall
from conductor.events import Usage
from conductor.text import clean

SYNTHETIC = "<synthetic>"  # the model named in messages from the program itself


class Spoke(msgspec.Struct, frozen=True):
    """A part of a message. Parts with the same id form one message; each has the usage of the whole so far.

    `odd`, here and below, describes figures that made no sense.
    """

    id: str
    text: str
    calls: tuple[ToolCall, ...]
    model: str  # "": the program itself
    usage: Usage
    error: str = ""  # rate_limit, authentication_failed, …
    odd: tuple[str, ...] = ()


class Answered(msgspec.Struct, frozen=True):
    """The answer to a call."""

    call: str
    text: str
    error: bool


class Limited(msgspec.Struct, frozen=True):
    """A usage limit that was hit. `until` is the Unix time, in seconds, when it ends; None if unknown."""

    until: float | None
    odd: tuple[str, ...] = ()


class SessionResult(msgspec.Struct, frozen=True):
    """The end of a run. Only `failed` says whether it failed; `result` can be `success` even then."""

    result: str  # success, error_during_execution, …
    failed: bool
    text: str  # the last message; if it failed, the error
    status: int | None  # HTTP status, if the service refused
    usage: Usage  # of the whole run
    cost: float  # US dollars
    denied: tuple[str, ...]
    odd: tuple[str, ...] = ()


Heard = Spoke | Answered | Limited | SessionResult


def heard(line: bytes) -> Iterator[Heard]:
    """The messages of one line. A line that is not a JSON object is ignored: some versions print notices."""
    try:
        said = decoded(line) if line.lstrip().startswith(b"{") else None
    except ValueError:
        return
    if not isinstance(said, dict) or said.get("parent_tool_use_id"):  # a subagent's; its calls are not the agent's
        return
    match said.get("type"):
        case "assistant":
            yield _spoke(_dict(said.get("message")), str(said.get("error") or ""))
        case "user":
            content = _dict(said.get("message")).get("content")
            for block in content if isinstance(content, list) else ():
                if _dict(block).get("type") == "tool_result":
                    yield Answered(
                        str(block.get("tool_use_id")), _text(block.get("content")), bool(block.get("is_error"))
                    )
        case "rate_limit_event":
            info = _dict(said.get("rate_limit_info"))
            if info.get("status") == "rejected":
                figures = Figures()
                yield Limited(figures.moment("resetsAt", info.get("resetsAt")), figures.odd)
        case "result":
            yield _finished(said)


def _spoke(message: dict[str, Any], error: str) -> Spoke:
    content = message.get("content")
    blocks = [b for b in content if isinstance(b, dict)] if isinstance(content, list) else []
    text = "\n".join(clean(str(b.get("text", ""))) for b in blocks if b.get("type") == "text").strip()
    calls = tuple(
        ToolCall(str(b.get("id")), str(b.get("name")), _dict(b.get("input")))
        for b in blocks
        if b.get("type") == "tool_use"
    )
    model = str(message.get("model") or "")
    figures = Figures()
    usage = figures.usage(_dict(message.get("usage")).get)
    return Spoke(str(message.get("id")), text, calls, "" if model == SYNTHETIC else model, usage, error, figures.odd)


def _finished(said: dict[str, Any]) -> SessionResult:
    result = str(said.get("subtype") or "")
    errors = said.get("errors")
    text = said.get("result") or "; ".join(map(str, errors if isinstance(errors, list) else ())) or result
    figures = Figures()
    denials = said.get("permission_denials")
    names = (str(_dict(d).get("tool_name", "?")) for d in (denials if isinstance(denials, list) else ()))
    return SessionResult(
        result=result,
        failed=bool(said.get("is_error")) or result != "success",
        text=clean(str(text)),
        status=figures.status("api_error_status", said.get("api_error_status")),
        usage=figures.usage(_dict(said.get("usage")).get),
        cost=figures.money("total_cost_usd", said.get("total_cost_usd")),
        denied=tuple(dict.fromkeys(names)),
        odd=figures.odd,
    )


def _text(content: object) -> str:
    """A tool's answer: text, or blocks of which only the text is kept."""
    if isinstance(content, list):
        return "\n".join(
            str(b.get("text", "")) if b.get("type") == "text" else f"[{b.get('type')}]" for b in map(_dict, content)
        )
    return "" if content is None else str(content)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
