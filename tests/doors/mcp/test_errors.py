"""What cannot be done is told so that a model can go on: what is wrong, allowed, and next. The log is untouched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor.log import embedded
from tests.doors.cli import damages
from tests.doors.mcp.client import Caller, User, play
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox

HUGE = 10_000_000


def test_errors_say_what_to_do_and_leave_the_log_alone(sandbox: Sandbox) -> None:
    stories.pair(sandbox)

    async def story(caller: Caller) -> None:
        state = await caller.start()
        task, due = state["task_id"], state["due"][0]["report"]["arguments"]
        before = sandbox.state(task).version

        async def refused(tool: str, *parts: str, **arguments: Any) -> None:
            said = await caller.refused(tool, **arguments)
            assert all(part in said for part in parts), said
            assert len(said) < 5_000

        work = {**due, "verdict": "PASS", "summary": "done"}
        await refused("get_full_state", "no task 'nobody'", "list_tasks", task_id="nobody")
        await refused("get_full_state", "allowed: task_id", "next: correct", task_id=7)
        await refused("get_full_state", "task_id: Field required")
        await refused("get_full_state", "does not take taskid", "allowed: task_id", taskid=task)
        await refused("get_task_state", "does not take verbose", task_id=task, verbose=True)
        await refused("no_such_tool", "start_task")
        await refused("validate_phase", "no phase '9'", "1 (One), 2 (Two)", task_id=task, phase="9")
        await refused("get_briefing", "no phase '9'", task_id=task, phase="9")
        await refused("get_briefing", "no module 'x'", task_id=task, phase="2", module="x")
        await refused("agent_reported", "no phase '9'", **{**work, "phase": "9"})
        await refused("agent_reported", "verdict: Input should be", **{**work, "verdict": "GREAT"})
        await refused("agent_reported", "no work by", "module one", **{**work, "phase": "2", "module": "left"})
        await refused("agent_reported", "200000 characters", **{**work, "summary": "x" * HUGE})
        await refused("mark_phase_complete", "next", task_id=task, phase_name="Two")
        await refused("create_worktree", "no module '../../x'", task_id=task, name="../../x")
        await refused("merge_worktrees", "nothing to merge", "agent_reported", task_id=task)
        await refused("complete_task", "not completed", task_id=task)
        await refused("ask_user", "q9", "open: none", task_id=task, question_id="q9")
        await refused("emit_event", "observation", task_id=task, type="check.observed", data={})
        await refused("emit_event", "team.deployed", task_id=task, type="deployed", data={})
        await refused("record_finding", "one of finding and correction", task_id=task)
        await refused("rollback_to_checkpoint", "greater than or equal", task_id=task, checkpoint_id=-1)
        await refused("resume_task", "while task", task_id=task)
        for role in ("implementation-executor", "fix-executor", "synthesis-architect", "code-reviewer"):
            early = await caller.ok("get_briefing", task_id=task, phase="2", module="left", role=role)
            assert early["working_directory"] == ""
        assert (await caller.ok("get_briefing", task_id=task, phase="final"))["role"] == "code-reviewer"
        assert sandbox.state(task).version == before
        assert sandbox.app().store.tasks() == [task]

    play(sandbox, story)


def test_a_directory_that_cannot_be_built_in_is_refused(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    outside, lonely = sandbox.root / "outside", sandbox.root / "lonely"
    (lonely / ".prelude").mkdir(parents=True)
    (lonely / ".prelude" / "READY.md").write_text((sandbox.repo / ".prelude" / "READY.md").read_text())
    outside.mkdir()

    async def story(caller: Caller) -> None:
        for folder, part in (
            ("project", "not an absolute path"),
            (str(sandbox.root / "nowhere"), "not a folder"),
            (str(outside), "READY.md"),
            (str(lonely), "repository"),
            ("/\0", "not a folder"),
        ):
            said = await caller.refused("start_task", description="x", working_directory=folder)
            assert part in said and "next:" in said, said
        assert sandbox.app().store.tasks() == []

    play(sandbox, story)


def test_a_second_task_of_a_specification_is_refused(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        task = (await caller.start())["task_id"]
        said = await caller.refused("start_task", description="again", working_directory=str(sandbox.repo))
        assert task in said and "builds this specification" in said
        found = await caller.ok("list_tasks", working_directory=str(sandbox.repo))
        assert [row["task_id"] for row in found["tasks"]] == [task]

    play(sandbox, story)


def test_nothing_is_taken_after_the_end(sandbox: Sandbox) -> None:
    stories.single(sandbox, "review = false\n")

    async def story(caller: Caller) -> None:
        state = await caller.start()
        task = state["task_id"]
        came = await caller.work(state["due"][0], write={"one.txt": "one\n"})
        assert came["status"] == "completed", came
        before = sandbox.state(task).version
        said = {**state["due"][0]["report"]["arguments"], "verdict": "PASS", "summary": "done"}
        assert "completed" in await caller.refused("agent_reported", **said)
        assert "completed" in await caller.refused("pause_task", task_id=task)
        assert "completed" in await caller.refused("fail_task", task_id=task, reason="no")
        assert sandbox.state(task).version == before

    play(sandbox, story)


def test_the_embedded_server_may_be_stopped_beside_the_client(sandbox: Sandbox) -> None:
    """At the latest the call after the one that failed starts it again."""
    stories.single(sandbox)
    sandbox.environ.pop("CONDUCT_REDIS_URL")

    async def story(caller: Caller) -> None:
        begun = await caller.ok("start_task", description="x", working_directory=str(sandbox.repo))
        assert sandbox.conduct("server", "stop").returncode == 0
        said = await caller.raw("get_task_state", task_id=begun["task_id"])
        if said.is_error:
            assert "next: what was recorded is safe" in said.content[0].text  # type: ignore[union-attr]
        state = await caller.ok("get_task_state", task_id=begun["task_id"])
        assert state["questions"] == begun["questions"]

    try:
        play(sandbox, story, User(None))
    finally:
        sandbox.conduct("server", "stop")


def test_a_server_of_the_users_own_that_is_gone(make_sandbox: Callable[..., Sandbox]) -> None:
    box = make_sandbox()
    stories.single(box)
    home = Path(tempfile.mkdtemp(prefix="cdt-"))  # short: the path of a unix socket has few bytes
    box.environ["CONDUCT_REDIS_URL"] = embedded.ensure_running(home)

    async def story(caller: Caller) -> None:
        begun = await caller.ok("start_task", description="x", working_directory=str(box.repo))
        embedded.stop(home)
        for tool, arguments in (
            ("get_task_state", {"task_id": begun["task_id"]}),
            ("record_finding", {"task_id": begun["task_id"], "finding": {"kind": "gotcha", "title": "x"}}),
            ("list_tasks", {}),
        ):
            said = await caller.refused(tool, **arguments)
            assert "next: what was recorded is safe" in said, said
        embedded.ensure_running(home)
        assert (await caller.ok("get_task_state", task_id=begun["task_id"]))["questions"] == begun["questions"]

    try:
        play(box, story, User(None))
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("damage", [damages.unreadable, damages.cut_off])
def test_a_damaged_record_is_named(sandbox: Sandbox, damage: damages.Kind) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        task = (await caller.start())["task_id"]
        damage(sandbox.app().store, task)
        assert f"`conduct verify {task}` says more" in await caller.refused("get_full_state", task_id=task)
        note = {"kind": "gotcha", "title": "x"}
        assert f"`conduct verify {task}` says" in await caller.refused("record_finding", task_id=task, finding=note)
        assert "tasks" in await caller.ok("list_tasks")

    play(sandbox, story)
