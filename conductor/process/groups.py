"""Process groups: noted while they run, ended with all that is in them, also what a dead process left. POSIX only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE = 2.0  # seconds between SIGTERM and SIGKILL
_MARK = "CONDUCTOR_RUN"

# The child notes its own group before it becomes the command: no moment at which it runs and is not noted.
# `started` below must tell the same start time; `exec` keeps it.
_NOTE_AND_EXEC = """
if [ -r /proc/$$/stat ]; then
  read -r stat < /proc/$$/stat && rest=${stat##*) } && set -f && start=$(echo $rest | cut -d' ' -f20)
else
  start=$(LC_ALL=C ps -o lstart= -p $$)
fi
printf '%s\\n%s\\n%s\\n%s\\n' "$2" "$3" "$$" "$(echo $start)" > "$1.new" && mv "$1.new" "$1" || exit 125
set +f; shift 3; exec "$@"
"""


def noting(
    note: Path | None, words: Sequence[str], env: Mapping[str, str]
) -> tuple[Path | None, list[str], dict[str, str]]:
    """A command, and its environment, that notes its process group in the folder `note`; and the file for it.

    Who runs it removes that file when the group has ended.
    """
    if note is None:
        return None, list(words), dict(env)
    note.mkdir(parents=True, exist_ok=True)
    file = note / uuid.uuid4().hex
    owner = os.getpid()
    command = ["/bin/sh", "-c", _NOTE_AND_EXEC, "sh", str(file), str(owner), started(owner) or "?", *words]
    return file, command, {**env, _MARK: file.name}


def _signal_group(group: int, number: int) -> bool:
    """Whether the group was still there. macOS answers EPERM for a group of zombies."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


async def end_group(group: int) -> None:
    """End a process group: it is asked, then killed. Nothing of it is left, also on cancellation."""
    try:
        until = time.monotonic() + GRACE
        there = _signal_group(group, signal.SIGTERM)
        while there and _alive(group) and time.monotonic() < until:
            await asyncio.sleep(0.02)
    finally:  # also when cancelled a second time
        _signal_group(group, signal.SIGKILL)


def _has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def started(pid: int) -> str | None:
    """The start time of a process as the OS tells it, for comparison only; None: there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        if _has_proc():
            return None
        asked = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
        )
        return " ".join(asked.stdout.split()) or None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def end_left_over(note: Path) -> int:
    """End the process groups noted in the folder `note` by a process that is dead; how many were ended."""
    ended = 0
    for file in sorted(note.glob("*")) if note.is_dir() else ():
        lines = file.read_text(errors="replace").splitlines()
        if len(lines) != 4 or not (lines[0].isdigit() and lines[2].isdigit()):
            continue  # being written, or not ours
        owner, group = int(lines[0]), int(lines[2])
        if started(owner) == lines[1]:
            continue
        if _is_the_noted(group, lines[3], file.name) and _signal_group(group, signal.SIGTERM):
            ended += 1
            until = time.monotonic() + GRACE
            while _alive(group) and time.monotonic() < until:
                time.sleep(0.02)
            _signal_group(group, signal.SIGKILL)
        file.unlink(missing_ok=True)
    return ended


def _is_the_noted(group: int, start: str, mark: str) -> bool:
    """Whether the group is the one noted and not a later one of the same number."""
    leader = started(group)
    if leader is not None:
        return leader == start
    # The leader is gone, its children may be there: they inherited the mark. Without /proc we cannot tell: leave them.
    needle = f"{_MARK}={mark}".encode()
    return any(needle in _environment(pid) for pid in _members(group))


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _alive(group: int) -> bool:
    """Zombies do not count: in a container nobody may ever reap them."""
    return _signal_group(group, 0) and (not _has_proc() or bool(_members(group)))


def _members(group: int) -> list[int]:
    """Live processes of a group, from /proc; none where there is no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, pgrp, *_ = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(pgrp) == group and state not in "ZX":
                found.append(int(folder.name))
    return found
