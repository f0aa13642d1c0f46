"""The server: its tools, how their errors are reported, and its start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import ValidationError

import conductor
from conductor.config.environment import Environment
from conductor.doors.fault import internal_error
from conductor.doors.mcp import errors
from conductor.doors.mcp.resources import add_resources
from conductor.doors.mcp.session import Session
from conductor.doors.mcp.tools import checkpoints, events, knowledge, phases, planning, tasks, worktrees
from conductor.errors import ConductorError, CorruptLog, StoreError

INSTRUCTIONS = """\
Conductor builds a specification (.prelude/READY.md) phase by phase. You launch the agents; Conductor keeps the state in
a log, commits their work, checks it, merges it, and keeps checkpoints. An agent's PASS proves nothing: only Conductor's
own checks complete a phase.

Start with start_task, or continue with get_full_state (list_tasks finds the task). Then repeat: next_step says what to
do; hand each agent what get_briefing gives; call agent_reported when it has ended. Decide nothing for the user:
ask_user puts questions to them. Everything is recorded, so a lost context costs nothing. Do not commit, merge or
edit by hand in the task's worktrees.
"""
LARGEST = 200_000  # characters of all arguments of a call

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
UNDOES = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)

TOOLS: tuple[tuple[ToolAnnotations, tuple[Callable[..., Any], ...]], ...] = (
    (READS, (planning.plan_spec, planning.get_briefing)),
    (READS, (tasks.list_tasks, tasks.get_full_state, tasks.get_task_state)),
    (ADDS, (tasks.start_task, tasks.next_step, tasks.pause_task, tasks.resume_task, tasks.complete_task)),
    (UNDOES, (tasks.fail_task,)),
    (ADDS, (phases.agent_reported, phases.validate_phase)),
    (READS, (phases.save_phase_result, phases.mark_phase_complete)),
    (READS, (worktrees.create_worktree, worktrees.list_worktrees, worktrees.cleanup_worktrees)),
    (ADDS, (worktrees.merge_worktrees,)),
    (READS, (checkpoints.create_checkpoint, checkpoints.list_checkpoints)),
    (UNDOES, (checkpoints.rollback_to_checkpoint,)),
    (ADDS, (knowledge.record_finding, knowledge.ask_user)),
    (READS, (knowledge.get_answers,)),
    (ADDS, (events.emit_event,)),
    (READS, (events.get_events,)),
)


class ConductorServer(MCPServer[Session]):
    """An MCP server whose failed calls tell the model what is wrong, what is allowed, and what to do next."""

    def __init__(self, session: Session) -> None:
        @asynccontextmanager
        async def lifespan(server: MCPServer[Session]) -> AsyncIterator[Session]:
            yield session

        made = [
            Tool.from_function(function, annotations=hints, structured_output=True)
            for hints, functions in TOOLS
            for function in functions
        ]
        super().__init__(
            "conductor",
            title="Conductor",
            instructions=INSTRUCTIONS,
            version=conductor.__version__,
            lifespan=lifespan,
            tools=made,
            log_level="CRITICAL",  # faults are noted in the state folder
        )
        self._session = session
        self._known = {tool.name: tool for tool in made}
        add_resources(self, session)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Session, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Raises ToolError, with the text for the model."""
        tool = self._known.get(name)
        if tool is None:
            raise ToolError(f"unknown tool {name[:80]!r}\nallowed: {', '.join(self._known)}")
        if (size := errors.size_of(arguments)) > LARGEST:
            raise ToolError(errors.too_large(name, size, LARGEST))
        if unknown := [key for key in arguments if key not in tool.parameters["properties"]]:
            raise ToolError(errors.unknown_arguments(name, unknown, tool.parameters))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ConductorError):
                following = errors.next_after(cause, arguments, self._session)
                if isinstance(cause, StoreError) and not isinstance(cause, CorruptLog):
                    self._session.forget()
                raise ToolError(errors.told(cause, following)) from None
            if isinstance(cause, ValidationError) and not isinstance(error, UnexpectedToolError):
                raise ToolError(errors.wrong_arguments(name, cause, tool.parameters)) from None
            if isinstance(cause, ToolError) or cause is None:
                raise
            raise ToolError(str(internal_error(cause, tool=name))) from None


def serve(environment: Environment) -> None:
    """Serve one client over standard input and output, until it closes them."""
    ConductorServer(Session(environment)).run("stdio")
