"""What gives a process id and a start time their meaning: the boot, and the namespaces they are counted in.

Only facts from the operating system. Unknown ones are empty, and nothing may be concluded from them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ONE_TABLE = "all"  # macOS has one process table per boot


@cache
def boot_id() -> str:
    """An id of this boot, which gives process ids their meaning; "" if unknown."""
    found = _read("/proc/sys/kernel/random/boot_id").strip()
    if found or sys.platform != "darwin":
        return found
    return _sysctl("kern.bootsessionuuid") or _sysctl("kern.boottime")


def namespace() -> str:
    """The namespaces in which this process's id and start time are counted, from /proc; "" if unknown.

    Unknown if /proc belongs to other namespaces (`unshare --pid` without `--mount-proc`): its process ids are not
    those of this process. Not cached: a fork may be in another namespace.
    """
    if sys.platform == "darwin":
        return ONE_TABLE
    ids = next((line.split()[1:] for line in _read("/proc/self/status").splitlines() if line.startswith("NSpid:")), [])
    if len(ids) != 1:  # one for each namespace, from that of /proc down to this process's own
        return ""
    processes = _link("/proc/self/ns/pid")
    return f"{processes} {_link('/proc/self/ns/time')}".strip() if processes else ""


def place() -> str:
    """Boot and namespaces together: the same process id in the same place is the same process; "" if unknown."""
    boot, inside = boot_id(), namespace()
    return f"{boot} {inside}" if boot and inside else ""


def started(pid: int) -> str | None:
    """The start time of a process in the OS's own format, for comparison only; None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        if has_proc():
            return None
        asked = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
        )
        return " ".join(asked.stdout.split()) or None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def alive(pid: int, start: str) -> bool | None:
    """Whether the process with this id and start time in this place is alive; None if it may be, but is hidden."""
    found = started(pid)
    if found is not None:
        return found == start
    try:
        os.kill(pid, 0)  # /proc may hide other users' processes
    except ProcessLookupError:
        return False
    except PermissionError:
        return None
    return False if Path(f"/proc/{pid}").exists() else None  # ended, but not yet reaped


def has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


def _sysctl(name: str) -> str:
    try:
        return subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
