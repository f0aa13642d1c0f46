"""The toolbox: what each role is offered, wrong calls, and bash."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from conductor.agents.roles.role import ROLES, role
from conductor.agents.tools.shell import OUTPUT
from conductor.process.identity import started
from tests.support.agents.stage import call, toolbox


def test_definitions_are_json_schemas_of_the_role_s_tools(worktree: Path) -> None:
    definitions = toolbox(worktree).definitions()

    assert [d["name"] for d in definitions] == ["view", "create", "replace", "insert", "bash", "report"]
    for definition in definitions:
        assert definition["description"]
        assert definition["input_schema"]["type"] == "object"
    json.dumps(definitions)
    report = definitions[-1]["input_schema"]
    assert report["required"] == ["status", "summary"]
    assert report["properties"]["gotchas"]["items"] == {"$ref": "#/$defs/Noted"}
    assert "evidence" in report["$defs"]["Noted"]["properties"]


def test_a_read_only_role_cannot_write_files(worktree: Path) -> None:
    tools = toolbox(worktree, "code-reviewer")

    assert [d["name"] for d in tools.definitions()] == ["view", "bash", "report"]
    result = call(tools, "create", path="a.py", text="x")
    assert result.error
    assert "'create' is not a tool of code-reviewer; it has view, bash, report" in result.text
    assert not (worktree / "a.py").exists()
    assert [name for name in ROLES if role(name).read_only] == ["code-reviewer"]


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("delete", {"path": "a"}, "'delete' is not a tool"),
        ("create", {"path": "a"}, "`text`"),
        ("create", {"path": 1, "text": "x"}, "$.path"),
        ("create", {"path": "a", "text": "x", "mode": "w"}, "`mode`"),
        ("bash", "rm -rf", "arguments of bash are wrong"),
        ("view", None, "arguments of view are wrong"),
        ("report", {"status": "DONE", "summary": "x"}, "$.status"),
        ("report", "{not json", "cannot be read"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(worktree: Path, name: str, arguments: object, says: str) -> None:
    result = asyncio.run(toolbox(worktree).call(name, arguments))

    assert result.error
    assert says in result.text


def test_a_report_can_be_mended(worktree: Path) -> None:
    tools = toolbox(worktree)

    assert call(tools, "report", status="PASS").error
    assert not call(tools, "report", status="PASS", summary="Done.").error


def test_bash_runs_in_the_worktree_and_tells_the_exit_code(worktree: Path) -> None:
    tools = toolbox(worktree)

    assert call(tools, "bash", command="pwd -P").text == f"{worktree.resolve()}\n[exit code 0]"
    failed = call(tools, "bash", command="echo out; echo err >&2; exit 3")
    assert failed.error
    assert failed.text == "out\nerr\n[exit code 3]"


def test_bash_sees_no_secrets(worktree: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "ANTHROPIC_API_KEY": "sk-hidden-1",
        "GITHUB_TOKEN": "hidden-2",
        "DB_PASSWORD": "hidden-3",
        "CONDUCT_REDIS_URL": "redis://:hidden-4@localhost/0",
        "HTTPS_PROXY": "http://user:hidden-5@proxy/",
        "SOMETHING_ELSE": "hidden-6",
    }

    result = call(toolbox(worktree, environ=environ), "bash", command="env; cat /proc/self/environ 2>/dev/null")

    assert not result.error
    assert "PATH=" in result.text
    assert "hidden-" not in result.text


def test_bash_output_is_limited(worktree: Path) -> None:
    result = call(toolbox(worktree), "bash", command="echo first; yes | head -c 5000000; echo last")

    assert len(result.text) < OUTPUT + 200
    assert result.text.startswith("first\n")
    assert "bytes cut" in result.text
    assert result.text.endswith("last\n[exit code 0]")


def test_bash_output_is_text_whatever_was_written(worktree: Path) -> None:
    result = call(toolbox(worktree), "bash", command=r"printf '\033[31mred\033[0m\r\n\000\377\033]0;title\007end'")

    assert result.text == "red\n\ufffd]0;titleend\n[exit code 0]"


def test_bash_has_a_time_limit(worktree: Path) -> None:
    result = call(toolbox(worktree, timeout=0.3), "bash", command="echo begun; sleep 60")

    assert result.error
    assert result.text == "begun\n[ended after 0.3 s]"


def test_bash_leaves_nothing_running(worktree: Path) -> None:
    result = call(toolbox(worktree), "bash", command="sleep 60 & echo $!")

    pid = int(result.text.splitlines()[0])
    assert started(pid) is None


def test_bash_in_a_worktree_that_is_gone_is_an_error(worktree: Path) -> None:
    tools = toolbox(worktree)
    call(tools, "bash", command='rm -rf "$PWD"')

    assert call(tools, "bash", command="pwd").error
    assert call(tools, "view", path=".").error
