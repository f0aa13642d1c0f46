"""Two runners whose host names and process ids are the same, and mean different processes: only heartbeats tell."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.driving.heartbeat import BEAT, PATIENCE, TTL_MS
from conductor.errors import Exit
from conductor.events import Claim, EffectStarted, TaskStarted
from tests.crash import namespaces
from tests.support.runs import stories
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.witness import Checkout, fingerprint, verified


def until(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> None:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    assert process.returncode == Exit.OK, out + err


def begun(box: Sandbox, task: str) -> list[EffectStarted]:
    return box.bodies(task, EffectStarted)


@pytest.mark.parametrize("proc", [True, False])
def test_two_runners_share_a_task(sandbox: Sandbox, proc: bool) -> None:
    stories.pair(sandbox)
    before = Checkout(sandbox.repo)
    task = sandbox.create()
    sandbox.app().submit(task, TaskStarted(), actor=PERSON)
    for process in [namespaces.start(sandbox, "continue", task, proc=proc) for _ in range(2)]:
        ended(process)
    assert sandbox.state(task).status == "completed"
    assert sorted(sandbox.noted()) == ["left 1", "one 1", "one 2", "right 1"]
    assert set(Counter(body.effect for body in begun(sandbox, task)).values()) == {1}
    assert before.differs() == []
    assert verified(sandbox, task) == []


@pytest.fixture
def two(sandbox: Sandbox) -> tuple[Sandbox, str, subprocess.Popen[str], subprocess.Popen[str]]:
    """A runner whose agent waits for somebody to make the file `go`, and a second one that waits for that runner."""
    stories.waits(sandbox)
    task = sandbox.create()
    first = namespaces.start(sandbox, "continue", task)
    until(sandbox.noted)
    second = namespaces.start(sandbox, "continue", task)
    time.sleep(3 * BEAT / 5)
    assert sandbox.noted() == ["here"]
    return sandbox, task, first, second


def test_a_runner_that_is_killed_is_followed_when_its_heartbeat_has_run_out(
    two: tuple[Sandbox, str, subprocess.Popen[str], subprocess.Popen[str]],
) -> None:
    box, task, first, second = two
    (held,) = (o for o in box.state(task).open.values() if o.claim)
    assert held.claim and held.claim.pid == 1
    killed = time.monotonic()
    first.kill()
    first.communicate()
    until(lambda: len(box.noted()) == 2, TTL_MS / 1000 + PATIENCE + 60)
    assert time.monotonic() - killed > TTL_MS / 1000 - BEAT
    (box.root / "go").touch()
    ended(second)
    assert [b.takes_over for b in begun(box, task) if b.takes_over] == [held.claim_version]
    assert fingerprint(box, task)["agents reported"] == 1
    assert verified(box, task) == []


def test_a_runner_that_was_stopped_for_too_long_finds_itself_replaced(
    two: tuple[Sandbox, str, subprocess.Popen[str], subprocess.Popen[str]],
) -> None:
    """Its agent's work goes on when it comes back, and none of it counts: not the report, not a commit."""
    box, task, first, second = two
    (held,) = (o for o in box.state(task).open.values() if o.claim)
    stopped = namespaces.inside(first)
    os.kill(stopped, signal.SIGSTOP)
    app = box.app()
    app.store.connection.call("DEL", app.store.keys.claim(task, held.request.effect, held.claim_version))
    until(lambda: len(box.noted()) == 2, PATIENCE + 60)
    os.kill(stopped, signal.SIGCONT)
    time.sleep(1)
    (box.root / "go").touch()
    ended(first)
    ended(second)
    assert box.noted() == ["here"] * 2
    assert [b.takes_over for b in begun(box, task) if b.takes_over] == [held.claim_version]
    assert fingerprint(box, task)["agents reported"] == 1
    assert verified(box, task) == []


def test_a_runner_that_was_stopped_in_the_middle_of_a_commit_leaves_the_branch_alone(sandbox: Sandbox) -> None:
    """What it was about to do to the branch is past when it comes back: others went on from there."""
    stories.pair(sandbox)
    git = sandbox.root / "bin" / "git"
    git.parent.mkdir()
    shutil.copy(Path(__file__).with_name("git_that_waits.sh"), git)
    git.chmod(0o755)
    sandbox.environ["PATH"] = f"{git.parent}:{sandbox.environ['PATH']}"
    task = sandbox.create()
    first = namespaces.start(sandbox, "continue", task)
    until((sandbox.root / "committed").exists)
    stopped = namespaces.inside(first)
    os.kill(stopped, signal.SIGSTOP)
    stamped = time.monotonic()
    (sandbox.root / "go-on").touch()
    app = sandbox.app()
    for effect, held in sandbox.state(task).open.items():
        app.store.connection.call("DEL", app.store.keys.claim(task, effect, held.claim_version))
    ended(namespaces.start(sandbox, "continue", task))
    left = fingerprint(sandbox, task) | {"running": []}
    assert left["status"] == "completed"
    time.sleep(max(0.0, stamped + TTL_MS / 1000 - time.monotonic()))  # by its own clock it was away for too long
    os.kill(stopped, signal.SIGCONT)
    ended(first)
    assert fingerprint(sandbox, task) == left
    state = sandbox.state(task)
    assert sandbox.git("rev-parse", state.branch) == state.head
    assert sandbox.git("-C", state.path, "status", "--porcelain") == ""
    assert verified(sandbox, task) == []


# ---- claims that prove nothing here ------------------------------------------------------------------------------


def like_ours(**other: str) -> Claim:
    """A claim with the ids of this very process, as another one could have them."""
    from conductor.driving import claims

    own = claims.me()
    told = {"boot": own.boot, "namespace": own.namespace, "nonce": "another", **other}
    return Claim(own.host, told["boot"], own.pid, own.started, told["namespace"], told["nonce"])


@pytest.mark.parametrize(
    "other",
    [{}, {"boot": "another"}, {"namespace": "pid:[1]"}, {"namespace": "", "nonce": ""}],
    ids=["nonce", "boot", "namespace", "recorded before"],
)
def test_what_ids_do_not_prove_waits_for_the_heartbeat(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    monkeypatch.setattr("conductor.driving.heartbeat.PATIENCE", 0.5)
    stories.single(sandbox)
    app = sandbox.app()
    ledger = app.ledger(sandbox.create(app))
    ledger.catch_up()
    ledger.submit(TaskStarted(), actor=PERSON)
    (effect,) = ledger.state.open
    ledger.submit(EffectStarted(effect, like_ours(**other)), actor="runner:other")
    claim = ledger.state.open[effect].claim_version
    app.store.heartbeat(ledger.task, effect, claim, 3_000)
    begin = time.monotonic()
    state = sandbox.drive(ledger.task, app)
    assert state.status == "completed"
    took = [b for b in begun(sandbox, state.id) if b.effect == effect]
    assert [b.takes_over for b in took] == [0, claim]
    assert time.monotonic() - begin >= 3.0
    assert verified(sandbox, state.id) == []
