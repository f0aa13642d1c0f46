"""The event store: append at an expected version, read, and the feed of all events.

It never blindly repeats an append, never changes what is recorded, and decides nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

import msgspec

from conductor.envelope import Draft, Head, Recorded, check_chain, decode, encode, utc_now
from conductor.errors import CorruptLog, StoreError, UsageError
from conductor.events import Body
from conductor.log.blobs import Blobs
from conductor.log.connection import Argument, Connection, Down, Lost, ReplyError
from conductor.log.keys import Keys
from conductor.log.limits import check
from conductor.log.views import StoredViews
from conductor.redact import Redactor

PAGE = 1000  # entries per read
BLOCK_MS = 5000  # one blocking read; well under the connection's own timeout
LOST_DELAYS = (0.0, 0.2, 1.0)  # seconds before asking again about an append whose reply was lost


class VersionConflict(StoreError):
    """Another writer appended first. `actual` is the stream's head; nothing was appended."""

    def __init__(self, stream: str, expected: Head, actual: Head) -> None:
        super().__init__(
            f"{stream} is at version {actual.version}, not at the expected {expected.version}"
            + (" (same version, other history)" if actual.version == expected.version else ""),
            hint="read the stream again, decide again, append again",
        )
        self.expected = expected
        self.actual = actual


class Appended(msgspec.Struct, frozen=True, gc=False):
    """What an append recorded. `repeated`: a request key was known, and these are the events recorded with it."""

    events: tuple[Recorded, ...]
    head: Head
    repeated: bool = False


class EventStore:
    """Streams of one namespace. A stream is a task's id, or `transcript_stream(task, name)`.

    All methods raise StoreError when the server is down or refuses, UsageError for names that no stream can have.
    """

    def __init__(
        self,
        connection: Connection,
        namespace: str = "default",
        clean: Callable[[bytes], bytes] | None = None,
        clock: Callable[[], str] = utc_now,
    ) -> None:
        """`clean` redacts data before its digest is taken; by default what the environment marks as secret."""
        self.connection = connection
        self.keys = Keys(namespace)
        self._clean = clean or Redactor.from_environment(os.environ)
        self._clock = clock
        self.blobs = Blobs(connection, self.keys, self._clean)

    def append(
        self, stream: str, expected: Head, drafts: Sequence[Draft], *, feed: bool = True, time: str | None = None
    ) -> Appended:
        """Record all drafts or none, as the versions after `expected`.

        `time` is RFC 3339 UTC, by default the clock's. `feed` adds them to the feed and the task to the index, which
        transcripts do not use. If the stream already knows the request key of a draft, nothing is appended, and the
        batch first recorded with that key is returned.
        Raises VersionConflict; UsageError for an event that is too large or not JSON.
        """
        if not drafts:
            raise ValueError("nothing to append")
        if feed == ("/" in stream):
            raise ValueError(f"{stream}: tasks go on the feed, transcripts do not")
        keys = [self.keys.stream(stream), self.keys.head(stream), self.keys.requests(stream)]
        wires, events = self._encoded(stream, expected, drafts, time or self._clock())
        for wire, event in zip(wires, events, strict=True):
            check(wire, event)
        head = Head(events[-1].version, events[-1].head)
        requests = list(dict.fromkeys(draft.request for draft in drafts if draft.request is not None))
        arguments: list[Argument] = [*keys, self.keys.feed, self.keys.tasks, expected.version, expected.hash, head.hash]
        arguments += ["task" if feed else "transcript", len(requests), *requests, *wires]
        mine = Appended(tuple(events), head)

        reply, lost = self._run(stream, arguments)
        match reply:
            case b"appended":
                return mine
            case [b"repeated", versions]:
                first, last = map(int, versions.split())
                earlier = self._wires(stream, first - 1, last)
                if lost and earlier == wires:
                    return mine
                recorded = tuple(map(decode, earlier))
                return Appended(recorded, Head(recorded[-1].version, recorded[-1].head), repeated=True)
            case _:
                # A conflict with ourselves: the append succeeded and its reply was lost.
                if lost and self._wires(stream, expected.version, head.version) == wires:
                    return mine
                raise VersionConflict(stream, expected, Head.parse(reply[1]))

    def read(self, stream: str, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """The events of versions `after`+1 to `upto`, in order. Raises CorruptLog, see `walk`."""
        return list(self.walk(stream, after, upto))

    def walk(self, stream: str, after: int = 0, upto: int | None = None) -> Iterator[Recorded]:
        """The same, one by one: events before any damage are yielded before the error is raised.

        Raises CorruptLog for an entry that is not an event, a gap, a foreign event, a broken chain, changed data, and
        a stream that is empty although events were recorded.
        """
        wires = self._wires(stream, after, upto)
        if not wires and not after and upto != 0 and (recorded := self.head(stream).version):
            wires = self._wires(stream, after, upto)  # otherwise it was just created
            if not wires:
                raise damaged(stream, f"it is empty, and {recorded} events were recorded")
        head: Head | None = None if after else Head()
        for version, wire in enumerate(wires, after + 1):
            try:
                event = decode(wire)
            except CorruptLog as error:
                raise damaged(stream, error.what, version) from None
            if event.version != version or event.envelope.task != stream:
                found = f"{event.envelope.task}/{event.version}"
                raise damaged(stream, f"{found} stands where version {version} belongs", version)
            if wrong := check_chain(head or Head(after, event.envelope.prev), event):
                raise damaged(stream, wrong, version)
            head = Head(version, event.head)
            yield event

    def raw(self, stream: str) -> list[bytes]:
        """The stored bytes of all events, for export."""
        return self._wires(stream, 0, None)

    def entries(self, stream: str) -> list[tuple[str, bytes]]:
        """Everything in a stream, whatever it is: each entry's id and its stored bytes, in order.

        Raises CorruptLog if the key holds another type.
        """
        return [(place.decode(), fields[1]) for page in self._pages(stream, "-", "+") for place, fields in page]

    def requested(self, stream: str, request: str) -> tuple[Recorded, ...]:
        """The batch recorded with a request key; empty if the stream does not know the key."""
        known = self._ask_of(stream, "HGET", self.keys.requests(stream), request)
        if known is None:
            return ()
        first, last = map(int, known.split())
        return tuple(map(decode, self._wires(stream, first - 1, last)))

    def digest(self, body: Body) -> str:
        """The digest that an event with this data would be recorded with: hex SHA-256, after redaction."""
        _, (event,) = self._encoded("", Head(), [Draft(body, "")], "")
        return event.envelope.digest

    def head(self, stream: str) -> Head:
        """The head of a stream; version 0 if there is none. Raises CorruptLog if the stored head is not one."""
        self.keys.stream(stream)
        stored = self._ask_of(stream, "GET", self.keys.head(stream)) or b"0 "
        try:
            return Head.parse(stored)
        except ValueError:
            raise damaged(stream, f"its head is not one: {stored[:80]!r}") from None

    def misplaced(self, stream: str) -> str:
        """What is wrong with the types of a stream's keys; "": nothing."""
        expected = {"stream": self.keys.stream(stream), "string": self.keys.head(stream)}
        for type_, key in {**expected, "hash": self.keys.requests(stream)}.items():
            found = self._ask("TYPE", key).decode()
            if found not in ("none", type_):
                return f"its key {key} holds a {found}, not a {type_}"
        return ""

    def tasks(self) -> list[str]:
        """All task ids in the order of their creation."""
        return [task.decode(errors="replace") for task in self._ask("LRANGE", self.keys.tasks, 0, -1)]

    def feed(self, after: str = "0-0", count: int = PAGE, block_ms: int | None = None) -> list[tuple[str, Recorded]]:
        """Up to `count` events of all tasks after a position, each with its own position, in order.

        With `block_ms` it waits that long for a first one. Raises CorruptLog for an entry that is not an event.
        """
        return [(position, decode(wire)) for position, wire in self.feed_raw(after, count, block_ms)]

    def feed_raw(self, after: str, count: int = PAGE, block_ms: int | None = None) -> list[tuple[str, bytes]]:
        """The same as stored bytes, whatever they are."""
        until = time.monotonic() + (block_ms or 0) / 1000
        while True:
            left = int((until - time.monotonic()) * 1000)
            block = ("BLOCK", min(left, BLOCK_MS)) if left > 0 else ()
            reply = self._ask("XREAD", "COUNT", count, *block, "STREAMS", self.keys.feed, after)
            if reply:
                return [(position.decode(), fields[1]) for position, fields in reply[0][1]]
            if left <= 0:
                return []

    def feed_end(self) -> str:
        """The position of the feed's last event; `0-0` if there is none."""
        last = self._ask("XREVRANGE", self.keys.feed, "+", "-", "COUNT", 1)
        return last[0][0].decode() if last else "0-0"

    def views(self, name: str) -> StoredViews:
        """Where the projection of that name keeps its views."""
        return StoredViews(self.connection, self.keys.view(name))

    def heartbeat(self, task: str, effect: str, claim: int, ttl_ms: int) -> None:
        """Mark the claim recorded as version `claim` as alive for the next `ttl_ms` milliseconds."""
        self._ask("SET", self.keys.claim(task, effect, claim), "1", "PX", ttl_ms)

    def has_heartbeat(self, task: str, effect: str, claim: int) -> bool:
        """Whether that claim has a heartbeat that has not expired."""
        return bool(self._ask("EXISTS", self.keys.claim(task, effect, claim)) == 1)

    def close(self) -> None:
        self.connection.close()

    def _encoded(
        self, stream: str, head: Head, drafts: Sequence[Draft], time: str
    ) -> tuple[list[bytes], list[Recorded]]:
        try:
            return encode(stream, head, drafts, time=time, clean=self._clean)
        except UnicodeEncodeError as error:
            raise UsageError(f"an event for {stream} holds text that is not Unicode: {error}") from None

    def _wires(self, stream: str, after: int, upto: int | None) -> list[bytes]:
        end = "+" if upto is None else f"{upto}-0"
        return [fields[1] for page in self._pages(stream, f"{after + 1}-0", end) for _, fields in page]

    def _pages(self, stream: str, start: str, end: str) -> Iterator[list[tuple[bytes, list[bytes]]]]:
        """The server's replies, each a list of entries: an id, then the names and values of the fields."""
        key = self.keys.stream(stream)
        while True:
            page = self._ask_of(stream, "XRANGE", key, start, end, "COUNT", PAGE)
            yield page
            if len(page) < PAGE:
                return
            start = "(" + page[-1][0].decode()

    def _ask(self, *args: Argument) -> Any:
        """A command that may be sent twice without harm."""
        try:
            return self.connection.call(*args)
        except Lost:
            return self.connection.call(*args)

    def _ask_of(self, stream: str, *args: Argument) -> Any:
        """The same for a key of one stream. Raises CorruptLog if it holds another type."""
        try:
            return self._ask(*args)
        except ReplyError as error:
            if error.code != "WRONGTYPE":
                raise
            raise damaged(stream, self.misplaced(stream) or error.what) from None

    def _run(self, stream: str, arguments: list[Argument]) -> tuple[Any, bool]:
        """The script's reply, and whether an earlier try's reply was lost.

        The script may run again because it checks the expected version: an append that succeeded shows as a conflict.
        """
        unknown: Lost | None = None
        for delay in LOST_DELAYS:
            if delay:  # even a sleep of zero seconds yields the processor
                time.sleep(delay)
            try:
                return self._script(arguments), unknown is not None
            except Lost as error:
                unknown = error
            except Down:
                if unknown is None:
                    raise
            except ReplyError as error:
                if "equal or smaller" in error.message:
                    raise damaged(stream, "it holds events past its head") from None
                raise
        assert unknown is not None
        raise unknown

    def _script(self, arguments: list[Argument]) -> Any:
        source, digest = _append_script()
        try:
            return self.connection.call("EVALSHA", digest, 5, *arguments)
        except ReplyError as error:
            if error.code != "NOSCRIPT":
                raise
            return self.connection.call("EVAL", source, 5, *arguments)


def damaged(stream: str, what: str, version: int = 0) -> CorruptLog:
    """The error that names the stream's task; `version`: where the damage is, 0: not at a particular one."""
    task, transcript, _ = stream.partition("/")
    whose = f"the transcript {stream}" if transcript else f"the record of task {task}"
    place = f" at version {version}" if version else ""
    return CorruptLog(f"{whose} is damaged{place}: {what}", task=task, reason=what)


@cache
def _append_script() -> tuple[bytes, str]:
    source = Path(__file__).with_name("append.lua").read_bytes()
    return source, sha1(source, usedforsecurity=False).hexdigest()
