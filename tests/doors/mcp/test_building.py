"""A task built by tool calls only: a phase of one module, then a parallel one, to its end."""

from __future__ import annotations

from typing import Any

from conductor.core.state import TaskState
from conductor.events import AgentRequested, CollectCompleted, PhaseCompleted, WorkReported
from tests.doors.mcp.client import FIX, IMPLEMENT, REVIEW, Caller, play
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import Checkout, verified


def who(due: list[dict[str, Any]]) -> list[tuple[str, str | None, str | None]]:
    return [(row["role"], row["phase"], row["module"]) for row in due]


async def phase_one(caller: Caller) -> dict[str, Any]:
    """The pair's first phase, done; what is due then."""
    state = await caller.start()
    return await caller.work(state["due"][0], write={"one.txt": "one\n"})


def test_a_client_builds_a_task_to_its_end(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    before, built = Checkout(sandbox.repo), []

    async def story(caller: Caller) -> None:
        state = await caller.start()
        task = state["task_id"]
        built.append(task)
        assert state["description"] == "Build it" and state["status"] == "running"
        assert who(state["due"]) == [(IMPLEMENT, "1", "one")]
        briefing = await caller.ok("get_briefing", **state["due"][0]["briefing"]["arguments"])
        assert "One is built" in briefing["briefing"] and briefing["working_directory"] == state["working_directory"]
        came = await caller.work(state["due"][0], write={"one.txt": "one\n"}, files=["one.txt", "never.txt"])
        assert came["files_missing"] == ["never.txt"]
        assert {check["status"] for check in came["checks"]} <= {"passed", "not_applicable"}
        assert who(came["due"]) == [(IMPLEMENT, "2", "left"), (IMPLEMENT, "2", "right")]
        assert "in one message" in came["next"]
        marked = await caller.ok("mark_phase_complete", task_id=task, phase_name="One", checkpoint_id=1)
        assert marked["phase_num"] == "1" and marked["sha"]
        saved = await caller.ok("save_phase_result", task_id=task, phase_num="1", phase_name="One")
        assert saved["result"]["files_created"] == ["one.txt"] and saved["result"]["tests_passing"]
        left, right = came["due"]
        trees = await caller.ok("list_worktrees", task_id=task)
        assert [row["name"] for row in trees["worktrees"]] == ["", "left", "right"]
        assert (await caller.ok("create_worktree", task_id=task, name="left"))["path"] == left["working_directory"]
        await caller.work(left, write={"left.txt": "left\n"})
        came = await caller.work(right, write={"right.txt": "right\n"})
        assert who(came["due"]) == [(REVIEW, "2", None)]
        assert (await caller.ok("merge_worktrees", task_id=task))["merged"] == ["left", "right"]
        came = await caller.work(came["due"][0])
        assert who(came["due"]) == [(REVIEW, None, None)]
        came = await caller.work(came["due"][0])
        assert came["status"] == "completed"
        ended = await caller.ok("complete_task", task_id=task)
        assert ended["phases_complete"] == ["1", "2"] and ended["merged_into"] == ""
        full = await caller.ok("get_full_state", task_id=task)
        assert list(full["phase_results"]) == ["1", "2"] and full["current_phase"] is None
        assert [point["checkpoint_id"] for point in full["checkpoints"]] == [0, 1, 2, 3]

    play(sandbox, story)
    (task,) = built
    assert sandbox.read(sandbox.state(task), "left.txt") == "left\n"
    assert len(sandbox.bodies(task, CollectCompleted)) == 3
    assert sandbox.bodies(task, AgentRequested) == []
    assert before.differs() == []
    assert verified(sandbox, task) == []
    reports = [e for e in sandbox.app().store.read(task) if isinstance(e.body, WorkReported)]
    assert {e.envelope.actor for e in reports} == {"client:claude-code"}


def test_a_false_pass_completes_nothing(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        state = await caller.start()
        task = state["task_id"]
        early = await caller.refused("mark_phase_complete", task_id=task, phase_name="1")
        assert "has not passed" in early and "agent_reported" in early
        assert "cannot be validated yet" in await caller.refused("validate_phase", task_id=task)
        came = await caller.work(state["due"][0])  # nothing was written
        assert who(came["due"]) == [(FIX, "1", None)] and came["due"][0]["because"]
        failed = [check for check in came["checks"] if check["status"] == "failed"]
        assert failed and all(check["suggestion"] for check in failed)
        seen = await caller.ok("validate_phase", task_id=task)
        assert not seen["passed"]
        assert "has not passed" in await caller.refused("mark_phase_complete", task_id=task, phase_name="1")
        assert "not proven" in await caller.refused("create_checkpoint", task_id=task, phase="1")
        assert "no result" in await caller.refused("save_phase_result", task_id=task, phase_num="1", phase_name="One")
        assert "not completed" in await caller.refused("complete_task", task_id=task)
        assert sandbox.bodies(task, PhaseCompleted) == []
        await caller.work(came["due"][0], write={"one.txt": "one\n"})
        assert (await caller.ok("validate_phase", task_id=task, phase="One"))["passed"]
        assert (await caller.ok("create_checkpoint", task_id=task, phase="1"))["checkpoint_id"] == 1

    play(sandbox, story)


def test_a_client_is_told_what_goes_on(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    told: list[tuple[float, str]] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))

    async def story(caller: Caller) -> None:
        report = (await caller.start())["due"][0]["report"]["arguments"]
        said = {**report, "verdict": "FAIL", "summary": "no"}
        await caller.client.call_tool("agent_reported", said, progress_callback=tell)

    play(sandbox, story)
    assert [number for number, _ in told] == sorted(number for number, _ in told)
    assert any("check files" in message for _, message in told)


def test_the_same_call_again_is_one_event(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        folder = str(sandbox.repo)
        first = await caller.ok("start_task", key="toolu_start", description="x", working_directory=folder)
        again = await caller.ok("start_task", key="toolu_start", description="x", working_directory=folder)
        assert again["task_id"] == first["task_id"]
        assert version(sandbox, first["task_id"]) == version(sandbox, again["task_id"])
        state = await caller.approved(first["task_id"])
        said = {**state["due"][0]["report"]["arguments"], "verdict": "PASS", "summary": "done"}
        assert not (await caller.ok("agent_reported", key="toolu_same", **said))["repeated"]
        before = version(sandbox, first["task_id"])
        assert (await caller.ok("agent_reported", key="toolu_same", **said))["repeated"]
        assert version(sandbox, first["task_id"]) == before
        assert len(sandbox.bodies(first["task_id"], WorkReported)) == 1
        other = await caller.refused("agent_reported", key="toolu_same", **{**said, "summary": "another"})
        assert "other content" in other

    play(sandbox, story)


def version(box: Sandbox, task: str) -> int:
    state: TaskState = box.state(task)
    return state.version
