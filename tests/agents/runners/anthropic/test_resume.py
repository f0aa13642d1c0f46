"""A live attempt cut off anywhere goes on to the same end: nothing is done twice, nothing is left out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from conductor.agents.loop import INTERRUPTED, SKIPPED, WITHHELD
from conductor.events import AttemptResumed, ToolReturned, ToolStarted, TryStarted, TurnSaid
from tests.agents.runners.anthropic.story import Teller, check, story
from tests.agents.runners.scripted.test_resume import Killed, Mortal
from tests.support.agents.live_stage import bodies, kept, live
from tests.support.agents.stage import Stage
from tests.support.messages_server.answers import Asked, Silence, call, calls, in_turn, report
from tests.support.messages_server.server import MessagesServer
from tests.support.places import ROOT

STEPS = 26  # events of the whole story: started; 4 tries and turns; 14 of calls of turns 1 to 3; a report; ended
CALLS_BEGUN = [4, 6, 10, 12, 14, 18, 20]


def returned_once(stage: Stage) -> None:
    count = Counter((body.turn, body.call) for body in bodies(stage, ToolReturned))
    assert set(count.values()) == {1}


@pytest.mark.parametrize(
    ("dies", "recorded"), [*((n, False) for n in range(1, STEPS + 1)), *((n, True) for n in CALLS_BEGUN)]
)
def test_cut_off_at_any_step_the_end_is_the_same(stage: Stage, tmp_path: Path, dies: int, recorded: bool) -> None:
    witness = tmp_path / "witness"
    with MessagesServer(Teller(story(witness))) as server:
        with pytest.raises(Killed):
            live(stage, server, store=Mortal(stage.store, dies, recorded))
        if _in_a_write(stage):
            (stage.worktree / ".half.tmp").write_text("what a file tool leaves when it is killed")

        ended = live(stage, server)

        assert ended.verdict == "PASS"
        check(stage.worktree, witness)
        returned_once(stage)
        told = [kept(stage, b.result) for b in bodies(stage, ToolReturned)]
        assert ended.turns == 4 + told.count(INTERRUPTED)
        asked = len(server.asked)
        assert live(stage, server) == ended
        assert len(server.asked) == asked


def _in_a_write(stage: Stage) -> bool:
    events = stage.store.read(stage.transcript().stream)
    return bool(events) and isinstance(events[-1].body, ToolStarted) and bool(events[-1].body.tree)


def test_the_whole_story_has_as_many_steps_as_are_tried(stage: Stage, tmp_path: Path) -> None:
    with MessagesServer(Teller(story(tmp_path / "witness"))) as server:
        live(stage, server)

    journal = stage.journal()
    assert len(journal) == STEPS
    assert [n for n, kind in enumerate(journal, 1) if kind == "tool.started"] == CALLS_BEGUN
    trees = [bool(body.tree) for body in bodies(stage, ToolStarted)]
    assert trees == [True, False, False, True, False, True, True], "a command cannot be undone, a file tool can"


def test_an_interrupted_command_is_told_and_not_repeated(stage: Stage, tmp_path: Path) -> None:
    count = f"echo x >> {tmp_path / 'witness'}"
    with MessagesServer(in_turn(calls(call("bash", command=count)), report())) as server:
        with pytest.raises(Killed):
            live(stage, server, store=Mortal(stage.store, 5, False))  # it has run, its result was not recorded
        assert live(stage, server).verdict == "PASS"

    assert (tmp_path / "witness").read_text() == "x\n"
    (told,) = server.asked[-1].messages[-1]["content"]
    assert (told["content"], told["is_error"]) == (INTERRUPTED, True)
    assert [(b.call, b.tree) for b in bodies(stage, AttemptResumed)] == [("toolu_1_1", "")]


def test_calls_after_an_interrupted_command_are_not_done_blindly(stage: Stage) -> None:
    first = calls(call("bash", command="true"), call("create", path="a.py", text="a\n"), *report().blocks)
    with MessagesServer(in_turn(first, report("FAIL", "I looked."))) as server:
        with pytest.raises(Killed):
            live(stage, server, store=Mortal(stage.store, 5, False))
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("FAIL", 2)
    assert not (stage.worktree / "a.py").exists()
    assert [r["content"] for r in server.asked[-1].messages[-1]["content"]] == [INTERRUPTED, SKIPPED, SKIPPED]


def test_what_a_command_left_before_a_file_tool_is_not_undone_with_it(stage: Stage) -> None:
    story = calls(call("bash", command="echo kept > kept"), call("create", path="a.py", text="a\n")), report()
    with MessagesServer(in_turn(*story)) as server:
        with pytest.raises(Killed):
            live(stage, server, store=Mortal(stage.store, 7, False))
        (stage.worktree / "a.py").write_text("half")
        assert live(stage, server).verdict == "PASS"

    assert (stage.worktree / "kept").read_text() == "kept\n"
    assert (stage.worktree / "a.py").read_text() == "a\n"


def test_a_call_whose_secret_was_not_kept_is_not_done_without_it(stage: Stage) -> None:
    secret = "export URL=https://me:hunter2hunter2@example.org"
    first = calls(call("view", path="."), call("create", path="run.sh", text=secret))
    with MessagesServer(in_turn(first, report())) as server:
        with pytest.raises(Killed):
            live(stage, server, store=Mortal(stage.store, 4, False))
        assert live(stage, server).verdict == "PASS"

    assert not (stage.worktree / "run.sh").exists()
    assert server.asked[-1].messages[-1]["content"][1]["content"] == WITHHELD


def test_a_try_that_nobody_heard_the_end_of_is_one_of_the_tries(stage: Stage) -> None:
    with MessagesServer(in_turn(report())) as server:
        with pytest.raises(Killed):
            live(stage, server, store=Mortal(stage.store, 3, False))  # it was answered, the answer not recorded
        assert live(stage, server).verdict == "PASS"

    assert [(t.turn, t.number) for t in bodies(stage, TryStarted)] == [(1, 1), (1, 2)]
    assert len(bodies(stage, TurnSaid)) == 1


# ---- real processes ----------------------------------------------------------------------------------------------


def child(stage: Stage, url: str, server: MessagesServer, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "tests.agents.runners.anthropic.child"),
            *(str(stage.worktree), url, stage.store.keys.namespace),
        ],
        env={**os.environ, **server.environ, "PYTHONPATH": str(ROOT), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("dies", [3, 9, 17, 24], ids=["turn 1", "turn 2", "turn 3", "turn 4"])
def test_sigkill_in_every_turn(stage: Stage, server_url: str, tmp_path: Path, dies: int) -> None:
    witness = tmp_path / "witness"
    with MessagesServer(Teller(story(witness))) as server:
        killed = child(stage, server_url, server, DIES=str(dies))
        assert killed.wait(60) == -signal.SIGKILL
        assert len(stage.journal()) == dies
        assert live(stage, server).verdict == "PASS"

    check(stage.worktree, witness)
    returned_once(stage)


def test_sigkill_in_the_middle_of_a_command(stage: Stage, server_url: str, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    conductor = "$(cut -d' ' -f4 /proc/$PPID/stat)"  # the parent is what reaps the command
    with MessagesServer(Teller(story(witness, kill=f"kill -9 {conductor}"))) as server:
        killed = child(stage, server_url, server)
        assert killed.wait(60) == -signal.SIGKILL
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("PASS", 5)
    check(stage.worktree, witness)
    returned_once(stage)


def test_sigkill_in_the_middle_of_a_message(stage: Stage, server_url: str, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    teller = Teller(story(witness))

    def brain(asked: Asked):  # type: ignore[no-untyped-def]
        return Silence(headers=True) if asked.turn == 2 else teller(asked)

    with MessagesServer(brain) as server:
        killed = child(stage, server_url, server)
        while len(server.asked) < 3 and killed.poll() is None:
            time.sleep(0.02)
        killed.kill()
        killed.wait(60)
        server.brain = teller
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("PASS", 4)
    check(stage.worktree, witness)
    returned_once(stage)
    assert stage.journal().count("attempt.resumed") == 0
