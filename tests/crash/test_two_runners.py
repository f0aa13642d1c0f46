"""Several runners on one task: each effect is done once, the living are left alone, the dead are followed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from conductor.app import App
from conductor.core.state import TaskState
from conductor.driving.ledger import Ledger
from conductor.errors import Exit, Refused
from conductor.events import (
    AgentReported,
    Claim,
    EffectReleased,
    EffectStarted,
    Outcome,
    Request,
    TaskPaused,
    TaskStarted,
)
from conductor.process.threads import in_thread
from tests.support.runs import stories
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.witness import Checkout, fingerprint, left_running, verified

ALIVE = 3.0  # seconds in which a runner that takes over would have


def until(true: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> int:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    assert process.returncode == Exit.OK, out + err
    return process.returncode


def asleep(box: Sandbox) -> set[str]:
    """What agents left in the background, with its process ids."""
    return {process for process in left_running(box.home) if "sleep 1000" in process}


def started(box: Sandbox, task: str) -> Counter[str]:
    return Counter(body.effect for body in box.bodies(task, EffectStarted))


def test_two_processes_share_a_task(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    before = Checkout(sandbox.repo)
    task = sandbox.create()
    sandbox.app().submit(task, TaskStarted(), actor=PERSON)
    processes = [sandbox.start("continue", task) for _ in range(2)]
    assert [ended(process) for process in processes] == [Exit.OK, Exit.OK]
    assert sandbox.state(task).status == "completed"
    assert sorted(sandbox.noted()) == ["left 1", "one 1", "one 2", "right 1"]
    assert set(started(sandbox, task).values()) == {1}
    assert before.differs() == []
    assert verified(sandbox, task) == []


@pytest.fixture
def at_work(sandbox: Sandbox) -> tuple[Sandbox, str, subprocess.Popen[str]]:
    """A process whose agent waits for somebody to make the file `go`, with a child of its own in the background."""
    stories.waits(sandbox)
    task = sandbox.create()
    process = sandbox.start("continue", task)
    until(sandbox.noted)
    return sandbox, task, process


def test_a_stopped_process_is_not_a_dead_one(at_work: tuple[Sandbox, str, subprocess.Popen[str]]) -> None:
    box, task, process = at_work
    process.send_signal(signal.SIGSTOP)
    version = box.state(task).version
    second = box.start("continue", task)
    time.sleep(ALIVE)
    assert box.state(task).version == version
    process.send_signal(signal.SIGCONT)
    (box.root / "go").touch()
    ended(process)
    ended(second)
    assert box.noted() == ["here"]
    assert set(started(box, task).values()) == {1}
    assert left_running(box.root) == []
    assert verified(box, task) == []


def test_a_dead_process_is_followed_and_what_it_left_is_ended(
    at_work: tuple[Sandbox, str, subprocess.Popen[str]],
) -> None:
    box, task, process = at_work
    orphans = asleep(box)
    process.kill()
    process.communicate()
    assert orphans  # on Linux they are ended at once, elsewhere by whoever takes over
    second = box.start("continue", task)
    until(lambda: len(box.noted()) == 2)
    assert not orphans & asleep(box)
    (box.root / "go").touch()
    ended(second)
    took = [body for body in box.bodies(task, EffectStarted) if body.takes_over]
    assert [body.effect for body in took] == ["1:one:implementation-executor:1"]
    assert fingerprint(box, task)["agents reported"] == 1
    assert left_running(box.root) == []
    assert list((box.home / "running").glob("*/*/*")) == []
    assert verified(box, task) == []


def test_three_processes_of_which_two_die(at_work: tuple[Sandbox, str, subprocess.Popen[str]]) -> None:
    """Whoever is left of those who wait takes over, and only one of them does."""
    box, task, process = at_work
    others = [box.start("continue", task) for _ in range(2)]
    process.kill()
    process.communicate()
    until(lambda: len(box.noted()) == 2)
    (holder,) = (o for o in box.state(task).open.values() if o.claim)
    assert holder.claim is not None
    os.kill(holder.claim.pid, signal.SIGKILL)
    until(lambda: len(box.noted()) == 3)
    (box.root / "go").touch()
    codes = sorted(process.wait(60) for process in others)
    assert codes == [-signal.SIGKILL, Exit.OK]
    assert box.noted() == ["here"] * 3
    assert box.state(task).status == "completed"
    assert left_running(box.root) == []
    assert verified(box, task) == []


# ---- another host, of which only the heartbeat can tell ----------------------------------------------------------


def claimed_elsewhere(box: Sandbox) -> tuple[App, Ledger, int]:
    """A task whose first effect was claimed by a process of another host; the version of that claim."""
    stories.single(box)
    app = box.app()
    ledger = app.ledger(box.create(app))
    ledger.catch_up()
    ledger.submit(TaskStarted(), actor=PERSON)
    (effect,) = ledger.state.open
    claim = Claim("elsewhere", "boot", 1, "0")
    ledger.submit(EffectStarted(effect, claim), actor="runner:elsewhere/1")
    return app, ledger, ledger.state.open[effect].claim_version


def test_a_claim_of_another_host_without_a_heartbeat_is_taken_over(sandbox: Sandbox) -> None:
    app, ledger, claim = claimed_elsewhere(sandbox)
    (effect,) = ledger.state.open
    state = sandbox.drive(ledger.task, app)
    assert state.status == "completed"
    assert [b.takes_over for b in sandbox.bodies(state.id, EffectStarted) if b.effect == effect] == [0, claim]
    with pytest.raises(Refused):
        ledger.submit(EffectReleased(effect, claim, "late"), actor="runner:elsewhere/1")


def test_a_heartbeat_of_another_host_is_respected(sandbox: Sandbox) -> None:
    app, ledger, claim = claimed_elsewhere(sandbox)
    (effect,) = ledger.state.open
    app.store.heartbeat(ledger.task, effect, claim, 600_000)

    async def wait_then_run_out() -> TaskState:
        running = asyncio.ensure_future(sandbox.driven(ledger.task, app))
        await asyncio.sleep(ALIVE)
        assert not running.done()
        assert ledger.catch_up().open[effect].claim_version == claim
        app.store.connection.call("DEL", app.store.keys.claim(ledger.task, effect, claim))
        return await running

    assert asyncio.run(wait_then_run_out()).status == "completed"
    assert verified(sandbox, ledger.task) == []


def test_a_person_can_roll_back_what_a_silent_process_of_another_host_holds(sandbox: Sandbox) -> None:
    app, ledger, claim = claimed_elsewhere(sandbox)
    (effect,) = ledger.state.open
    app.store.heartbeat(ledger.task, effect, claim, 600_000)
    app.release_dead(ledger)
    assert ledger.catch_up().open[effect].claim_version == claim
    app.store.connection.call("DEL", app.store.keys.claim(ledger.task, effect, claim))
    app.release_dead(ledger)
    assert ledger.catch_up().open[effect].claim_version == 0
    assert [body.reason for body in sandbox.bodies(ledger.task, EffectReleased)] == ["its heartbeat has run out"]


# ---- one process -------------------------------------------------------------------------------------------------


def test_a_pause_waits_for_git_in_hand(sandbox: Sandbox) -> None:
    """What is given back is not still being done: not even when the runner looks several times in the meantime."""
    stories.single(sandbox)
    app = sandbox.app()
    ledger = app.ledger(sandbox.create(app))
    ledger.catch_up()
    ledger.submit(TaskStarted(), actor=PERSON)
    begun, done = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        time.sleep(1.5)
        done.set()

    async def perform(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
        await in_thread(work)
        raise AssertionError("it was stopped")
        yield AgentReported(request.effect, claim, role="", verdict="", commit="", tree="")

    async def pause() -> bool:
        running = asyncio.ensure_future(app.runner(ledger, perform).run())
        while not begun.is_set():
            await asyncio.sleep(0.01)
        ledger.submit(TaskPaused(), actor=PERSON)
        while not sandbox.bodies(ledger.task, EffectReleased):
            await asyncio.sleep(0.01)
        finished = done.is_set()
        await running
        return finished

    assert asyncio.run(pause())
