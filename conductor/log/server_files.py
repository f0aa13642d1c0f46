"""Where an embedded server keeps its files, and where its socket is if the folder's path is too long for one."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import msgspec

from conductor.errors import StoreError
from conductor.log.connection import Address

MAX_SOCKET_PATH = 100  # bytes; the kernels' limits are 104 (macOS) and 108 (Linux)
ROOM = 1_000_000  # bytes; with less free, the largest appends may fail


class Place(msgspec.Struct, frozen=True):
    """The files of the server of one state folder."""

    folder: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def pidfile(self) -> Path:
        return self.folder / "pid"

    @property
    def url(self) -> str:
        from urllib.parse import quote

        return f"unix://{quote(str(self.socket))}"

    @property
    def address(self) -> Address:
        return Address("unix", path=str(self.socket))

    def make(self) -> None:
        """Create the folders, accessible only to their owner. Raises StoreError."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self.log.touch(mode=0o600)
            if self.socket.parent != self.folder:
                self.socket.parent.mkdir(mode=0o700, exist_ok=True)
                # Anyone may write to the parent folder, so someone else may have created this one in advance.
                found = self.socket.parent.lstat()
                if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
                    raise StoreError(
                        f"{self.socket.parent} is not a folder that only you can use",
                        hint="remove it, or use a state folder with a shorter path (CONDUCT_HOME)",
                    )
        except OSError as error:
            raise self.unusable(error) from None

    def publish(self) -> None:
        """Record where the socket is: other processes may see another runtime directory. Call it with the lock held."""
        if self.socket.parent != self.folder:
            (self.folder / "socket").write_text(str(self.socket))

    def pid(self) -> str:
        try:
            return self.pidfile.read_text().strip()
        except OSError:
            return "unknown"

    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def log_tail(self, start: int, lines: int = 8) -> list[str]:
        """The last lines of the log after byte `start`."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(start, self.log_size() - 8192))
                return log.read().decode(errors="replace").splitlines()[-lines:]
        except OSError as error:
            return [f"(unreadable: {error.strerror})"]

    def shortage(self) -> str | None:
        """A message if the server's disk is full, which may be why the server died; None if it is not full."""
        disk = os.statvfs(self.folder)
        free = disk.f_bavail * disk.f_frsize
        logged = any("No space left" in line or "quota exceeded" in line for line in self.log_tail(0))
        return (
            f"no room is left on the disk of {self.folder} ({free / 1e6:.1f} MB free)"
            if logged or free < ROOM
            else None
        )

    def unusable(self, error: OSError) -> StoreError:
        return StoreError(
            f"the state folder {self.folder} cannot be used: {error.strerror or error}",
            hint="make it writable, make room on its disk, or choose another one with CONDUCT_HOME",
        )


def place_of(home: Path) -> Place:
    """The files of a state folder's server. Reads only the record of where the socket is."""
    folder = home.resolve() / "server"
    socket = folder / "socket.sock"
    if len(os.fsencode(socket)) > MAX_SOCKET_PATH:
        socket = _published(folder) or _runtime_socket(folder)
    return Place(folder, socket)


def _published(folder: Path) -> Path | None:
    try:
        return Path((folder / "socket").read_text())
    except OSError:
        return None


def _runtime_socket(folder: Path) -> Path:
    import tempfile

    root = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    socket = root / f"conductor-{name}" / "s"
    if len(os.fsencode(socket)) > MAX_SOCKET_PATH:
        return Path("/tmp") / f"conductor-{name}" / "s"
    return socket
