"""A brain that plays a script of scripted agents as a model's turns, so that both kinds of agents can do the same."""

from __future__ import annotations

import re
from pathlib import Path

from conductor.agents.contract.assignment import Assignment
from conductor.agents.roles.role import ROLES, role
from conductor.agents.runners.scripted.script import Script, ScriptedTurn
from conductor.ids import EffectId
from tests.support.messages_server.answers import Answer, Asked, Brain, Failure, Speech, text

_PHASE = re.compile(r"^## Phase (?P<phase>[^:\n]+): .*?(?:, module (?P<module>\S+))?$", re.MULTILINE)


def player(script: Script | Path, delay: float = 0.0) -> Brain:
    """Who asks is read from the system prompt and the briefing; the same briefing again is the same attempt.

    `delay` (seconds) comes before each message. A scripted crash is a server error for good.
    """
    played = script if isinstance(script, Script) else Script.load(script)
    attempts: dict[tuple[str, str | None, str | None], list[str]] = {}

    def brain(asked: Asked) -> Answer:
        briefing = asked.messages[0]["content"][0]["text"]
        who = next(name for name in ROLES if role(name).prompt == asked.body["system"][0]["text"])
        found = _PHASE.search(briefing)
        phase, module = (found["phase"], found["module"]) if found else (None, None)
        known = attempts.setdefault((who, phase, module), [])
        if briefing not in known:
            known.append(briefing)
        assignment = Assignment("", EffectId(""), who, phase, module, known.index(briefing) + 1, briefing, "")
        entry = played.entry_for(assignment)
        if entry is None or asked.turn >= len(entry.turns):
            return Speech((text("There is nothing more for me to do."),), delay=delay)
        return _speech(entry.turns[asked.turn], delay)

    return brain


def _speech(turn: ScriptedTurn, delay: float) -> Answer:
    if turn.crash:
        return Failure(500, "api_error", "as its script says")
    blocks = [text(turn.message.text)] if turn.message.text else []
    for call in turn.message.calls:
        blocks.append({"type": "tool_use", "id": "", "name": call.tool, "input": call.arguments})
    return Speech(tuple(blocks), "tool_use" if turn.message.calls else "end_turn", delay=delay + turn.hang)
