"""What a person approves in one subtask reaches those that are at work beside it, and each of them once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from conductor.agents.notices import RULED
from conductor.agents.roles.role import role
from conductor.core.state import TaskState
from conductor.events import (
    AmendmentReceived,
    QuestionAnswered,
    SpecAmended,
    SubtaskAmended,
    SubtaskEnded,
    SubtaskTold,
    SubtaskWaits,
)
from tests.e2e.subtasks.test_subtasks import ALWAYS, GOOD, children, diamond, sound
from tests.support.messages_server.player import player
from tests.support.messages_server.server import MessagesServer
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.witness import Checkout
from tests.support.runs.writing import REVIEWER, Module, Phase, agent, bash, create, turn, work

FOUND = {
    "original": "Left is built",
    "reality": "Left is built of stone",
    "evidence": "the manual, page 3",
    "why_fact": "it was read",
    "impact": "core",
}


def begun(box: Sandbox) -> Checkout:
    """Left says what it found at its end; Right is at work until somebody makes the file `go`."""
    who = {"role": "implementation-executor"}
    report = {"status": "PASS", "summary": "Done.", "corrections": [FOUND]}
    waiting = f'{box.note("here")}; while [ ! -e "$HOME/go" ]; do sleep 0.02; done'
    left = agent(turn(GOOD["Left"], report=report), **who, phase="2", attempt=1)
    right = agent(turn(bash(waiting)), turn(GOOD["Right"]), turn(report="PASS"), **who, phase="3")
    return diamond(box, left, right)


def approve(box: Sandbox, task: str) -> None:
    box.app().submit(f"{task}.2", QuestionAnswered("q1", "approve"), actor=PERSON)


def wait_for(run: Callable[[], object], there: Callable[[], object]) -> None:
    """Until it is there; `run` says by what it has ended, if it has."""
    until = time.monotonic() + 60
    while not there():
        assert run() is None and time.monotonic() < until, run()
        time.sleep(0.05)


async def approved_meanwhile(box: Sandbox, task: str) -> TaskState:
    """Driven; a person approves what Left found while Right's first command runs, and it ends when Right has it."""
    run = asyncio.create_task(box.driven(task, box.app()))

    async def until(there: Callable[[], object]) -> None:
        while not there():
            assert not run.done(), run.result().status
            await asyncio.sleep(0.05)

    await until(lambda: box.noted() and box.bodies(task, SubtaskWaits))
    approve(box, task)
    await until(lambda: box.bodies(f"{task}.3", AmendmentReceived))
    (box.root / "go").touch()
    return await run


def test_an_agent_at_work_in_another_subtask_is_told_at_its_next_turn(sandbox: Sandbox) -> None:
    before = begun(sandbox)
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        task = sandbox.create(agent="anthropic")
        state = asyncio.run(approved_meanwhile(sandbox, task))
    assert state.status == "completed", state.questions
    assert told(server) == [0, 1, 1]
    once(sandbox, state)
    sound(sandbox, state, before)


def test_killed_when_the_word_is_there_and_not_known_to_be(sandbox: Sandbox) -> None:
    """The next process passes it on once more, which adds nothing, and the agent at work is told once."""
    before = begun(sandbox)
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        task = sandbox.create(agent="anthropic")
        dies = [sys.executable, "-P", "-m", "tests.e2e.subtasks.dies", task, "subtask.told"]
        process = subprocess.Popen(dies, env=sandbox.environ, cwd=sandbox.repo)
        wait_for(process.poll, lambda: sandbox.noted() and sandbox.bodies(task, SubtaskWaits))
        approve(sandbox, task)
        assert process.wait(60) == -signal.SIGKILL
        assert sandbox.bodies(f"{task}.3", AmendmentReceived) and not sandbox.bodies(task, SubtaskTold)
        (sandbox.root / "go").touch()
        continued = sandbox.conduct("continue", task)
    assert f"{task}.3 receives " in continued.stdout
    state = sandbox.state(task)
    assert state.status == "completed", state.questions
    assert told(server) == [0, 1, 1]
    once(sandbox, state)
    sound(sandbox, state, before)


def test_it_is_heard_while_the_subtask_in_which_it_was_approved_is_at_work_itself(sandbox: Sandbox) -> None:
    """Another agent works on there, and the other subtask's does: that takes every place that effects may have."""
    waiting = f'{sandbox.note("here")}; while [ ! -e "$HOME/go" ]; do sleep 0.02; done; echo'
    modules = [Module("a", ("a.txt",)), Module("b", ("b.txt",)), Module("c", ("c.txt",), needs=("a", "b"))]
    phases = [
        Phase("Left", tuple(modules), needs=()),
        Phase("Right", (Module("d"),), files=("d.txt",), needs=()),
        Phase("Top", (Module("e"),), files=("e.txt",), needs=(1, 2)),
    ]
    report = {"status": "PASS", "summary": "Done.", "corrections": [{**FOUND, "original": "a is built"}]}
    agents = [
        agent(turn(create("a.txt", "a\n"), report=report), module="a", attempt=1),
        *(agent(turn(bash(f"{waiting} {name} > {name}.txt"), report="PASS"), module=name) for name in "bd"),
        work(create("c.txt", "c\n"), phase="1", module="c"),
        work(create("e.txt", "e\n"), phase="3"),
        REVIEWER,
    ]
    sandbox.begin("Abreast", phases, agents, ALWAYS + "parallel = 2\n")
    task = sandbox.create()

    async def story() -> TaskState:
        run = asyncio.create_task(sandbox.driven(task, sandbox.app()))

        async def until(there: Callable[[], object]) -> None:
            while not there():
                assert not run.done(), run.result().status
                await asyncio.sleep(0.05)

        await until(lambda: len(sandbox.noted()) == 2 and sandbox.state(f"{task}.1").questions)
        sandbox.answer(sandbox.state(f"{task}.1"), "approve")
        await until(lambda: sandbox.bodies(f"{task}.2", AmendmentReceived))
        assert not sandbox.bodies(task, SubtaskWaits, SubtaskEnded)
        (sandbox.root / "go").touch()
        return await run

    before = Checkout(sandbox.repo)
    state = asyncio.run(story())
    assert state.status == "completed", state.questions
    assert [b.amendment.approved_by for b in sandbox.bodies(task, SpecAmended)] == ["Left q1"]
    sound(sandbox, state, before)


def told(server: MessagesServer) -> list[int]:
    """How often each turn of the agent that builds Right was asked for with it, the last time that it was."""
    builder = role("implementation-executor").prompt
    asked = [a for a in server.asked if a.body["system"][0]["text"] == builder and "## Phase 3: Right" in a.texts()[0]]
    turns = {a.turn: sum(words.startswith(RULED) for words in a.texts()) for a in asked}
    return [turns[turn] for turn in sorted(turns)]


def once(box: Sandbox, state: TaskState) -> None:
    """The whole was amended once; each other subtask has it once, from its beginning or by one event."""
    task = state.id
    (amended,) = box.bodies(task, SpecAmended)
    assert amended.amendment.new == FOUND["reality"] and amended.amendment.approved_by == "Left q1"
    assert len(box.bodies(task, SubtaskAmended)) == 1
    built = children(box, state)
    assert {name: len(child.amendments) for name, child in built.items()} == {
        "Core": 0,
        "Left": 1,
        "Right": 1,
        "Top": 1,
    }
    heard = {name: len(box.bodies(child.id, AmendmentReceived)) for name, child in built.items()}
    assert heard == {"Core": 0, "Left": 0, "Right": 1, "Top": 0}
    own = [b.amendments for b in box.bodies(task, SubtaskEnded)]
    assert sum(map(len, own)) == 1, "only where it was approved is it reported from"
    (outcome,) = box.bodies(task, SubtaskTold)
    (event,) = [e for e in box.app().store.read(built["Right"].id) if isinstance(e.body, AmendmentReceived)]
    assert (outcome.subtask, outcome.version) == (built["Right"].id, event.version)
    assert "- Left is built of stone" in (box.read(state, ".prelude/READY.md") or "")
    assert (box.read(state, ".prelude/DISCOVERIES.md") or "").count("#### Left is built") == 1
