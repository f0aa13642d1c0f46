"""What of the machine a sandboxed command may see: which folders are hidden, and what is shown again within them.

Only looks at paths. The home folder is hidden whole and tools are shown by name: what is secret there nobody can list.
"""

# ruff: noqa: PTH110, PTH112, PTH113 (what Path asks raises where a folder may not be searched; this says no)

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from conductor.sandbox.search import readable, search

# Sockets in /run speak for daemons with more rights (docker, systemd, the session bus): no folder needs hiding more.
_HIDDEN = ("/tmp", "/var/tmp", "/run", "/home", "/root")
# Where tools install themselves in a home folder. No folder that holds a token: not .cargo, .config, .npmrc or .netrc.
_TOOLS = (
    *(".local/bin", ".local/lib", ".local/pipx", ".local/share/uv", ".local/share/pipx", ".local/share/mise"),
    *(".local/share/pnpm", ".local/share/fnm", ".pyenv", ".rbenv", ".asdf", ".nvm", ".fnm", ".volta"),
    *(".rustup", ".cargo/bin", ".cargo/registry", ".cargo/git", "go/bin", "go/pkg", ".bun/bin", ".deno/bin"),
    ".sdkman/candidates",
)
_PREFIXES = ("pyvenv.cfg", "conda-meta")  # what the folder above a `bin` has that belongs to it as a whole
_OF_THE_CHECKOUT = (".venv", "venv", "node_modules")  # what a worktree has not, and its tests need
_SYSTEM = "/run/current-system"  # NixOS has its programs there


def homes(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The user's home folder, as the environment says and as the system does."""
    named = [environ["HOME"]] if environ.get("HOME") else []
    with contextlib.suppress(KeyError):  # a user without an entry, as containers have them
        named.append(pwd.getpwuid(os.getuid()).pw_dir)
    return tuple(_resolved(named))


def hidden(environ: Mapping[str, str], home: Path, checkout: Path) -> tuple[Path, ...]:
    """The folders that are empty for a command, resolved, none within another. `home` is the state folder."""
    wanted = _resolved((*_HIDDEN, *homes(environ), home, checkout))
    folders = sorted({path for path in wanted if os.path.isdir(path) and path != Path("/")})
    return tuple(path for path in folders if not any(path != one and path.is_relative_to(one) for one in folders))


def shown(environ: Mapping[str, str], home: Path, checkout: Path, *, network: bool) -> tuple[Path, ...]:
    """What can be read within the hidden folders: the tools, and with a network how to find names in it.

    What this user may not read is not there: bubblewrap would fail at it.
    """
    folders = search(environ).folders
    wanted = [Path(_SYSTEM), *folders, *(checkout / name for name in _OF_THE_CHECKOUT)]
    wanted += [folder / name for folder in homes(environ) for name in _TOOLS]
    if environ.get("VIRTUAL_ENV"):
        wanted.append(Path(environ["VIRTUAL_ENV"]))
    wanted += [path.parent for path in folders if any(os.path.exists(path.parent / name) for name in _PREFIXES)]
    wanted += [_interpreter(path) for path in wanted if os.path.isfile(path / "pyvenv.cfg")]
    if network:
        wanted.append(Path("/etc/resolv.conf"))  # a link into /run where systemd resolves names
    empty = hidden(environ, home, checkout)
    secret = (*empty, *_resolved((*homes(environ), home, checkout)))
    return tuple(
        path
        for path in dict.fromkeys(_resolved(wanted))
        if any(path.is_relative_to(folder) for folder in empty)
        and readable(path)
        and not any(place.is_relative_to(path) for place in secret)  # what holds a hidden folder is no tool
    )


def _interpreter(venv: Path) -> Path:
    """The installation that a virtual environment's Python is a link into."""
    return Path(os.path.realpath(venv / "bin" / "python")).parent.parent


def alternates(common: Path) -> tuple[Path, ...]:
    """The object stores of other repositories that this one borrows from (`git clone --shared`), and they in turn."""
    found: dict[Path, None] = {}
    waiting = [common / "objects"]
    while waiting and len(found) < 10:
        store = waiting.pop()
        try:
            lines = os.fsdecode((store / "info" / "alternates").read_bytes()).splitlines()
        except OSError:
            continue
        named = [path for path in _resolved(store / line for line in lines if line) if os.path.isdir(path)]
        waiting += [path for path in named if path not in found]
        found |= dict.fromkeys(named)
    return tuple(found)


def administration(common: Path, worktree: Path) -> Path | None:
    """Git's folder about a linked worktree; None for one that is not linked. Not read from the tree: an agent's."""
    for pointer in common.glob("worktrees/*/gitdir"):
        try:
            text = os.fsdecode(pointer.read_bytes()).rstrip("\n")
        except OSError:
            continue
        if Path(os.path.realpath((pointer.parent / text).parent)) == worktree:
            return pointer.parent
    return None


def _resolved(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Mounting over a link would mount elsewhere."""
    return (Path(os.path.realpath(path)) for path in paths)
