"""What most tools need of a call: who makes it, under which key, and which task and phase it means."""

from __future__ import annotations

from conductor.core.state import PhaseState, TaskState
from conductor.doors.mcp.arguments import ToolContext
from conductor.doors.mcp.guide import instruction
from conductor.doors.mcp.session import Tell, actor_of
from conductor.doors.requests import FINAL
from conductor.envelope import Recorded
from conductor.errors import Refused, UsageError
from conductor.text import one_line
from replay.describe import describe

TOOL_USE = "claudecode/toolUseId"  # Claude Code sends it with every call, and the same with a repetition


def actor(ctx: ToolContext) -> str:
    """The client, as an actor of the log."""
    known = ctx.session.client_params
    return actor_of(known.client_info.name if known else "")


def request_key(ctx: ToolContext) -> str | None:
    """What makes a repeated call one event; None: the client sends nothing of the kind."""
    key = (ctx.request_context.meta or {}).get(TOOL_USE)
    return key if isinstance(key, str) and 0 < len(key) <= 200 else None


def progress(ctx: ToolContext) -> Tell:
    """Tells the client, where it wants to know, what goes on while a call takes long."""

    async def tell(event: Recorded) -> None:
        await ctx.report_progress(event.version, message=describe(event))

    return tell


def phase_of(state: TaskState, named: str) -> PhaseState | None:
    """The phase with this number or name; None: the whole task. Raises UsageError, naming the phases there are."""
    if named in state.phases:
        return state.phases[named]
    if named == FINAL:
        return None
    alike = [p for number, p in state.phases.items() if state.planned(number).name.casefold() == named.casefold()]
    if len(alike) == 1:
        return alike[0]
    there = [f"{number} ({state.planned(number).name})" for number in state.phases]
    raise UsageError(f"task {state.id} has no phase {one_line(named, 80)!r}", allowed=", ".join([*there, FINAL]))


def not_yet(state: TaskState, what: str) -> Refused:
    """`what` needs something first: the refusal says which call comes first."""
    return Refused(what, hint=instruction(state))
