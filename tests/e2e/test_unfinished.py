"""Checks that something else ends, on whole runs: run once more, then put before a person; no fixer, no rollback."""

from __future__ import annotations

import os
import signal
import time

import pytest

from conductor.core.state import TaskState
from conductor.errors import Exit
from conductor.events import AgentRequested, CheckObserved, ChecksRequested, PhaseRolledBack
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import Checkout, left_running, verified
from tests.support.runs.writing import Module, Phase, agent, create, turn, work

SETTINGS = QUICK + "fix_tries = 1\nreview = false\n"
ONCE = '[ -e "$HOME/died" ] || { touch "$HOME/died"; %s; }\ngrep -qx one one.txt\n'
EVERY_TIME = '[ -e "$HOME/mended" ] || kill -9 $$\ngrep -qx one one.txt\n'


def begin(box: Sandbox, check: str, *agents: dict[str, object]) -> Checkout:
    """One phase, whose tests are the script `check`, which its agent writes."""
    phases = [Phase("One", (Module("one"),), files=("one.txt",), commands=("sh check.sh",))]
    made = work(create("one.txt", "one\n"), create("check.sh", check), phase="1")
    box.begin("Killed", phases, [made, *agents], SETTINGS)
    return Checkout(box.repo)


def observed(box: Sandbox, task: str) -> list[CheckObserved]:
    """What was observed of the phase's tests, in order."""
    phases = {b.effect: b.phase for b in box.bodies(task, ChecksRequested)}
    return [b for b in box.bodies(task, CheckObserved) if b.key == "tests:0" and phases[b.effect] == "1"]


def ran(box: Sandbox, *command: str) -> tuple[str, TaskState]:
    """What `conduct …` tells, with single blanks; and where the only task stands then."""
    done = box.conduct(*command)
    assert done.returncode in (Exit.OK, Exit.WAITING), done.stdout + done.stderr
    (task,) = box.app().store.tasks()
    return " ".join(done.stdout.split()), box.state(task)


def begun(box: Sandbox) -> TaskState:
    """As a process: its checks see the sandbox as their home."""
    return ran(box, "run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{box.script}")[1]


def unharmed(box: Sandbox, task: str, before: Checkout) -> None:
    """Nobody was asked to mend what is not broken; nothing was rolled back."""
    assert [b.role for b in box.bodies(task, AgentRequested)] == ["implementation-executor"]
    assert box.bodies(task, PhaseRolledBack) == []
    assert before.differs() == []
    assert verified(box, task) == []


@pytest.mark.parametrize(
    ("dies", "code"),
    [
        ("kill -9 $$", -9),
        ("kill -TERM $$", -15),
        ("sh -c 'kill -9 $PPID; sleep 5'", -9),
        ("sh -c 'kill -9 $$'; exit", 137),
    ],
)
def test_tests_that_are_killed_once_run_once_more(sandbox: Sandbox, dies: str, code: int) -> None:
    before = begin(sandbox, ONCE % dies)
    state = begun(sandbox)
    assert state.status == "completed"
    first, second = observed(sandbox, state.id)
    assert (first.status, first.exit_code, first.commit) == ("unfinished", code, second.commit)
    assert "ended from outside by SIG" in first.summary
    assert second.status == "passed"
    unharmed(sandbox, state.id, before)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_somebody_kills(sandbox: Sandbox, number: int) -> None:
    wait = (
        'if [ ! -e "$HOME/pid" ]; then echo $$ > "$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"; exec sleep 600; fi\n'
    )
    before = begin(sandbox, wait + "grep -qx one one.txt\n")
    process = sandbox.start("run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{sandbox.script}")
    end = time.monotonic() + 60
    while not (sandbox.root / "pid").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    os.kill(int((sandbox.root / "pid").read_text()), number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == Exit.OK, out + err
    assert f"tests:0: did not finish, ended from outside by {signal.Signals(number).name}: sh check.sh" in out
    assert "again: tests:0" in out
    (task,) = sandbox.app().store.tasks()
    unharmed(sandbox, task, before)
    assert left_running(sandbox.root) == []


@pytest.fixture
def asked(sandbox: Sandbox) -> tuple[Sandbox, TaskState, Checkout]:
    """Tests that are killed each time, until there is a file `mended`; and a fixer that would change them."""
    fixer = agent(turn(create("check.sh", "grep -qx one one.txt\n"), report="PASS"), role="fix-executor")
    before = begin(sandbox, EVERY_TIME, fixer)
    state = begun(sandbox)
    assert state.status == "awaiting_answer"
    assert [b.status for b in observed(sandbox, state.id)] == ["unfinished", "unfinished"]
    unharmed(sandbox, state.id, before)
    return sandbox, state, before


def test_a_person_is_asked_in_plain_words_and_has_them_run_again(asked: tuple[Sandbox, TaskState, Checkout]) -> None:
    box, state, before = asked
    question = (
        "Something other than the work ended its checks, again when they were repeated: "
        "tests:0: ended from outside by SIGKILL: sh check.sh. "
        "`retry` runs them again; `fail` treats them as failed work, which a fixer has to fix."
    )
    for command in ("status", "questions"):
        shown, _ = ran(box, command, state.id)
        assert question in shown
        assert all(f"answer {state.id} q1 {choice}" in shown for choice in ("retry", "fail", "abandon"))
    assert "did not finish (exit code -9)" in ran(box, "events", state.id)[0]
    (box.root / "mended").touch()
    assert "q1 is answered: retry." in ran(box, "answer", state.id, "q1", "retry")[0]
    assert "is completed" in ran(box, "continue", state.id)[0]
    assert [b.status for b in observed(box, state.id)] == ["unfinished", "unfinished", "passed"]
    unharmed(box, state.id, before)


def test_a_person_takes_it_for_failed_work_and_a_fixer_mends_it(asked: tuple[Sandbox, TaskState, Checkout]) -> None:
    box, state, before = asked
    hint = "the tests need too much memory"
    ran(box, "answer", state.id, "q1", "fail", "--hint", hint)
    _, state = ran(box, "continue", state.id)
    assert state.status == "completed", state.questions
    (fix,) = [b for b in box.bodies(state.id, AgentRequested) if b.role == "fix-executor"]
    assert fix.because == ("tests:0: ended from outside by SIGKILL: sh check.sh",)
    assert fix.hint == hint
    assert before.differs() == []
    assert verified(box, state.id) == []


def test_tests_that_crash_by_themselves_are_the_fixers(sandbox: Sandbox) -> None:
    fixer = agent(turn(create("check.sh", "grep -qx one one.txt\n"), report="PASS"), role="fix-executor")
    begin(sandbox, "kill -SEGV $$\n", fixer)
    state = begun(sandbox)
    assert state.status == "completed"
    assert [b.status for b in observed(sandbox, state.id)] == ["failed", "passed"]
    assert [b.role for b in sandbox.bodies(state.id, AgentRequested)] == ["implementation-executor", "fix-executor"]
