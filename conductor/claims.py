"""Who performs an effect, and whether they still live: the identity behind a claim."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

from conductor.events import Claim
from conductor.process.groups import started

BEAT = 5.0  # seconds between heartbeats
TTL_MS = 20_000  # a claimant on another host is given up when its heartbeat is this old


@cache
def boot_id() -> str:
    """What changes when the host restarts, and with it every pid. Empty where the system does not tell."""
    path = Path("/proc/sys/kernel/random/boot_id")
    if path.exists():
        return path.read_text().strip()
    import subprocess

    done = subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def me() -> Claim:
    """This process's own claim."""
    pid = os.getpid()
    return Claim(socket.gethostname(), boot_id(), pid, started(pid) or "")


def actor() -> str:
    """How this process signs its observations."""
    return f"runner:{socket.gethostname()}/{os.getpid()}"


def lives(claim: Claim) -> bool | None:
    """Whether the claimant's process is alive; None when it is on another host and only its heartbeat can tell."""
    if claim.host != socket.gethostname():
        return None
    return claim.boot == boot_id() and started(claim.pid) == claim.started
