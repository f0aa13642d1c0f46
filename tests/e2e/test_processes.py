"""`conduct` as a process: exit codes, Ctrl-C, a second run, delivery."""

from __future__ import annotations

import json
import signal
import time

import pytest

from conductor.errors import Exit
from conductor.events import DeliveryRefused, EffectReleased
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import Checkout, fingerprint, left_running, verified
from tests.support.runs.writing import Module, Phase, create, work

RUN = ("run", ".prelude/READY.md", "--yes", "--agent")


def the_task(box: Sandbox) -> str:
    (task,) = box.app().store.tasks()
    return task


def test_run_to_the_end(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    before = Checkout(sandbox.repo)
    done = sandbox.conduct(*RUN, f"scripted:{sandbox.script}")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    task = the_task(sandbox)
    assert f"Task {task} is completed." in done.stdout
    assert before.differs() == []
    assert verified(sandbox, task) == []


def test_run_speaks_json(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    done = sandbox.conduct(*RUN, f"scripted:{sandbox.script}", "--json")
    assert done.returncode == Exit.OK
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[-1]["status"] == "completed"
    assert any(row.get("type") == "phase.completed" for row in rows)


def test_a_waiting_task_says_so(sandbox: Sandbox) -> None:
    phases = [Phase("One", (Module("one"),), files=("one.txt",))]
    sandbox.begin("Never", phases, [work(create("other.txt", "x"), phase="1")], QUICK + "fix_tries = 0\n")
    done = sandbox.conduct(*RUN, f"scripted:{sandbox.script}")
    assert done.returncode == Exit.WAITING
    assert "q1" in done.stdout and "retry" in done.stdout
    again = sandbox.conduct("continue")
    assert again.returncode == Exit.WAITING


def wait_for(box: Sandbox, count: int = 1) -> None:
    until = time.monotonic() + 60
    while len(box.noted()) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_paused_and_continued(sandbox: Sandbox, number: int) -> None:
    stories.waits(sandbox)
    before = Checkout(sandbox.repo)
    process = sandbox.start(*RUN, f"scripted:{sandbox.script}")
    wait_for(sandbox)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == Exit.INTERRUPTED, out + err
    assert "Traceback" not in err
    task = the_task(sandbox)
    assert sandbox.state(task).status == "paused"
    assert [b.reason for b in sandbox.bodies(task, EffectReleased)] == ["stopped"]
    assert left_running(sandbox.root) == []
    (sandbox.root / "go").touch()
    done = sandbox.conduct("continue")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert sandbox.noted() == ["here", "here"]
    assert fingerprint(sandbox, task)["agents reported"] == 1
    assert left_running(sandbox.root) == []
    assert before.differs() == []
    assert verified(sandbox, task) == []


def test_a_second_run_is_refused(sandbox: Sandbox) -> None:
    stories.waits(sandbox)
    process = sandbox.start(*RUN, f"scripted:{sandbox.script}")
    wait_for(sandbox)
    second = sandbox.conduct(*RUN, f"scripted:{sandbox.script}")
    assert second.returncode == Exit.REFUSED
    assert f"continue {the_task(sandbox)}" in second.stderr
    (sandbox.root / "go").touch()
    process.communicate(timeout=60)
    assert process.returncode == Exit.OK


def test_delivery(sandbox: Sandbox) -> None:
    """Into the user's branch, which is checked out and has local changes elsewhere."""
    stories.single(sandbox)
    before = Checkout(sandbox.repo)
    done = sandbox.conduct(*RUN, f"scripted:{sandbox.script}", "--merge")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    state = sandbox.state(the_task(sandbox))
    assert state.delivered == sandbox.git("rev-parse", "main") == state.head
    assert (sandbox.repo / "one.txt").read_text() == "one\n"
    assert before.differs() == ["file one.txt", "index", "refs"]
    assert sandbox.git("diff", "--cached", "--name-only") == "README.md"
    assert verified(sandbox, state.id) == []


def test_delivery_is_refused_where_it_would_cost_something(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    (sandbox.repo / "one.txt").write_text("mine, and in nobody's history\n")
    before = Checkout(sandbox.repo)
    done = sandbox.conduct(*RUN, f"scripted:{sandbox.script}", "--merge")
    task = the_task(sandbox)
    state = sandbox.state(task)
    assert state.status == "completed" and not state.delivered
    (refused,) = sandbox.bodies(task, DeliveryRefused)
    assert "one.txt" in refused.reason
    assert "one.txt" in done.stdout
    assert before.differs() == []
    (sandbox.repo / "one.txt").unlink()
    again = sandbox.conduct("continue", task, "--merge")
    assert again.returncode == Exit.OK, again.stdout + again.stderr
    assert sandbox.state(task).delivered == sandbox.git("rev-parse", "main")
    assert (sandbox.repo / "one.txt").read_text() == "one\n"
    assert verified(sandbox, task) == []
