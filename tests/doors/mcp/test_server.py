"""What a client sees of the server before it calls anything: tools, their schemas, resources, and the documentation."""

from __future__ import annotations

import json
import re

import pytest

from conductor.doors.mcp.server import TOOLS
from tests.doors.mcp.client import Caller, play
from tests.support.places import ROOT
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox

NAMES = [function.__name__ for _, functions in TOOLS for function in functions]


def test_every_tool_is_described_and_typed(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        tools = {tool.name: tool for tool in (await caller.client.list_tools()).tools}
        assert sorted(tools) == sorted(NAMES)
        for tool in tools.values():
            assert tool.description and tool.output_schema and tool.annotations, tool.name
            for name, schema in tool.input_schema["properties"].items():
                plain = "enum" in schema or "$ref" in schema or any("enum" in one for one in schema.get("anyOf", ()))
                assert "description" in schema or plain, f"{tool.name}: {name}"
        assert tools["fail_task"].annotations and tools["fail_task"].annotations.destructive_hint
        assert tools["get_full_state"].annotations and tools["get_full_state"].annotations.read_only_hint
        assert "next_step" in (caller.client.instructions or "")

    play(sandbox, story)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_tasks_are_resources(sandbox: Sandbox, mode: str) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        task = (await caller.start())["task_id"]
        (listed,) = (await caller.client.read_resource("conduct://tasks")).contents
        assert [row["task_id"] for row in json.loads(listed.text)["tasks"]] == [task]  # type: ignore[union-attr]
        (one,) = (await caller.client.read_resource(f"conduct://tasks/{task}")).contents
        assert json.loads(one.text) == await caller.ok("get_full_state", task_id=task)  # type: ignore[union-attr]
        with pytest.raises(Exception, match="no task 'nobody'"):
            await caller.client.read_resource("conduct://tasks/nobody")

    play(sandbox, story, mode=mode)


def test_the_documentation_has_every_tool_and_no_other() -> None:
    text = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)", text, re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


def test_only_this_door_imports_the_sdk() -> None:
    sdk = re.compile(r"^\s*(?:from|import) (?:mcp|pydantic)\b", re.MULTILINE)
    packages = (path for name in ("conductor", "projections", "replay") for path in (ROOT / name).rglob("*.py"))
    found = {path.relative_to(ROOT).parts[:3] for path in packages if sdk.search(path.read_text(encoding="utf-8"))}
    assert found == {("conductor", "doors", "mcp")}
