"""Resources: the list of tasks, and each task whole, as JSON."""

from __future__ import annotations

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from conductor.doors.mcp.overview import full_state, task_list
from conductor.doors.mcp.session import Session
from conductor.errors import ConductorError, UsageError

JSON = "application/json"


def add_resources(server: MCPServer[Session], session: Session) -> None:
    """`conduct://tasks` and `conduct://tasks/{task_id}`."""

    @server.resource("conduct://tasks", title="Tasks", description="All tasks, the latest first.", mime_type=JSON)
    async def tasks() -> str:
        try:
            return task_list(session).model_dump_json()
        except ConductorError as error:
            raise ResourceError(str(error)) from None

    @server.resource(
        "conduct://tasks/{task_id}", title="Task", description="A task, as get_full_state has it.", mime_type=JSON
    )
    async def task(task_id: str) -> str:
        try:
            return full_state(session, task_id).model_dump_json()
        except UsageError as error:
            raise ResourceNotFoundError(str(error)) from None
        except ConductorError as error:
            raise ResourceError(str(error)) from None
