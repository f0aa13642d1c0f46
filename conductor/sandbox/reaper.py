"""A program, for Linux without a sandbox: runs one command, then ends what it left running, even in other sessions.

`python -I -S reaper.py OWNER COMMAND…`, where OWNER is the process that starts it; it ends when OWNER does. It imports
next to nothing, as each command pays for its start.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

# <linux/prctl.h>
SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36
PATIENCE = 1.0  # seconds for the children to end by themselves after SIGTERM; under `process.GRACE`, as is the sum
TERMINATED = 143  # 128 + SIGTERM, as a shell reports it
SWEEPING = 0.8  # seconds; what is left after that is in the process group, which is ended next


def argv(words: list[str]) -> list[str]:
    """`words` as a command that leaves nothing running; unchanged where this is not supported."""
    if not sys.platform.startswith("linux") or not sys.executable:
        return words
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *words]


def main(owner: int, words: list[str]) -> int:
    """The exit status of the command, negative for the signal that ended it."""
    awaited = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    kernel = ctypes.CDLL(None)
    kernel.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # adopt orphans, whatever session they are in
    kernel.prctl(SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != owner:
        return TERMINATED
    defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores these; a command must not
    try:
        child = os.posix_spawnp(words[0], words, os.environ, setsigdef=defaults, setsigmask=[])
    except OSError as error:
        print(f"cannot start the command: {error}", flush=True)
        return 127 if isinstance(error, FileNotFoundError) else 126
    ended: dict[int, int] = {}
    while child not in ended:
        if signal.sigwait(awaited) == signal.SIGTERM:
            os.killpg(0, signal.SIGTERM)  # the owner may be dead, and nobody else gets its signal
            _wait(PATIENCE)
            ended[child] = TERMINATED
        else:
            _reap(ended)
    _sweep()
    return ended[child]


def _reap(ended: dict[int, int]) -> bool:
    """Collect the exit statuses of ended children; whether any children are left."""
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = os.waitstatus_to_exitcode(found[1])
    except ChildProcessError:
        return False
    return True


def _wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    while _reap({}) and time.monotonic() < until:
        time.sleep(0.01)


def _sweep() -> None:
    """Kill all descendants, by group, which no fork outruns; in our own group singly, as the owner ends the group."""
    until = time.monotonic() + SWEEPING
    own = os.getpgrp()
    while _reap({}) and time.monotonic() < until:
        for pid, group in _descendants():
            try:
                if group == own:
                    os.kill(pid, signal.SIGKILL)
                else:
                    os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):  # ended in the meantime, or another user's
                pass


def _descendants() -> list[tuple[int, int]]:
    """(process, its group) of all descendants of this process."""
    from pathlib import Path  # only if something is left: slower to import than everything else here

    children: dict[int, list[tuple[int, int]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            _, parent, group, *_ = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # ended in the meantime
            continue
        children.setdefault(int(parent), []).append((int(folder.name), int(group)))
    found: list[tuple[int, int]] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [pid for pid, _ in below]
    return found


if __name__ == "__main__":
    status = main(int(sys.argv[1]), sys.argv[2:])
    if status < 0:  # so that the owner sees what ended the command
        if -status not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)
