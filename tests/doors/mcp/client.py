"""A client of a real `conduct mcp` process, over its real standard input and output, with the official SDK."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, ElicitResult, Implementation, TextContent

from tests.support.runs.sandbox import Sandbox

KEYS = itertools.count(1)
IMPLEMENT, REVIEW, FIX = "implementation-executor", "code-reviewer", "fix-executor"


class User:
    """Who answers the forms that the client shows, with `choice`; None: nobody, as in a headless client."""

    def __init__(self, choice: str | None) -> None:
        self.choice = choice
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        if self.choice is None:
            return ElicitResult(action="cancel")
        return ElicitResult(action="accept", content={"choice": self.choice})


class Caller:
    """Calls tools; each call has a tool-use id, as Claude Code's have."""

    def __init__(self, client: Client, box: Sandbox) -> None:
        self.client, self.box = client, box

    async def raw(self, tool: str, *, key: str | None = None, **arguments: Any) -> CallToolResult:
        meta: Any = {"claudecode/toolUseId": key or f"toolu_{next(KEYS)}"}
        return await self.client.call_tool(tool, arguments, meta=meta)

    async def ok(self, tool: str, *, key: str | None = None, **arguments: Any) -> dict[str, Any]:
        """The structured result of a call that must succeed."""
        result = await self.raw(tool, key=key, **arguments)
        assert not result.is_error, text(result)
        assert isinstance(result.structured_content, dict)
        return result.structured_content

    async def refused(self, tool: str, *, key: str | None = None, **arguments: Any) -> str:
        """The text of a call that must fail; it has no traceback."""
        result = await self.raw(tool, key=key, **arguments)
        assert result.is_error, result.structured_content
        said = text(result)
        assert "Traceback" not in said and "pydantic" not in said
        return said

    async def start(self) -> dict[str, Any]:
        """A task of the sandbox's specification, its commands approved by the user."""
        begun = await self.ok("start_task", description="Build it", working_directory=str(self.box.repo))
        return await self.approved(begun["task_id"])

    async def approved(self, task: str) -> dict[str, Any]:
        """The full state of a task once the user has answered what it asked."""
        for question in (await self.ok("get_task_state", task_id=task))["questions"]:
            await self.ok("ask_user", task_id=task, question_id=question["question_id"])
        return await self.ok("get_full_state", task_id=task)

    async def work(self, due: dict[str, Any], *, write: dict[str, str] | None = None, **said: Any) -> dict[str, Any]:
        """What an agent of the client's does: write files in its folder, and be reported."""
        folder = Path(due["working_directory"])
        for name, content in (write or {}).items():
            (folder / name).write_text(content)
        arguments = {**due["report"]["arguments"], "verdict": "PASS", "summary": "done", **said}
        return await self.ok(due["report"]["tool"], **arguments)


def text(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


@asynccontextmanager
async def connected(box: Sandbox, user: User | None = None, mode: str = "legacy") -> AsyncIterator[Caller]:
    """A server process, its id in the file `pid`, and a client of it, for as long as the block."""
    start = f"echo $$ > '{box.root}/pid'; exec '{sys.executable}' -m conductor mcp"
    server = StdioServerParameters(command="sh", args=["-c", start], env=dict(box.environ), cwd=box.repo)
    with (box.root / "server.log").open("a") as log:
        transport = stdio_client(server, errlog=log)
        name = Implementation(name="claude-code", version="2.1")
        async with Client(transport, mode=mode, client_info=name, elicitation_callback=user) as client:
            yield Caller(client, box)


def play(
    box: Sandbox, story: Callable[[Caller], Awaitable[None]], user: User | None = None, mode: str = "legacy"
) -> None:
    """Run a story against a server of its own. The user approves what is asked unless another one is given."""

    async def run() -> None:
        async with connected(box, user or User("approve"), mode) as caller:
            await story(caller)

    asyncio.run(asyncio.wait_for(run(), 120))
