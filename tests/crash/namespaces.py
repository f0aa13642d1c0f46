"""Runners as containers have them: each in a process namespace of its own, with the same host name and the same ids."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.runs.sandbox import Sandbox

# As root, or as whoever may make user namespaces. What is started dies with `unshare`.
WAYS = (["unshare"], ["unshare", "--user", "--map-root-user"])
OWN = ["--pid", "--fork", "--kill-child"]


@cache
def unshare() -> tuple[str, ...]:
    """The command that starts another one in a namespace of its own; skips the test where none is allowed."""
    for way in WAYS if shutil.which("unshare") else ():
        done = subprocess.run([*way, *OWN, "--mount-proc", "true"], capture_output=True, check=False)
        if done.returncode == 0:
            return (*way, *OWN)
    pytest.skip("process namespaces cannot be made here: `unshare --pid` is not there or not allowed")


def start(box: Sandbox, *args: str, proc: bool = True) -> subprocess.Popen[str]:
    """`conduct …` in a process namespace of its own; without `proc` it still sees the outer one's /proc."""
    return subprocess.Popen(
        [*unshare(), *(["--mount-proc"] if proc else []), sys.executable, "-m", "conductor", *args],
        cwd=box.repo,
        env=box.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def inside(process: subprocess.Popen[str]) -> int:
    """The id, out here, of the process that `unshare` started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    (child,) = children.read_text().split()
    return int(child)
