"""What a claim proves: that its process is alive, that it is dead, or nothing, and then only a heartbeat tells."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from conductor.driving import claims
from conductor.events import Claim, EffectStarted
from conductor.process import identity

changed = msgspec.structs.replace
provable = pytest.mark.skipif(not identity.place(), reason="this system does not tell a process's boot and namespace")


@pytest.fixture
def other() -> Iterator[tuple[Claim, subprocess.Popen[bytes]]]:
    """The claim of another process that lives in this one's place, and that process."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as alive:
        start = identity.started(alive.pid) or ""
        yield changed(claims.me(), pid=alive.pid, started=start, nonce="another"), alive
        alive.kill()


def test_a_process_knows_its_own_claim() -> None:
    assert claims.mine(claims.me())
    assert claims.lives(claims.me())
    assert len(claims.me().nonce) >= 16


@provable
def test_within_one_boot_and_namespace_a_pid_proves_life_and_death(
    other: tuple[Claim, subprocess.Popen[bytes]],
) -> None:
    claim, process = other
    assert claims.lives(claim)
    assert claims.lives(changed(claim, started=claim.started + "0")) is False, "the pid was given again"
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert claims.lives(claim) is False, "dead, though nobody has asked for its exit status"
    process.wait()
    assert claims.lives(claim) is False


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"host": "elsewhere"},
        {"boot": "another"},
        {"boot": ""},
        {"namespace": "pid:[1] time:[1]"},
        {"namespace": ""},
        {"nonce": ""},
        {"namespace": "", "nonce": ""},  # as the version before recorded it
    ],
)
def test_elsewhere_or_who_knows_where_a_pid_proves_nothing(
    other: tuple[Claim, subprocess.Popen[bytes]], elsewhere: dict[str, str], alive: bool
) -> None:
    claim, process = other
    if not alive:
        process.kill()
        process.wait()
    assert claims.lives(changed(claim, **elsewhere)) is None


@pytest.mark.parametrize("nonce", ["another", ""])
def test_a_claim_with_this_process_s_ids_and_another_s_nonce_is_not_its_own(nonce: str) -> None:
    claim = changed(claims.me(), nonce=nonce)
    assert not claims.mine(claim)
    assert claims.lives(claim) is None


def test_a_fork_makes_a_claim_of_its_own() -> None:
    mine = claims.me()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, msgspec.json.encode([claims.me(), claims.mine(mine)]))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        theirs, taken = msgspec.json.decode(told.read(), type=tuple[Claim, bool])
    assert not taken
    assert theirs.nonce != mine.nonce
    assert theirs.pid == child
    assert claims.me() == mine


def test_claims_of_the_version_before_can_be_read() -> None:
    recorded = b'{"effect":"1:a:checks:1","claim":{"host":"h","boot":"b","pid":7,"started":"1"},"takes_over":3}'
    body = msgspec.json.decode(recorded, type=EffectStarted)
    assert body.claim == Claim("h", "b", 7, "1")
    assert msgspec.json.encode(body) == recorded


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it is /proc that hides processes")
def test_a_process_that_cannot_be_seen_is_not_called_dead(
    other: tuple[Claim, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """/proc may hide the processes of others (`hidepid`): then all that is known is that they have this id."""
    claim, process = other
    monkeypatch.setattr(identity, "started", lambda pid: None)
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: f"/proc/{process.pid}" != str(path) and exists(path))
    assert identity.alive(claim.pid, claim.started) is None
    process.kill()
    process.wait()
    assert identity.alive(claim.pid, claim.started) is False
