"""What this machine has: versions of programs and packages, tools on PATH, free disk space. Changes nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _installed
from pathlib import Path

from conductor.errors import StoreError

TIMEOUT = 20.0  # seconds that a program may take to print its version


def said(command: Sequence[str]) -> str | None:
    """The first line that a program prints; None if it does not exist, or fails."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.strip().splitlines()), "")


def git_version() -> str | None:
    """Such as `2.43.0`."""
    return _number(said(["git", "version"]))


def server_version() -> str | None:
    """Name and version of the program that the embedded store is started from."""
    from conductor.log.binary import find_binary

    try:
        line = said([str(find_binary()), "--version"])
    except StoreError:
        return None
    number = re.search(r"\bv=([0-9.]+)", line or "")
    return f"{(line or '').split(' ')[0]} {number[1]}" if number else line


def package_version(name: str) -> str | None:
    try:
        return _installed(name)
    except PackageNotFoundError:
        return None


def tool(name: str) -> str | None:
    """A program's version and path; None if it is not on PATH."""
    found = shutil.which(name)
    if found is None:
        return None
    return f"{_number(said([found, 'version' if name == 'go' else '--version'])) or 'version unknown'}  {found}"


def free_space(folder: Path) -> int:
    """Free bytes on the disk that holds `folder`, or will."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _number(line: str | None) -> str | None:
    found = re.search(r"\d+(\.\d+)+", line or "")
    return found[0] if found else line
