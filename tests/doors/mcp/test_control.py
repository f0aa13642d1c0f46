"""A client pauses, rolls back, asks and records; and an interrupted session costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from conductor.events import (
    CollectCompleted,
    EffectReleased,
    EffectStarted,
    FindingReported,
    QuestionAnswered,
    RollbackAsked,
    TaskStarted,
    WorkReported,
)
from tests.doors.mcp.client import FIX, IMPLEMENT, Caller, User, connected, play
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import verified
from tests.support.runs.writing import Module, Phase

FACT = {"original": "One is built", "reality": "One is two", "why_fact": "it was read"}


async def phase_one(caller: Caller) -> dict[str, Any]:
    """The pair's first phase, done."""
    state = await caller.start()
    return await caller.work(state["due"][0], write={"one.txt": "one\n"})


def test_a_rollback_returns_tree_and_state(sandbox: Sandbox) -> None:
    stories.pair(sandbox)

    async def story(caller: Caller) -> None:
        task = (await phase_one(caller))["task_id"]
        points = (await caller.ok("list_checkpoints", task_id=task))["checkpoints"]
        assert [(p["checkpoint_id"], p["phase"]) for p in points] == [(0, None), (1, "1")]
        assert "no checkpoint 7" in await caller.refused("rollback_to_checkpoint", task_id=task, checkpoint_id=7)
        assert (await caller.ok("get_task_state", task_id=task))["status"] == "running"
        back = await caller.ok("rollback_to_checkpoint", key="toolu_back", task_id=task, checkpoint_id=0, reason="anew")
        again = await caller.ok(
            "rollback_to_checkpoint", key="toolu_back", task_id=task, checkpoint_id=0, reason="anew"
        )
        assert back["sha"] == again["sha"] == points[0]["sha"] and back["status"] == "paused"
        assert len(sandbox.bodies(task, RollbackAsked)) == 1
        assert "resume_task" in back["next"]
        resumed = await caller.ok("resume_task", task_id=task)
        assert [(d["role"], d["phase"]) for d in resumed["due"]] == [(IMPLEMENT, "1")]
        assert not (Path(resumed["due"][0]["working_directory"]) / "one.txt").exists()
        assert verified(sandbox, task) == []

    play(sandbox, story)


def test_a_paused_task_takes_no_work(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        state = await caller.start()
        task, due = state["task_id"], state["due"][0]
        paused = await caller.ok("pause_task", task_id=task, reason="lunch")
        assert paused["status"] == "paused" and paused["due"] == []
        said = {**due["report"]["arguments"], "verdict": "PASS", "summary": "done"}
        refused = await caller.refused("agent_reported", **said)
        assert "paused" in refused and "next: next_step" in refused
        assert (await caller.ok("resume_task", task_id=task))["due"] == state["due"]

    play(sandbox, story)


def test_an_interrupted_session_is_gone_on_with(sandbox: Sandbox) -> None:
    """The report is recorded and nothing else: another server does the rest, and says what comes next."""
    stories.pair(sandbox)

    async def run() -> None:
        async with connected(sandbox, User("approve")) as first:
            state = await first.start()
            task, due = state["task_id"], state["due"][0]
        (Path(due["working_directory"]) / "one.txt").write_text("one\n")
        body = WorkReported(due["role"], due["phase"], due["module"], "PASS", "done")
        sandbox.app().submit(task, body, actor="client:claude-code")
        async with connected(sandbox) as second:
            full = await second.ok("get_full_state", task_id=task)
            assert full["description"] == "Build it" and full["due"] == [] and "next_step" in full["next"]
            came = await second.ok("next_step", task_id=task)
            assert [(d["phase"], d["module"]) for d in came["due"]] == [("2", "left"), ("2", "right")]
            assert (await second.ok("get_full_state", task_id=task))["phases_complete"] == ["1"]

    asyncio.run(asyncio.wait_for(run(), 120))


def test_two_sessions_of_one_task_do_nothing_twice(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def run() -> None:
        async with connected(sandbox, User("approve")) as first, connected(sandbox) as second:
            state = await first.start()
            task, due = state["task_id"], state["due"]
            assert (await second.ok("next_step", task_id=task))["due"] == due
            (Path(due[0]["working_directory"]) / "one.txt").write_text("one\n")
            said = {**due[0]["report"]["arguments"], "verdict": "PASS", "summary": "done"}
            both = await asyncio.gather(first.raw("agent_reported", **said), second.raw("agent_reported", **said))
            assert sorted(bool(result.is_error) for result in both) == [False, True]
            assert len(sandbox.bodies(task, WorkReported)) == 1
            assert [b for b in sandbox.bodies(task, EffectStarted) if b.takes_over] == []
            assert verified(sandbox, task) == []

    asyncio.run(asyncio.wait_for(run(), 120))


def waits(sandbox: Sandbox) -> tuple[Path, Path]:
    """A phase whose check begins with the first file and ends with the second."""
    began, go = sandbox.root / "began", sandbox.root / "go"
    waiting = f"touch {began}; while [ ! -e {go} ]; do sleep 0.05; done"
    phases = [Phase("One", (Module("one"),), files=("one.txt",), commands=(waiting,))]
    sandbox.begin("Waits", phases, [], stories.QUICK)
    return began, go


def test_a_cancelled_call_gives_its_work_back(sandbox: Sandbox) -> None:
    began, go = waits(sandbox)

    async def story(caller: Caller) -> None:
        state = await caller.start()
        due, task = state["due"][0], state["task_id"]
        (Path(due["working_directory"]) / "one.txt").write_text("one\n")
        said = {**due["report"]["arguments"], "verdict": "PASS", "summary": "done"}
        report = asyncio.ensure_future(caller.client.call_tool("agent_reported", said))
        while not began.exists():
            await asyncio.sleep(0.05)
        report.cancel()
        while not sandbox.bodies(task, EffectReleased):
            await asyncio.sleep(0.05)
        go.touch()
        came = await caller.ok("next_step", task_id=task)
        assert [(d["role"], d["phase"]) for d in came["due"]] == [("code-reviewer", None)]
        assert len(sandbox.bodies(task, WorkReported)) == 1

    play(sandbox, story)


def test_a_server_that_was_killed_in_the_middle_of_a_check_is_succeeded(sandbox: Sandbox) -> None:
    began, go = waits(sandbox)

    async def run() -> None:
        state: dict[str, Any] = {}
        with contextlib.suppress(Exception):  # whatever the client makes of a server that is gone
            async with connected(sandbox, User("approve")) as first:
                state |= await first.start()
                report = asyncio.ensure_future(first.work(state["due"][0], write={"one.txt": "one\n"}))
                while not began.exists():
                    await asyncio.sleep(0.05)
                os.kill(int((sandbox.root / "pid").read_text()), signal.SIGKILL)
                await asyncio.wait([report], timeout=10)
                report.cancel()
        go.touch()
        async with connected(sandbox) as second:
            came = await second.ok("next_step", task_id=state["task_id"])
            assert [(d["role"], d["phase"]) for d in came["due"]] == [("code-reviewer", None)]
            assert len(sandbox.bodies(state["task_id"], CollectCompleted)) == 1
            assert verified(sandbox, state["task_id"]) == []

    asyncio.run(asyncio.wait_for(run(), 120))


def test_parallel_reports_are_all_taken(sandbox: Sandbox) -> None:
    stories.pair(sandbox)

    async def story(caller: Caller) -> None:
        came = await phase_one(caller)
        work = [caller.work(d, write={f"{d['module']}.txt": "x\n"}) for d in came["due"]]
        await asyncio.gather(*work)
        state = await caller.ok("next_step", task_id=came["task_id"])
        assert [(d["role"], d["phase"]) for d in state["due"]] == [("code-reviewer", "2")]
        taken_over = [b for b in sandbox.bodies(came["task_id"], EffectStarted) if b.takes_over]
        assert taken_over == [], "one runner drives the task"
        assert verified(sandbox, came["task_id"]) == []

    play(sandbox, story)


def test_a_failed_phase_is_rolled_back_and_asked_about(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    user = User("approve")

    async def story(caller: Caller) -> None:
        came = await caller.work((await caller.start())["due"][0])
        task = came["task_id"]
        while came["due"]:
            assert came["due"][0]["role"] == FIX
            came = await caller.work(came["due"][0])
        assert came["status"] == "awaiting_answer" and came["questions"][0]["kind"] == "escalation"
        asked = came["questions"][0]["question_id"]
        assert f'ask_user(task_id="{task}", question_id="{asked}")' in came["next"]
        refused = await caller.refused(
            "emit_event", task_id=task, type="question.answered", data={"question": asked, "choice": "retry"}
        )
        assert "only the user" in refused
        user.choice = "retry"
        answered = await caller.ok("ask_user", task_id=task, question_id=asked)
        assert answered["choice"] == "retry" and answered["due"][0]["role"] == IMPLEMENT
        known = await caller.ok("get_answers", task_id=task)
        assert known["open"] == [] and [a["choice"] for a in known["answered"]] == ["approve", "retry"]

    play(sandbox, story, user)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_headless_client_leaves_the_question_open(sandbox: Sandbox, mode: str) -> None:
    stories.single(sandbox)
    user = User(None)

    async def story(caller: Caller) -> None:
        state = await caller.start()
        asked = state["questions"][0]
        put = await caller.ok("ask_user", task_id=state["task_id"], question_id=asked["question_id"])
        assert put["choice"] == "" and put["questions"] == [asked]
        assert asked["in_a_terminal"].startswith(f"conduct answer {state['task_id']} q1 ")
        assert sandbox.bodies(state["task_id"], QuestionAnswered) == []
        user.choice = "approve"
        put = await caller.ok("ask_user", task_id=state["task_id"], question_id=asked["question_id"])
        assert put["status"] == "running" and len(user.asked) == 3

    play(sandbox, story, user, mode)


def test_findings_are_recorded_and_corrections_ruled_on(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        state = await caller.start()
        task, due = state["task_id"], state["due"][0]
        note = {"kind": "gotcha", "title": "Two comes after one"}
        assert (await caller.ok("record_finding", task_id=task, finding=note))["recorded"]
        assert [b.finding.title for b in sandbox.bodies(task, FindingReported)] == ["Two comes after one"]
        briefing = await caller.ok("get_briefing", **due["briefing"]["arguments"])
        assert "Two comes after one" in briefing["briefing"]
        version = sandbox.state(task).version
        for change, ruling in (
            ({"evidence": "the manual, page 3"}, "allow"),
            ({"nature": "choice", "evidence": "the manual"}, "block"),
            ({"evidence": ""}, "block"),
            ({"evidence": "the manual, page 3", "impact": "core"}, "ask"),
            ({"nature": "unclear"}, "ask"),
            ({"evidence": "$ cat one.txt\none"}, "pending"),
        ):
            told = await caller.ok("record_finding", task_id=task, correction={**FACT, **change})
            assert (told["ruling"], told["recorded"]) == (ruling, False), change
        assert sandbox.state(task).version == version
        blocked = {**FACT, "nature": "choice", "evidence": "taste"}
        came = await caller.work(due, write={"one.txt": "one\n"}, corrections=[blocked])
        assert [c["ruling"] for c in came["corrections"]] == ["block"]

    play(sandbox, story)


def test_facts_go_in_and_events_come_out(sandbox: Sandbox) -> None:
    stories.single(sandbox)

    async def story(caller: Caller) -> None:
        task = (await caller.start())["task_id"]
        took = await caller.ok("emit_event", task_id=task, type="team.deployed", data={"to": "staging"})
        page = await caller.ok("get_events", task_id=task, limit=2)
        assert [e["version"] for e in page["events"]] == [1, 2]
        assert page["next"]["arguments"]["after_version"] == 2
        last = await caller.ok("get_events", task_id=task, after_version=took["version"] - 1)
        assert last["events"][0]["type"] == "team.deployed" and last["next"] is None
        ended = await caller.ok("fail_task", task_id=task, reason="the vendor's library does it")
        assert ended["status"] == "abandoned"

    play(sandbox, story)


def test_a_client_takes_over_from_conductor(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    task = sandbox.create()
    sandbox.app().submit(task, TaskStarted(), actor="person:ada")

    async def story(caller: Caller) -> None:
        state = await caller.ok("get_full_state", task_id=task)
        assert state["driver"] == "conductor" and state["due"] == [] and "driver.changed" in state["next"]
        before = sandbox.state(task).version
        assert (await caller.ok("next_step", task_id=task))["happened"] == []
        assert sandbox.state(task).version == before
        await caller.ok("pause_task", task_id=task)
        await caller.ok("emit_event", task_id=task, type="driver.changed", data={"driver": "assisted"})
        resumed = await caller.ok("resume_task", task_id=task)
        assert [d["role"] for d in resumed["due"]] == [IMPLEMENT]
        await caller.work(resumed["due"][0], write={"one.txt": "one\n"})
        assert (await caller.ok("get_full_state", task_id=task))["phases_complete"] == ["1"]

    play(sandbox, story)
