"""What the store needs from a connection: one call that returns the server's raw reply, and meaningful errors.

`Down`: nothing was sent. `Lost`: sent, but the reply is unknown. `ReplyError`: the server refused.
No error ever shows a URL's password.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from conductor.errors import StoreError, UsageError

DATABASES = 1_000_000  # the highest database number
TIMEOUT = 15.0  # seconds to connect, and to wait for a reply; blocking reads wait for less

Argument = str | bytes | int | float


class Down(StoreError):
    """The server cannot be reached; nothing was sent."""


class Lost(StoreError):
    """The connection broke after sending: the command may or may not have been executed."""


class ReplyError(StoreError):
    """The server answered with an error. `code` is its first word, such as NOSCRIPT or WRONGTYPE."""

    def __init__(self, where: str, code: str, message: str) -> None:
        super().__init__(f"the event store {where} refuses: {code} {message}", hint=_HINTS.get(code))
        self.code = code
        self.message = message


MAKE_ROOM = "make room there, then try again: what was recorded is kept"
_PASSWORD = "user or password is missing or wrong: put them into the URL, redis://user:password@host:port/0"
_HINTS = {
    "NOAUTH": _PASSWORD,
    "WRONGPASS": _PASSWORD,
    "NOPERM": "this user needs the commands of streams, strings, hashes, lists and scripts on keys conductor:*",
    "OOM": "the server's memory is full: raise maxmemory",
    "READONLY": "this is a replica: give the URL of the primary",
    "MISCONF": "the server cannot write to its disk: check its log, make room, then try again",
    "MOVED": "this is a node of a cluster: give the URL of the node that holds the namespace's slot",
}


class Connection(Protocol):
    """A server to call. Safe to share between threads."""

    def call(self, *args: Argument) -> Any:
        """Send one command, at most once. The reply is RESP2, undecoded: bytes, int, list or None.

        Raises Down, Lost or ReplyError.
        """

    def close(self) -> None:
        """Close all sockets; a later call opens new ones."""


class Address(msgspec.Struct, frozen=True):
    """A store's URL, parsed."""

    scheme: str
    host: str = "localhost"
    port: int = 6379
    path: str = ""
    username: str | None = None
    password: str | None = None
    database: int = 0

    @classmethod
    def parse(cls, url: str) -> Address:
        """Parse `redis://`, `rediss://` or `unix://`. Raises UsageError, which shows none of the URL's secrets."""
        from urllib.parse import parse_qs, unquote, urlsplit

        allowed = "redis://[user:password@]host[:port][/db], rediss://…, unix://[user:password@]/path[?db=0]"
        try:
            parts = urlsplit(url)
            if parts.scheme not in ("redis", "rediss", "unix"):
                raise ValueError("unknown scheme")
            unix = parts.scheme == "unix"
            url.encode()  # environment variables need not be valid text
            host, path = parts.hostname or "localhost", unquote(parts.path) if unix else ""
            if unix and (not path or "\0" in path):
                raise ValueError("no path")
            if not all(0 < len(label) < 64 for label in host.rstrip(".").split(".")):
                raise ValueError("no name of a host")
            tail = parse_qs(parts.query).get("db", ["0"])[-1] if unix else parts.path.strip("/") or "0"
            database = int(tail)
            if not 0 <= database <= DATABASES:
                raise ValueError("no number of a database")
            return cls(
                scheme=parts.scheme,
                host=host,
                port=parts.port or 6379,
                path=path,
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                database=database,
            )
        except ValueError:
            raise UsageError("the event store's URL cannot be read", allowed=allowed) from None

    def __str__(self) -> str:
        return f"at {self.path}" if self.scheme == "unix" else f"at {self.host}:{self.port}"


def down(where: str, error: object) -> Down:
    return Down(
        f"the event store {where} cannot be reached: {error}",
        hint="is it running? `conduct doctor` checks it; without CONDUCT_REDIS_URL Conductor starts its own",
    )


def lost(where: str, error: object) -> Lost:
    return Lost(f"the event store {where} did not answer: {error}", hint="try again: what was recorded is kept")


class Reviving:
    """A connection that restarts its server when it is down, and then repeats the call.

    `shortage` says what the server lacks, such as disk space, if it died during a command; None: nothing known.
    """

    def __init__(self, inner: Connection, revive: Callable[[], object], shortage: Callable[[], str | None]) -> None:
        self._inner = inner
        self._revive = revive
        self._shortage = shortage

    def call(self, *args: Argument) -> Any:
        try:
            return self._answer(args)
        except Lost as error:
            if shortage := self._shortage():
                raise Lost(f"{error.what.rstrip('.')}: {shortage}", hint=MAKE_ROOM) from None
            raise

    def _answer(self, args: tuple[Argument, ...]) -> Any:
        try:
            return self._inner.call(*args)
        except Down:
            self._revive()
            return self._inner.call(*args)

    def close(self) -> None:
        self._inner.close()
