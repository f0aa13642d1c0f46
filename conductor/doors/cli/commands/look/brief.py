"""`conduct brief`: an agent's briefing, as it was given or as it would be given now."""

from __future__ import annotations

import argparse

from conductor.core.decide import awaited
from conductor.core.rules.target import reasons
from conductor.core.state import TargetState, TaskState
from conductor.core.steps.effects import FIX, IMPLEMENT, REVIEW
from conductor.core.targets import direct, standing
from conductor.doors.cli.call import LOOKS, Call, words_argument
from conductor.doors.cli.render.quote import document
from conductor.errors import Refused, UsageError
from conductor.events import AgentRequested, Target
from conductor.ids import EffectId

EXAMPLE = """
conduct brief 2
conduct brief - 2 reader --role fix-executor
conduct brief pinch final --json | jq -r .briefing
"""
FINAL = "final"


def arguments(parser: argparse.ArgumentParser) -> None:
    from conductor.agents.roles.role import ROLES

    words_argument(
        parser,
        "PHASE",
        "[MODULE]",
        help=f"PHASE: its number, or {FINAL} for the work on the whole after the last phase. MODULE: one of its "
        f"modules, only with TASK or -. TASK: {LOOKS}",
    )
    parser.add_argument("--role", choices=ROLES, help="whose briefing (default: the role that works there, or would)")


def run(call: Call) -> int:
    from conductor.effects.briefing import briefing

    app, args = call.fast_app, call.args
    name, asked, *rest = call.words("PHASE", "[MODULE]", optional=1)
    state = app.known(call.task(name, changes=False)).state
    if state.status == "abandoned":
        raise Refused(f"task {state.id} is abandoned: no agent works on it any longer")
    phase, module = target_at(state, asked, rest[0] if rest else None)
    request = request_at(state, phase, module, args.role)
    held = state.open.get(request.effect)
    at = held.version if held else state.version
    text = briefing(app.store.read(state.id, upto=at), request, app.store.blobs)
    shown = {"task": state.id, "version": at, "role": request.role, "phase": phase, "module": module}
    call.output.data({**shown, "effect": request.effect if held else "", "briefing": text})
    when = f"as {request.effect} was given it" if held else "as it would be given now"
    call.output.text(call.output.paint(f"For {request.role}, {when}:", "dim"))
    document(text, call.output)
    return 0


def target_at(state: TaskState, phase: str, module: str | None) -> tuple[str | None, str | None]:
    """The phase and module that are meant. Raises UsageError, listing the existing ones."""
    if phase == FINAL and phase not in state.phases:
        if module is not None:
            raise UsageError("the work on the whole has no modules")
        return None, None
    if phase not in state.phases:
        there = ", ".join((*state.phases, FINAL))
        raise UsageError(f"task {state.id} has no phase {phase!r}", allowed=there)
    modules = [m.name for m in state.planned(phase).modules]
    if module is not None and module not in modules:
        raise UsageError(f"phase {phase} has no module {module!r}", allowed=", ".join(modules))
    return phase, module


def request_at(state: TaskState, phase: str | None, module: str | None, role: str | None) -> AgentRequested:
    """What the agent at work there, or due there, was asked; else what one would be asked now. `role` None: any."""
    return _asked(state, phase, module, role) or _would_be_asked(state, phase, module, role)


def _asked(state: TaskState, phase: str | None, module: str | None, role: str | None) -> AgentRequested | None:
    """The request of the agent that is at work there, or due there."""
    alone = phase is not None and direct(state.planned(phase))
    under_way = [held.request for held in state.open.values() if isinstance(held.request, AgentRequested)]
    for request in (*under_way, *awaited(state)):
        there = request.phase == phase and (request.module == module or alone)
        if there and role in (None, request.role):
            return request
    return None


def _would_be_asked(state: TaskState, phase: str | None, module: str | None, role: str | None) -> AgentRequested:
    if phase is not None and direct(state.planned(phase)):
        module = state.planned(phase).modules[0].name
    role = role or (IMPLEMENT if phase is not None else REVIEW)
    started = phase is None or module is None or module in state.phases[phase].modules
    target = standing(state, Target(phase, module)) if started else TargetState()
    hint = target.hint or (state.phases[phase].hint if phase is not None else state.hint)
    because = reasons(target) if role == FIX else ()
    return AgentRequested(
        effect=EffectId(""),
        phase=phase,
        module=module,
        role=role,
        attempt=1,
        because=because,
        hint="" if role == REVIEW else hint,
    )
