"""How often the system has killed for want of memory: what a test tool that lost a worker seldom says."""

from __future__ import annotations

import re
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def kills() -> int:
    """Processes killed so far for want of memory: of this process's control group, or where that does not tell of the
    whole machine; 0 where nothing tells. Only two of these numbers can be compared.
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
    """Where this process's control group would tell it, in the second version of control groups and in the first."""
    try:
        groups = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ()
    parts = [line.split(":", 2) for line in groups]
    second = [_GROUPS / path.lstrip("/") / "memory.events" for _, names, path in parts if not names]
    first = [_GROUPS / "memory" / path.lstrip("/") for _, names, path in parts if "memory" in names.split(",")]
    return (*second, *(folder / "memory.oom_control" for folder in first))
