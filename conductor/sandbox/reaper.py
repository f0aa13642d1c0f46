"""A program, for Linux without a sandbox: runs one command, then ends what it left, also in sessions of its own.

`python -I -S reaper.py OWNER COMMAND…`, with OWNER the process that starts it and without which it ends. It imports
next to nothing: starting it is what each command pays.
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
TOLD = 143  # 128 + SIGTERM, as a shell says it
SWEEPING = 0.8  # seconds; what is left then is in the process group, which is ended next


def argv(words: list[str]) -> list[str]:
    """`words` as a command that leaves nothing running; as they are where there is no such thing."""
    if not sys.platform.startswith("linux") or not sys.executable:
        return words
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *words]


def main(owner: int, words: list[str]) -> int:
    """The exit status of the command, negative for the signal that ended it."""
    awaited = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    kernel = ctypes.CDLL(None)
    kernel.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans become ours, whatever session they are in
    kernel.prctl(SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != owner:
        return TOLD
    defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them, a command must not
    try:
        child = os.posix_spawnp(words[0], words, os.environ, setsigdef=defaults, setsigmask=[])
    except OSError as error:
        print(f"cannot start the command: {error}", flush=True)
        return 127 if isinstance(error, FileNotFoundError) else 126
    ended: dict[int, int] = {}
    while child not in ended:
        if signal.sigwait(awaited) == signal.SIGTERM:
            os.killpg(0, signal.SIGTERM)  # the owner may be dead, and have told nobody but us
            _wait(PATIENCE)
            ended[child] = TOLD
        else:
            _reap(ended)
    _sweep()
    return ended[child]


def _reap(ended: dict[int, int]) -> bool:
    """Note the exit statuses of children that have ended; whether there are children still."""
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
    """Kill all descendants. Group by group, which no fork outruns, but for our own group: its owner ends that."""
    until = time.monotonic() + SWEEPING
    own = os.getpgrp()
    while _reap({}) and time.monotonic() < until:
        for pid, group in _descendants():
            try:
                if group == own:
                    os.kill(pid, signal.SIGKILL)
                else:
                    os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):  # ended meanwhile, or another user's
                pass


def _descendants() -> list[tuple[int, int]]:
    """(process, its group) of everything that stems from this process."""
    from pathlib import Path  # only where something is left: it is slower to import than all else here

    children: dict[int, list[tuple[int, int]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            _, parent, group, *_ = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # ended meanwhile
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
