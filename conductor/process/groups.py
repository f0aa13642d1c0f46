"""Process groups: noted while they run, ended with everything in them, even those of a dead process. POSIX only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conductor.process.identity import has_proc, namespace, place, started

GRACE = 2.0  # seconds between SIGTERM and SIGKILL
_MARK = "CONDUCTOR_RUN"

# The child notes its own group before it becomes the command, so that the command never runs without a note.
# `identity.started` must return the same start time; `exec` keeps it.
_NOTE_AND_EXEC = """
if [ -r /proc/$$/stat ]; then
  read -r stat < /proc/$$/stat && rest=${stat##*) } && set -f && start=$(echo $rest | cut -d' ' -f20)
else
  start=$(LC_ALL=C ps -o lstart= -p $$)
fi
printf '%s\\n%s\\n%s\\n%s\\n%s\\n' "$2" "$3" "$$" "$(echo $start)" "$4" > "$1.new" && mv "$1.new" "$1" || exit 125
set +f; shift 4; exec "$@"
"""


def noting(
    note: Path | None, words: Sequence[str], env: Mapping[str, str]
) -> tuple[Path | None, list[str], dict[str, str]]:
    """The file of a note in the folder `note`, and the command and environment that write it and run `words`.

    The caller removes the file when the group has ended.
    """
    if note is None:
        return None, list(words), dict(env)
    note.mkdir(parents=True, exist_ok=True)
    file = note / uuid.uuid4().hex
    owner = os.getpid()
    command = ["/bin/sh", "-c", _NOTE_AND_EXEC, "sh", str(file), str(owner), started(owner) or "?", place(), *words]
    return file, command, {**env, _MARK: file.name}


def _signal_group(group: int, number: int) -> bool:
    """Whether the group still existed. macOS reports EPERM for a group of zombies."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


async def end_group(group: int) -> None:
    """End a process group with SIGTERM, then SIGKILL. Nothing of it is left, even on cancellation."""
    try:
        until = time.monotonic() + GRACE
        found = _signal_group(group, signal.SIGTERM)
        while found and _alive(group) and time.monotonic() < until:
            await asyncio.sleep(0.02)
    finally:  # also when cancelled a second time
        _signal_group(group, signal.SIGKILL)


def end_left_over(note: Path) -> int:
    """End the process groups noted in the folder `note` by a dead process; returns how many were ended.

    Ids from another boot or namespace mean other processes here: for such a note, whose owner the caller knows to be
    gone, only processes that carry its mark are ended.
    """
    ended, here = 0, place()
    for file in sorted(note.glob("*")) if note.is_dir() else ():
        lines = file.read_text(errors="replace").splitlines()
        if len(lines) not in (4, 5) or not (lines[0].isdigit() and lines[2].isdigit()):
            continue  # being written, or not ours
        owner, group = int(lines[0]), int(lines[2])
        if here and lines[4:] == [here]:
            if started(owner) == lines[1]:
                continue
            groups = {group} if _is_the_noted(group, lines[3], file.name) else set()
        elif namespace():  # a note of four lines does not say where it was made
            groups = _marked(file.name)
        else:
            continue  # what /proc lists here is not what our signals would reach
        for left in groups:
            ended += _end_at_once(left)
        file.unlink(missing_ok=True)
    return ended


def _end_at_once(group: int) -> bool:
    """End a group with SIGTERM, then SIGKILL; returns whether it existed."""
    if not _signal_group(group, signal.SIGTERM):
        return False
    until = time.monotonic() + GRACE
    while _alive(group) and time.monotonic() < until:
        time.sleep(0.02)
    _signal_group(group, signal.SIGKILL)
    return True


def _is_the_noted(group: int, start: str, mark: str) -> bool:
    """Whether the group is the noted one and not a later one with the same number."""
    leader = started(group)
    if leader is not None:
        return leader == start
    # The leader is gone, but its children may be alive: they inherited the mark. Without /proc we cannot know.
    return group in _marked(mark)


def _marked(mark: str) -> set[int]:
    """The groups of the processes that inherited a mark; none without /proc."""
    needle = f"{_MARK}={mark}".encode()
    return {group for pid, group in _processes() if needle in _environment(pid)}


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _alive(group: int) -> bool:
    """Whether a group has live processes. Zombies do not count: in a container they may never be reaped."""
    return _signal_group(group, 0) and (not has_proc() or bool(_members(group)))


def _members(group: int) -> list[int]:
    """Live processes of a group, from /proc; none without it."""
    return [pid for pid, found in _processes() if found == group]


def _processes() -> Iterator[tuple[int, int]]:
    """(process, its group) of every live process that /proc lists."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, group, *_ = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if state not in "ZX":
                yield int(folder.name), int(group)
