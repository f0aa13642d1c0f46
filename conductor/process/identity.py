"""What a process id and a start time belong to: this boot, and the namespaces that they are counted in.

Facts of the operating system alone. Where it does not tell, they are empty, and nothing may be concluded from them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ONE_TABLE = "all"  # on macOS every process of a boot is in one table


@cache
def boot_id() -> str:
    """What changes when the machine restarts, and with it every process id; "": unknown."""
    told = _read("/proc/sys/kernel/random/boot_id").strip()
    if told or sys.platform != "darwin":
        return told
    return _sysctl("kern.bootsessionuuid") or _sysctl("kern.boottime")


def namespace() -> str:
    """The namespaces in which this process's id and start time are counted, as /proc tells them here; "": unknown.

    It is unknown where /proc is that of other namespaces (`unshare --pid` without `--mount-proc`): the processes that
    it lists are not those that this process's ids name. Not kept: a fork may be in another one.
    """
    if sys.platform == "darwin":
        return ONE_TABLE
    ids = next((line.split()[1:] for line in _read("/proc/self/status").splitlines() if line.startswith("NSpid:")), [])
    if len(ids) != 1:  # one for each namespace from that of /proc down to this process's own
        return ""
    processes = _link("/proc/self/ns/pid")
    return f"{processes} {_link('/proc/self/ns/time')}".strip() if processes else ""


def place() -> str:
    """Boot and namespaces in one: two process ids of the same place name one process; "": unknown."""
    boot, inside = boot_id(), namespace()
    return f"{boot} {inside}" if boot and inside else ""


def started(pid: int) -> str | None:
    """The start time of a process as the OS tells it, for comparison only; None: there is no such process."""
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
    """Whether the process with this id and start time, of this very place, is alive; None: it may be, and is hidden."""
    found = started(pid)
    if found is not None:
        return found == start
    try:
        os.kill(pid, 0)  # /proc may hide the processes of others
    except ProcessLookupError:
        return False
    except PermissionError:
        return None
    return False if Path(f"/proc/{pid}").exists() else None  # ended, and not yet asked for its exit status


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
