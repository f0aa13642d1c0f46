"""Whether a server keeps what it has acknowledged, and how to fix its configuration if it may not."""

from __future__ import annotations

from conductor.errors import StoreError
from conductor.inspection import Inspection
from conductor.log.connection import Connection, ReplyError

NEEDED = ("XADD", "XRANGE", "XREVRANGE", "XREAD", "XLEN", "EVAL", "EVALSHA", "SET", "GET", "DEL", "EXISTS", "HGET")


def refuse_if_silent(connection: Connection) -> None:
    """Raise Down, Lost or ReplyError if the server refuses this user everything; `examine` tolerates partial access."""
    connection.call("PING")


def examine(connection: Connection) -> list[Inspection]:
    """Inspect what decides whether recorded events survive. If a managed server hides a setting, its `ok` is None.

    Raises Down or Lost if the server cannot be reached.
    """
    info = _info(connection)
    return [
        _version(info),
        _commands(connection),
        _role(info),
        _eviction(info),
        _append_only(info),
        _last_write(info),
        _fsync(connection),
    ]


def refuse_if_unsafe(connection: Connection, accept: bool = False) -> list[Inspection]:
    """Raise StoreError if the server may lose events, unless `accept`. Returns the warnings."""
    rows = examine(connection)
    unsafe = [row for row in rows if row.ok is False]
    if unsafe and not accept:
        raise StoreError(
            "this server may lose events: " + "; ".join(row.detail for row in unsafe),
            allowed="maxmemory-policy noeviction and append-only persistence, on a primary",
            hint="; ".join(row.hint for row in unsafe) + "; or accept the risk with CONDUCT_ACCEPT_UNSAFE_SERVER=1",
        )
    return [row for row in rows if row.ok is not True]


def _version(info: dict[str, str]) -> Inspection:
    if "valkey_version" in info:
        return Inspection("server", True, f"Valkey {info['valkey_version']}")
    version = info.get("redis_version")
    if version is None:
        return Inspection("server", None, "the server does not report its version", "allow INFO to this user")
    ok = tuple(map(int, version.split(".")[:2])) >= (6, 2)
    return Inspection("server", ok, f"Redis {version}", "" if ok else "use Redis 6.2 or newer, or Valkey")


def _commands(connection: Connection) -> Inspection:
    try:
        reply = connection.call("COMMAND", "INFO", *NEEDED)
    except ReplyError:
        return Inspection("commands", None, "the server does not report its commands", "allow COMMAND to this user")
    missing = [name for name, row in zip(NEEDED, reply, strict=False) if not row]
    if missing:
        return Inspection(
            "commands", False, f"commands missing: {', '.join(missing)}", "use Redis 6.2 or newer, or Valkey"
        )
    return Inspection("commands", True, "all needed commands exist")


def _role(info: dict[str, str]) -> Inspection:
    role = info.get("role")
    if role in ("slave", "replica"):
        return Inspection("role", False, "the server is a replica", "give the URL of the primary")
    return Inspection("role", True if role else None, f"role is {role or 'unknown'}")


def _eviction(info: dict[str, str]) -> Inspection:
    policy = info.get("maxmemory_policy")
    if policy is None:
        return Inspection("eviction", None, "maxmemory-policy is unknown", "make sure that it is noeviction")
    hint = "" if policy == "noeviction" else "CONFIG SET maxmemory-policy noeviction"
    return Inspection("eviction", policy == "noeviction", f"maxmemory-policy is {policy}", hint)


def _append_only(info: dict[str, str]) -> Inspection:
    enabled = info.get("aof_enabled")
    if enabled is None:
        return Inspection("persistence", None, "append-only persistence is unknown", "make sure that appendonly is yes")
    if enabled == "1":
        return Inspection("persistence", True, "appendonly is yes")
    return Inspection(
        "persistence", False, "appendonly is no", "CONFIG SET appendonly yes, and put it into the config file"
    )


def _last_write(info: dict[str, str]) -> Inspection:
    state = info.get("aof_last_write_status")
    if state in (None, "ok"):
        return Inspection("disk", True if state else None, f"last write to disk: {state or 'unknown'}")
    return Inspection("disk", False, f"last write to disk: {state}", "check the server's log, make room on its disk")


def _fsync(connection: Connection) -> Inspection:
    try:
        reply = connection.call("CONFIG", "GET", "appendfsync")
    except ReplyError:
        reply = []
    if not reply:
        return Inspection("fsync", None, "appendfsync is unknown", "make sure that it is always")
    value = reply[1].decode()
    if value == "always":
        return Inspection("fsync", True, "appendfsync is always")
    return Inspection(
        "fsync", None, f"appendfsync is {value}: a crash may lose the last moments", "CONFIG SET appendfsync always"
    )


def _info(connection: Connection) -> dict[str, str]:
    try:
        text = connection.call("INFO")
    except ReplyError:
        return {}
    lines = text.decode(errors="replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)
