"""`conduct brief`: an agent's briefing, as it was given or as it would be given now."""

from __future__ import annotations

import argparse

from conductor.doors.cli.call import LOOKS, Call, words_argument
from conductor.doors.cli.render.quote import document
from conductor.doors.requests import FINAL, request_at, target_at
from conductor.errors import Refused

EXAMPLE = """
conduct brief 2
conduct brief - 2 reader --role fix-executor
conduct brief pinch final --json | jq -r .briefing
"""


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
