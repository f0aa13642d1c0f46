"""The private server, one per state folder: finds it, starts it on demand, stops it.

The server inherits a locked file descriptor, so the lock lives as long as the server: a process that gets the lock
knows that no server runs on this folder. A second one would corrupt the data.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import msgspec

from conductor.errors import StoreError
from conductor.log.connect import connect
from conductor.log.connection import MAKE_ROOM, Connection, Down, Lost, Reviving
from conductor.log.server_files import Place, place_of
from conductor.log.socket_client import SocketConnection

START_TIMEOUT = 60.0  # seconds; reading a large log takes a while
STOP_TIMEOUT = 30.0
PAUSE = 0.005  # seconds between two polls


class ServerStatus(msgspec.Struct, frozen=True):
    """A running embedded server. `memory` in bytes, `uptime` in seconds."""

    pid: int
    socket: str
    version: str
    memory: int
    uptime: int
    keys: int
    log: str


def ensure_running(home: Path) -> str:
    """The `unix://` URL of the folder's server, which is started if needed. Any number of processes may race here.

    Raises StoreError: no server program, folder not writable, data unreadable (with the end of the server's log).
    """
    return _running(home).url


def connection(home: Path, fast: bool = False) -> Connection:
    """A connection to the folder's server, which is started if needed and restarted if it dies."""
    place = _running(home)
    link = SocketConnection(place.address) if fast else connect(place.url)
    return Reviving(link, lambda: _running(home), place.shortage)


def _running(home: Path) -> Place:
    place = place_of(home)
    if _answers(place):
        return place
    place.make()
    until = time.monotonic() + START_TIMEOUT
    logged: int | None = None
    while not _answers(place):
        lock = _try_lock(place)
        if lock is not None:
            # No server is running. If we have already started one, it is dead.
            try:
                if logged is not None:
                    raise _failed(place, "ended as soon as it was started", logged)
                logged = place.log_size()
                _start(place, lock)
            finally:
                os.close(lock)
        elif time.monotonic() > until:
            raise _failed(place, f"does not answer (process {place.pid()})", logged or 0)
        time.sleep(PAUSE)
    return place


def stop(home: Path) -> bool:
    """Shut down the folder's server and wait until it has ended. False: none was running. Raises StoreError."""
    place = place_of(home)
    until = time.monotonic() + STOP_TIMEOUT
    running = False
    while place.lock.exists():
        lock = _try_lock(place)
        if lock is not None:
            os.close(lock)
            break
        running = True
        if time.monotonic() > until:
            raise _failed(place, f"does not stop (process {place.pid()})", 0)
        try:
            SocketConnection(place.address).call("SHUTDOWN", "NOSAVE")
        except (Down, Lost):
            time.sleep(PAUSE)
    return running


def status(home: Path) -> ServerStatus | None:
    """The status reported by the folder's server, or None if none runs."""
    place = place_of(home)
    server = SocketConnection(place.address)
    try:
        lines = server.call("INFO").decode(errors="replace").splitlines()
        info = dict(line.split(":", 1) for line in lines if ":" in line)
        return ServerStatus(
            pid=int(info["process_id"]),
            socket=str(place.socket),
            version=info.get("valkey_version") or info["redis_version"],
            memory=int(info["used_memory"]),
            uptime=int(info["uptime_in_seconds"]),
            keys=server.call("DBSIZE"),
            log=str(place.log),
        )
    except (Down, Lost):
        return None
    finally:
        server.close()


def _answers(place: Place) -> bool:
    server = SocketConnection(place.address)
    try:
        return bool(server.call("PING") == b"PONG")
    except (Down, Lost):
        return False
    finally:
        server.close()


def _try_lock(place: Place) -> int | None:
    """A descriptor that holds the folder's lock, or None if a server (or the process starting one) has it."""
    try:
        descriptor = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise place.unusable(error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _start(place: Place, lock: int) -> None:
    """Start the server, which detaches itself; it keeps `lock` open."""
    import subprocess

    from conductor.log.binary import find_binary

    options = {
        "port": "0",
        "unixsocket": str(place.socket),
        "unixsocketperm": "700",
        "dir": str(place.data),
        "pidfile": str(place.pidfile),
        "logfile": str(place.log),
        "loglevel": "notice",
        "daemonize": "yes",
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    command = [str(find_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    try:
        place.publish()
        with place.log.open("ab") as log:
            subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=place.data,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C in the client's terminal must not reach the server
                umask=0o077,
            )
    except OSError as error:
        raise place.unusable(error) from None


def _failed(place: Place, what: str, logged: int) -> StoreError:
    if shortage := place.shortage():
        return StoreError(f"the embedded server in {place.folder} {what}: {shortage}", hint=MAKE_ROOM)
    tail = "\n".join(f"  | {line}" for line in place.log_tail(logged))
    return StoreError(
        f"the embedded server in {place.folder} {what}; the end of its log:\n{tail or '  | (empty)'}",
        hint=f"the whole log is {place.log}; set CONDUCT_REDIS_URL to use a server of your own",
    )
