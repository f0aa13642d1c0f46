"""`conduct` is killed at each turn of a live agent and continued: no call is done twice, and the end is the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

import pytest

from conductor.agents.notices import RECREATED
from conductor.events import AgentReported, AgentRequested
from tests.support.messages_server.answers import Answer, Asked, Silence, call, calls
from tests.support.messages_server.player import player
from tests.support.messages_server.server import MessagesServer
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import left_running, verified
from tests.support.runs.writing import Module, Phase, agent, bash, create, turn


def story(box: Sandbox) -> None:
    """An agent of three turns with calls of every kind, each noted when it is executed, and a last one to report."""
    turns = [
        turn(create("one.txt", "one\n"), bash(box.note("1"))),
        turn(bash(f"{box.note('2')}; echo two >> one.txt"), {"tool": "view", "path": "one.txt"}),
        turn({"tool": "replace", "path": "one.txt", "old": "two", "new": "three"}, bash(box.note("3"))),
        turn(report="PASS"),
    ]
    phases = [Phase("One", (Module("one"),), files=("one.txt",), commands=("grep -q three one.txt",))]
    box.begin("Dies", phases, [agent(*turns, phase="1")], QUICK + "review = false\n")


@pytest.mark.parametrize("turn", range(4))
def test_killed_while_its_model_is_asked_for_a_turn(sandbox: Sandbox, turn: int) -> None:
    story(sandbox)
    play = player(sandbox.script)
    running: list[subprocess.Popen[str]] = []

    def brain(asked: Asked) -> Answer:
        if asked.turn == turn and len(running) == 1:
            os.kill(running[0].pid, signal.SIGKILL)
            running.append(running[0])
            return Silence(hangs_up=True)
        return play(asked)

    with MessagesServer(brain) as server:
        sandbox.environ |= server.environ
        process = sandbox.start("run", "--yes")
        running.append(process)
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
        done = sandbox.conduct("continue")

    assert done.returncode == 0, done.stdout + done.stderr
    (task,) = sandbox.app().store.tasks()
    state = sandbox.state(task)
    assert state.status == "completed" and sandbox.read(state, "one.txt") == "one\nthree\n"
    assert sandbox.noted() == ["1", "2", "3"]
    assert len(sandbox.bodies(task, AgentRequested)) == len(sandbox.bodies(task, AgentReported)) == 1
    assert [asked.turn for asked in server.asked] == sorted([*range(4), turn]), "only that turn is asked for again"
    assert verified(sandbox, task) == [] and left_running(sandbox.home) == []


def test_killed_and_its_worktree_removed_it_is_told_and_finds_what_earlier_turns_wrote(sandbox: Sandbox) -> None:
    story(sandbox)
    play = player(sandbox.script)
    running: list[subprocess.Popen[str]] = []

    def brain(asked: Asked) -> Answer:
        if len(running) == 1 and asked.turn == 3:
            os.kill(running[0].pid, signal.SIGKILL)
            running.append(running[0])
            return Silence(hangs_up=True)
        if asked.turn == 3:
            assert RECREATED in asked.texts()
            return calls(call("bash", command="grep -qx two one.txt && sed -i s/two/three/ one.txt"))
        return calls(call("report", status="PASS", summary="Done.")) if asked.turn > 3 else play(asked)

    with MessagesServer(brain) as server:
        sandbox.environ |= server.environ
        process = sandbox.start("run", "--yes")
        running.append(process)
        process.communicate(timeout=120)
        shutil.rmtree(sandbox.home / "worktrees")
        done = sandbox.conduct("continue")

    assert done.returncode == 0, done.stdout + done.stderr
    (task,) = sandbox.app().store.tasks()
    state = sandbox.state(task)
    assert state.status == "completed" and sandbox.read(state, "one.txt") == "one\nthree\n"
    assert len(sandbox.bodies(task, AgentReported)) == 1, "no fixer was needed"
    assert verified(sandbox, task) == []
