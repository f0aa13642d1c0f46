"""Confines agents' commands with bubblewrap: probes whether it works here, and builds its arguments.

It does not run the commands itself, and does not confine the file tools: see `paths`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from conductor.config.settings import Settings
from conductor.errors import UsageError
from conductor.sandbox import mounts
from conductor.sandbox.search import search

PROGRAM = "bwrap"
INSTALL = "install bubblewrap: `apt install bubblewrap`, `dnf install bubblewrap`, `pacman -S bubblewrap`"
ALLOW = (
    "allow bubblewrap to use user namespaces: on Ubuntu, add an AppArmor profile for bwrap with `userns,`; in a "
    "container, allow nested namespaces; elsewhere, `sysctl user.max_user_namespaces` must not be 0"
)
_PROBE_TIMEOUT = 10.0  # seconds

# A new namespace of every kind; no capabilities, even for root; dies with its parent. No new session, because
# `conductor.process` has already given it one, without a terminal, and ends its process group.
_BASE = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--cap-drop", "ALL", "--die-with-parent"),
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
)
_KEPT_IN_A_MERGE = ("HEAD", "MERGE_HEAD", "commondir", "gitdir", "config.worktree", "refs", "logs")


class Probed(msgspec.Struct, frozen=True):
    """The result of a probe: `program` is a working bubblewrap; "" if there is none, and `reason` says why."""

    program: str
    reason: str = ""
    hint: str = ""


class Places(msgspec.Struct, frozen=True):
    """A task's places: the state folder, the user's checkout, and the git folder shared by all its worktrees."""

    home: Path
    checkout: Path
    common: Path


class Sandbox(msgspec.Struct, frozen=True):
    """How the commands of one agent are confined. All paths are resolved.

    `hidden` folders are empty inside, and what is written there is lost when the command ends; `shown` paths inside
    them can still be read.
    """

    program: str
    worktree: Path
    common: Path
    hidden: tuple[Path, ...]
    shown: tuple[Path, ...]
    writable: bool  # the worktree
    network: bool

    def argv(self, words: Sequence[str]) -> list[str]:
        """`words` as a command that runs confined in the worktree. Later bubblewrap arguments override earlier ones."""
        git = self.worktree / ".git"
        arguments = [self.program, *_BASE]
        if not self.network:
            arguments.append("--unshare-net")
        for folder in self.hidden:
            arguments += ["--tmpfs", str(folder)]
        for place in self.shown:
            arguments += ["--ro-bind-try", str(place), str(place)]
        arguments += ["--bind" if self.writable else "--ro-bind", str(self.worktree), str(self.worktree)]
        for store in (self.common, *mounts.alternates(self.common)):
            arguments += ["--ro-bind", str(store), str(store)]
        if self.writable:
            arguments += self._merge()
        if os.path.isfile(git) and not git.is_symlink():  # noqa: PTH113 (it never raises)
            arguments += ["--ro-bind", str(git), str(git)]  # so it can be neither replaced nor removed
        return [*arguments, "--setenv", "TMPDIR", "/tmp", "--chdir", str(self.worktree), "--", *words]

    def _merge(self) -> list[str]:
        """Make the index writable while a merge waits to be resolved: some conflicts can only be resolved there."""
        own = mounts.administration(self.common, self.worktree)
        if own is None or not os.path.isfile(own / "MERGE_HEAD"):  # noqa: PTH113
            return []
        kept = (str(own / name) for name in _KEPT_IN_A_MERGE)
        return ["--bind", str(own), str(own), *(word for name in kept for word in ("--ro-bind-try", name, name))]

    def told(self) -> str:
        """What an agent must know about it, in sentences."""
        return " ".join(
            (
                "Commands run in a sandbox:",
                "the network cannot be reached," if not self.network else "",
                "files can be written in the working directory only, the home folder and /tmp are empty and what is "
                "written there is gone after the command, and git can be read only (status, diff, log, show)."
                if self.writable
                else "no file can be written but in /tmp, which is emptied after the command; git can be read only.",
            )
        ).replace("  ", " ")


def sandbox(
    settings: Settings, worktree: Path, places: Places, *, environ: Mapping[str, str], writable: bool
) -> Sandbox | None:
    """The sandbox that the settings ask for; None if there is none, or none is wanted.

    Raises UsageError if the settings require one and none works on this machine.
    """
    found = insist(settings, environ)
    if not found.program:
        return None
    here, common = Path(os.path.realpath(worktree)), Path(os.path.realpath(places.common))
    hidden = mounts.hidden(environ, places.home, places.checkout)
    shown = mounts.shown(environ, places.home, places.checkout, network=settings.network)
    return Sandbox(found.program, here, common, hidden, shown, writable, settings.network)


def insist(settings: Settings, environ: Mapping[str, str]) -> Probed:
    """The result of `probe`. Raises UsageError, with the fix, if the settings require a sandbox and none works."""
    found = Probed("") if settings.sandbox == "off" else probe(environ, network=settings.network)
    if settings.sandbox == "require" and not found.program:
        raise UsageError(
            f'conductor.toml has sandbox = "require", but {found.reason}',
            hint=f'{found.hint}; or set sandbox = "auto" to run agents with your own rights',
        )
    return found


def probe(environ: Mapping[str, str], *, network: bool = False) -> Probed:
    """Whether bubblewrap is on `environ`'s PATH and works here. It is run once per process."""
    if not sys.platform.startswith("linux"):
        return Probed("", f"bubblewrap needs Linux, and this is {sys.platform}", "run Conductor on Linux")
    program = shutil.which(PROGRAM, path=search(environ).path)
    if program is None:
        return Probed("", "bubblewrap is not installed", INSTALL)
    return _tried(os.path.realpath(program), network)


@cache
def _tried(program: str, network: bool) -> Probed:
    """Being installed is not enough: containers, distributions and administrators may forbid user namespaces."""
    import subprocess  # only when agents start, to keep short commands fast

    command = [program, *_BASE, *(() if network else ("--unshare-net",)), "--tmpfs", "/tmp", "--", "/bin/sh", "-c", ":"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_TIMEOUT, env={"PATH": os.defpath}
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Probed("", f"bubblewrap does not start: {error}", INSTALL)
    if done.returncode == 0:
        return Probed(program)
    said = done.stderr.decode(errors="replace").strip().removeprefix("bwrap: ") or f"exit status {done.returncode}"
    return Probed("", f"bubblewrap does not work here: {said[:300]}", ALLOW)
