"""Keeps views in the store: caught up from the feed when they are read, rebuilt from the task streams, never a cause.

A projection is one hash: a view per task, `#task` for the chain's head that it was folded up to, `!task` for a task in
quarantine, and under the empty name the mark, which says by what code and up to which position of the feed it was
folded. It is replaced whole or moved on from that mark.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from conductor.decoding import prepared
from conductor.envelope import Head, Recorded, check_chain
from conductor.errors import CorruptLog, UsageError
from conductor.log.connection import Argument, ReplyError
from conductor.log.store import EventStore
from projections.view import Projection, Unfoldable, View, build, follow

BATCH = 500  # events folded between two saves
BUILDING_TTL = 3600  # seconds until a rebuild that was cut off is forgotten
MARK, QUARANTINE, HEAD = b"", b"!", b"#"
UNREADABLE = (msgspec.MsgspecError, ValueError)  # what is stored is no view, no quarantine, or no head
LAYOUT = 2  # of the hash: a changed one is rebuilt

T = TypeVar("T")

# Saved only by whom nobody overtook: views and mark move together, or not at all.
SAVE = """
if (redis.call('HGET', KEYS[1], '') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1
"""
FLIP = """
redis.call('RENAME', KEYS[2], KEYS[1])
redis.call('PERSIST', KEYS[1])
"""


class Quarantined(msgspec.Struct, frozen=True):
    """A task whose view stays as it was before `version`, which could not be folded; 0: there is none of it at all."""

    task: str
    version: int
    error: str


class Engine:
    """The views of all tasks. All methods raise StoreError when the server is down or refuses."""

    def __init__(self, store: EventStore, projections: Sequence[Projection[Any]]) -> None:
        self._store = store
        self._projections = {p.name: p for p in projections}
        self._codes: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The projections that there are."""
        return tuple(self._projections)

    def get(self, name: str, task: str) -> Any:
        """A task's view, caught up; None for a task without one."""

        def read(projection: Projection[Any]) -> Any:
            stored = self._call("HGET", self._key(name), task)
            return None if stored is None else decode(projection, stored)

        return self._read(name, read)

    def all(self, name: str) -> list[Any]:
        """The views of all tasks, caught up, in the order in which the tasks were created."""

        def read(projection: Projection[Any]) -> list[Any]:
            stored = self._hash(name)
            tasks = (task.encode() for task in self._store.tasks())
            return [decode(projection, stored[task]) for task in tasks if task in stored]

        return self._read(name, read)

    def quarantined(self, name: str) -> list[Quarantined]:
        """The tasks that could not be folded, caught up."""

        def read(_: Projection[Any]) -> list[Quarantined]:
            held = sorted(field for field in self._call("HKEYS", self._key(name)) if field.startswith(QUARANTINE))
            stored = self._call("HMGET", self._key(name), *held) if held else ()
            return [msgspec.json.decode(kept, type=prepared(Quarantined)) for kept in stored if kept is not None]

        return self._read(name, read)

    def folded(self, name: str, tasks: Sequence[str]) -> dict[str, Head]:
        """By task, the head of the chain that its view was folded up to, caught up; without those that have no view."""

        def read(_: Projection[Any]) -> dict[str, Head]:
            stored = self._call("HMGET", self._key(name), *(HEAD + task.encode() for task in tasks)) if tasks else ()
            return {task: Head.parse(kept) for task, kept in zip(tasks, stored, strict=True) if kept is not None}

        return self._read(name, read)

    def stored(self, name: str, task: str) -> bytes | None:
        """A task's view as it lies in the store, caught up: what a rebuild is to be compared with."""
        self._caught_up(name)
        found: bytes | None = self._call("HGET", self._key(name), task)
        return found

    def catch_up(self) -> None:
        """Fold what is new on the feed, for every projection. Safe while other processes do the same."""
        for name in self._projections:
            self._caught_up(name)

    def rebuild(self, name: str) -> None:
        """Fold a projection anew from the task streams, beside the old one, flip, and catch up."""
        self._rebuild(self._projection(name))
        self._caught_up(name)

    def _read(self, name: str, read: Callable[[Projection[Any]], T]) -> T:
        """What `read` makes of a projection that is caught up. What it cannot read is no view: all are made anew."""
        projection = self._caught_up(name)
        try:
            return read(projection)
        except UNREADABLE:
            self._rebuild(projection)
            return read(self._caught_up(name))

    # ---- catching up ---------------------------------------------------------------------------------------------

    def _caught_up(self, name: str) -> Projection[Any]:
        projection = self._projection(name)
        while True:
            mark = self._marked(name)
            code, _, position = mark.decode(errors="replace").partition(" ")
            if code != self._code(projection):
                self._rebuild(projection)
                continue
            try:
                batch = self._store.feed(position, BATCH)
                changed = tuple(self._fold(projection, [event for _, event in batch])) if batch else ()
            except (CorruptLog, *UNREADABLE):
                self._rebuild(projection)  # the streams say which task it is, and the others go on
                continue
            if not batch:
                return projection
            self._call("EVAL", SAVE, 1, self._key(name), mark, MARK, self._mark(projection, batch[-1][0]), *changed)
            # Whoever was overtaken has written nothing, and goes on from where the other one is.

    def _marked(self, name: str) -> bytes:
        """The mark; empty where there is none, also as its key holds something else."""
        try:
            return self._call("HGET", self._key(name), MARK) or b""
        except ReplyError as error:
            if error.code != "WRONGTYPE":
                raise
            return b""

    def _fold(self, projection: Projection[Any], events: list[Recorded]) -> Iterator[Argument]:
        """Field and value of every view and quarantine that a batch changes. Depends on no order across tasks."""
        by_task: dict[str, list[Recorded]] = {}
        for event in events:
            by_task.setdefault(event.envelope.task, []).append(event)
        fields = [sign + task.encode() for task in by_task for sign in (b"", QUARANTINE, HEAD)]
        known = dict(zip(fields, self._call("HMGET", self._key(projection.name), *fields), strict=True))
        for task, news in by_task.items():
            stored, held, head = (known[sign + task.encode()] for sign in (b"", QUARANTINE, HEAD))
            if held is not None:
                continue
            view = projection.start(task) if stored is None else decode(projection, stored)
            news = [event for event in news if event.version > view.version]
            yield from self._task(projection, view, Head.parse(head or b"0 "), self._without_gaps(view, news))

    def _task(
        self, projection: Projection[Any], view: View, head: Head, events: Iterable[Recorded]
    ) -> Iterator[Argument]:
        """One task's fields after the next events, one by one: what was folded before one that fails, stays."""
        task = view.task
        try:
            for event in events:
                if wrong := check_chain(head, event):
                    raise CorruptLog(wrong)
                view = follow(projection, view, (event,))
                head = Head(event.version, event.head)
        except Unfoldable as error:
            yield from _quarantine(Quarantined(task, error.version, error.error))
        except (CorruptLog, UsageError) as error:  # UsageError: no stream can be called so
            yield from _quarantine(Quarantined(task, view.version + 1 if view.version else 0, _reason(error)))
        if view.version:
            yield from (task, encode(view), HEAD + task.encode(), f"{head.version} {head.hash}")

    def _without_gaps(self, view: View, news: Sequence[Recorded]) -> Iterable[Recorded]:
        """`news`, all after `view`; from the task's own stream where the feed does not have them all."""
        if not news or [e.version for e in news] == list(range(view.version + 1, news[-1].version + 1)):
            return news
        return self._store.walk(view.task, view.version, news[-1].version)

    # ---- rebuilding ----------------------------------------------------------------------------------------------

    def _rebuild(self, projection: Projection[Any]) -> None:
        key = self._key(projection.name)
        beside = f"{key}:building:{os.urandom(8).hex()}"
        # Taken first: what is appended meanwhile is folded from the feed, and what was folded already is skipped.
        position = self._store.feed_end()
        self._write(beside, (MARK, self._mark(projection, position)))
        for task in self._store.tasks():
            events = self._store.walk(task)
            self._write(beside, tuple(self._task(projection, projection.start(task), Head(), events)))
        self._call("EVAL", FLIP, 2, key, beside)

    def _write(self, key: str, fields: Sequence[Argument]) -> None:
        if fields:
            self._call("HSET", key, *fields)
            self._call("EXPIRE", key, BUILDING_TTL)

    # ---- the store -----------------------------------------------------------------------------------------------

    def _projection(self, name: str) -> Projection[Any]:
        if name not in self._projections:
            raise UsageError(f"there is no projection {name!r}", allowed=", ".join(self._projections))
        return self._projections[name]

    def _mark(self, projection: Projection[Any], position: str) -> str:
        return f"{self._code(projection)} {position}"

    def _code(self, projection: Projection[Any]) -> str:
        if projection.name not in self._codes:
            self._codes[projection.name] = fingerprint(projection)
        return self._codes[projection.name]

    def _key(self, name: str) -> str:
        return self._store.keys.view(name)

    def _hash(self, name: str) -> dict[bytes, bytes]:
        flat = self._call("HGETALL", self._key(name))
        return dict(zip(flat[::2], flat[1::2], strict=True))

    def _call(self, *args: Argument) -> Any:
        return self._store.connection.call(*args)


def encode(view: View) -> bytes:
    """A view as it is stored; equal views are equal bytes."""
    return msgspec.json.encode(view)


def decode(projection: Projection[Any], stored: bytes) -> Any:
    return msgspec.json.decode(stored, type=prepared(projection.view))


def rebuilt(projection: Projection[Any], task: str, events: Sequence[Recorded]) -> bytes:
    """What would be stored for a task had it been folded from `events` only. Raises Unfoldable."""
    return encode(build(projection, task, events))


def fingerprint(projection: Projection[Any]) -> str:
    """What code folded a view: the projection's version, and the shape of all that its view holds."""
    schema = msgspec.json.encode(msgspec.json.schema(projection.view), order="sorted")
    return f"{LAYOUT}.{projection.version}-{hashlib.sha256(schema).hexdigest()[:16]}"


def _reason(error: CorruptLog | UsageError) -> str:
    return error.reason if isinstance(error, CorruptLog) else error.what


def _quarantine(quarantined: Quarantined) -> tuple[Argument, Argument]:
    return QUARANTINE + quarantined.task.encode(), msgspec.json.encode(quarantined)
