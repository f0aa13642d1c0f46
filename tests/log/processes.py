"""Real processes of our own code, several at once."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.places import ROOT


def start(script: str, *args: object) -> subprocess.Popen[str]:
    """Run a Python script that can import this repository; its output and errors are caught."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def finished(process: subprocess.Popen[str]) -> str:
    """The output of a script that must have ended well."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out
