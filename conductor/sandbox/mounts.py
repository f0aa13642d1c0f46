"""What a sandboxed command may see of the machine: which folders are hidden, and what is shown inside them.

Only inspects paths. The home folder is hidden as a whole and tools are shown by name: its secrets cannot be listed.
"""

# ruff: noqa: PTH110, PTH112, PTH113 (Path's methods raise for a folder that may not be searched; these return False)

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from conductor.sandbox.search import readable, search

# /run above all: its sockets lead to daemons with more rights (docker, systemd, the session bus).
_HIDDEN = ("/tmp", "/var/tmp", "/run", "/home", "/root")
# Where tools install themselves in a home folder; none with a token in it, so not .cargo, .config, .npmrc or .netrc.
_TOOLS = (
    *(".local/bin", ".local/lib", ".local/pipx", ".local/share/uv", ".local/share/pipx", ".local/share/mise"),
    *(".local/share/pnpm", ".local/share/fnm", ".pyenv", ".rbenv", ".asdf", ".nvm", ".fnm", ".volta"),
    *(".rustup", ".cargo/bin", ".cargo/registry", ".cargo/git", "go/bin", "go/pkg", ".bun/bin", ".deno/bin"),
    ".sdkman/candidates",
)
_PREFIXES = ("pyvenv.cfg", "conda-meta")  # their presence above a `bin` means that the whole folder is needed
_OF_THE_CHECKOUT = (".venv", "venv", "node_modules")  # missing in a worktree, and needed by its tests
_SYSTEM = "/run/current-system"  # the programs of NixOS


def homes(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The user's home folders: by the environment, and by the user database."""
    named = [environ["HOME"]] if environ.get("HOME") else []
    with contextlib.suppress(KeyError):  # a user without an entry, as in containers
        named.append(pwd.getpwuid(os.getuid()).pw_dir)
    return tuple(_resolved(named))


def hidden(environ: Mapping[str, str], home: Path, checkout: Path) -> tuple[Path, ...]:
    """The folders that are empty for a command: resolved, none inside another. `home` is the state folder."""
    wanted = _resolved((*_HIDDEN, *homes(environ), home, checkout))
    folders = sorted({path for path in wanted if os.path.isdir(path) and path != Path("/")})
    return tuple(path for path in folders if not any(path != one and path.is_relative_to(one) for one in folders))


def shown(environ: Mapping[str, str], home: Path, checkout: Path, *, network: bool) -> tuple[Path, ...]:
    """What can be read inside the hidden folders: the tools, and with a network its DNS configuration.

    Paths that this user may not read are omitted: bubblewrap would fail on them.
    """
    folders = search(environ).folders
    wanted = [Path(_SYSTEM), *folders, *(checkout / name for name in _OF_THE_CHECKOUT)]
    wanted += [folder / name for folder in homes(environ) for name in _TOOLS]
    if environ.get("VIRTUAL_ENV"):
        wanted.append(Path(environ["VIRTUAL_ENV"]))
    wanted += [path.parent for path in folders if any(os.path.exists(path.parent / name) for name in _PREFIXES)]
    wanted += [_interpreter(path) for path in wanted if os.path.isfile(path / "pyvenv.cfg")]
    if network:
        wanted.append(Path("/etc/resolv.conf"))  # a link into /run if systemd resolves names
    empty = hidden(environ, home, checkout)
    secret = (*empty, *_resolved((*homes(environ), home, checkout)))
    return tuple(
        path
        for path in dict.fromkeys(_resolved(wanted))
        if any(path.is_relative_to(folder) for folder in empty)
        and readable(path)
        and not any(place.is_relative_to(path) for place in secret)  # nothing that contains a hidden folder
    )


def _interpreter(venv: Path) -> Path:
    """The installation that a virtual environment's Python links to."""
    return Path(os.path.realpath(venv / "bin" / "python")).parent.parent


def alternates(common: Path) -> tuple[Path, ...]:
    """The object stores that this repository borrows from (`git clone --shared`), directly or through another."""
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
    """Git's folder for a linked worktree; None if it is not linked. Not read from the tree, which agents can write."""
    for pointer in common.glob("worktrees/*/gitdir"):
        try:
            text = os.fsdecode(pointer.read_bytes()).rstrip("\n")
        except OSError:
            continue
        if Path(os.path.realpath((pointer.parent / text).parent)) == worktree:
            return pointer.parent
    return None


def _resolved(paths: Iterable[str | Path]) -> Iterator[Path]:
    """The real paths: mounting over a link would mount elsewhere."""
    return (Path(os.path.realpath(path)) for path in paths)
