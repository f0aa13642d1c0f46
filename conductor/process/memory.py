"""How often the system has killed processes for lack of memory, which a test tool that lost a worker seldom reports."""

from __future__ import annotations

import re
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def kills() -> int:
    """Processes killed so far for lack of memory: in this process's control group, or, if that is unknown, on the whole
    machine; 0 if nothing is known. The number is only meaningful in comparison with an earlier one.
    """
    for file in (*of_the_group(), Path("/proc/vmstat")):
        try:
            counted = re.search(r"^oom_kill (\d+)$", file.read_text(), re.MULTILINE)
        except OSError:
            continue
        if counted:
            return int(counted[1])
    return 0


def of_the_group() -> tuple[Path, ...]:
    """The files with this process's control group's counts, for cgroup v2 and v1."""
    try:
        groups = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ()
    parts = [line.split(":", 2) for line in groups]
    second = [_GROUPS / path.lstrip("/") / "memory.events" for _, names, path in parts if not names]
    first = [_GROUPS / "memory" / path.lstrip("/") for _, names, path in parts if "memory" in names.split(",")]
    return (*second, *(folder / "memory.oom_control" for folder in first))
