"""A transcript as messages of the Messages API. A pure view: the same transcript gives the same bytes.

What was sent once changes only through a recorded compaction: caches and thinking depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conductor.agents.contract.turns import Returned, Told, ToolCall, Turn
from conductor.agents.runners.anthropic.reply import CUT
from conductor.agents.transcript import Shown

LONGEST = 32_000  # characters of a result that a model is shown
_THINKING = ("thinking", "redacted_thinking")

CUT_OFF = (
    "Your message was cut off here because it was too long. Unfinished calls were not made. Continue in smaller steps."
)
NO_REPORT = (
    "You ended your turn without a report. If there is work left, continue. Otherwise end with the `report` tool: "
    "without a report, your work does not count."
)
SUMMARY = (
    "[Your context had become too long. The earlier turns are replaced by your summary of them. The working directory "
    "is as you left it.]"
)
GO_ON = "Continue."
SUMMARIZE = (
    "Your context has become too long. Write down what you need to continue without it: it will be replaced by this "
    "text and your briefing. Include what is done and what is left, which files you changed and how, what you found "
    "out, what you decided and why, which commands you ran with which results, and what you would report as "
    "discoveries, gotchas and corrections, with evidence. Be exact: names, paths, error texts. Answer with that text "
    "only; call no tool."
)


def system(prompt: str) -> list[dict[str, Any]]:
    """The system prompt. Its cache mark covers the tools before it, too: agents of one role share both."""
    return [_marked({"type": "text", "text": prompt})]


def messages(
    briefing: str, turns: Sequence[Turn], shown: Shown, ask: str = "", news: Sequence[Told] = ()
) -> list[dict[str, Any]]:
    """The conversation that the model is to answer; `ask` is an additional request.

    `news` are the notices given between turns; a summary does not replace them. The last two user messages are marked
    for the cache: one to be read, one to be written.
    """
    told: list[dict[str, Any]] = []
    before = [item.text for item in news if item.turn <= shown.summarized]
    summary = (SUMMARY, shown.summary, *before, GO_ON) if shown.summary else before
    _tell(told, "user", [_text(text) for text in (briefing, *summary)])
    for turn in turns[shown.summarized :]:
        _tell(told, "assistant", _said(turn, shown))
        _tell(told, "user", _heard(turn, shown) + [_text(item.text) for item in news if item.turn == turn.number])
    if ask:
        _tell(told, "user", [_text(ask)])
    for message in [m for m in told if m["role"] == "user"][-2:]:
        message["content"][-1] = _marked(message["content"][-1])
    return told


def is_silent(turn: Turn) -> bool:
    """The model ended its turn on its own without a call."""
    return not turn.message.calls and turn.message.stop not in (*CUT, "pause_turn", "refusal")


def _tell(told: list[dict[str, Any]], role: str, content: list[dict[str, Any]]) -> None:
    """Add to the last message if it has the same role. Empty content adds no message."""
    if told and told[-1]["role"] == role:
        told[-1]["content"] += content
    elif content:
        told.append({"role": role, "content": content})


def _said(turn: Turn, shown: Shown) -> list[dict[str, Any]]:
    calls = {call.id: call for call in turn.message.calls}
    blocks = turn.message.blocks if turn.number > shown.thinking else _without_thinking(turn)
    return [{**b, "input": _input(calls[b["id"]])} if b["type"] == "tool_use" else dict(b) for b in blocks]


def _without_thinking(turn: Turn) -> list[dict[str, Any]]:
    return [block for block in turn.message.blocks if block["type"] not in _THINKING]


def _heard(turn: Turn, shown: Shown) -> list[dict[str, Any]]:
    """All results in one message, in the order of their calls, then any further text."""
    heard = [_result(result, left_out=turn.number <= shown.results) for result in turn.results]
    if turn.message.stop in CUT:
        heard.append(_text(CUT_OFF))
    elif is_silent(turn):
        heard.append(_text(NO_REPORT))
    return heard


def _result(result: Returned, *, left_out: bool) -> dict[str, Any]:
    text = result.text
    if left_out:
        text = f"[left out to save space: {len(text)} characters, blob {result.digest}]"
    told: dict[str, Any] = {"type": "tool_result", "tool_use_id": result.call, "content": cut(text, result.digest)}
    return {**told, "is_error": True} if result.error else told


def cut(text: str, digest: str) -> str:
    """`text` without its middle if it is longer than LONGEST; the whole text is the blob `digest`."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out; full: blob {digest} ...]\n{text[-half:]}"


def _input(call: ToolCall) -> dict[str, Any]:
    return call.arguments if isinstance(call.arguments, dict) else {"unreadable": call.arguments}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _marked(block: dict[str, Any]) -> dict[str, Any]:
    return {**block, "cache_control": {"type": "ephemeral"}}
