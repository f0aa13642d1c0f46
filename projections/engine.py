"""Keeps views in the store: caught up from the feed when they are read, rebuilt from the task streams.

A projection's fields are a view per task, `#task` for the chain's head that it was folded up to, and `!task` for a task
in quarantine. The mark says which code folded them, up to which position of the feed; they are replaced as a whole or
updated from that mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from conductor.decoding import prepared
from conductor.envelope import Head, Recorded, check_chain
from conductor.errors import CorruptLog, UsageError
from conductor.log.store import EventStore
from conductor.log.views import StoredViews
from projections.view import Projection, Unfoldable, View, build, follow

BATCH = 500  # events folded between two saves
QUARANTINE, HEAD = b"!", b"#"
UNREADABLE = (msgspec.MsgspecError, ValueError)  # what is stored is not a view, a quarantine or a head
LAYOUT = 2  # version of the fields' layout; a change leads to a rebuild

T = TypeVar("T")
Fields = Iterator[tuple[bytes, bytes]]


class Quarantined(msgspec.Struct, frozen=True):
    """A task whose view stays as it was before `version`, which could not be folded; 0: it has no view at all."""

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
        """The names of the projections."""
        return tuple(self._projections)

    def get(self, name: str, task: str) -> Any:
        """A task's view, caught up; None if it has none."""

        def read(projection: Projection[Any]) -> Any:
            stored = self._stored(name).get(task.encode())
            return None if stored is None else decode(projection, stored)

        return self._read(name, read)

    def all(self, name: str) -> list[Any]:
        """The views of all tasks, caught up, in the order in which the tasks were created."""

        def read(projection: Projection[Any]) -> list[Any]:
            stored = self._stored(name).all()
            tasks = (task.encode() for task in self._store.tasks())
            return [decode(projection, stored[task]) for task in tasks if task in stored]

        return self._read(name, read)

    def quarantined(self, name: str) -> list[Quarantined]:
        """The tasks that could not be folded, caught up."""

        def read(_: Projection[Any]) -> list[Quarantined]:
            stored = self._stored(name)
            held = sorted(field for field in stored.names() if field.startswith(QUARANTINE))
            return [msgspec.json.decode(kept, type=prepared(Quarantined)) for kept in stored.some(held).values()]

        return self._read(name, read)

    def folded(self, name: str, tasks: Sequence[str]) -> dict[str, Head]:
        """By task, the head that its view was folded up to, caught up; tasks without a view are left out."""

        def read(_: Projection[Any]) -> dict[str, Head]:
            stored = self._stored(name).some([HEAD + task.encode() for task in tasks])
            return {field.removeprefix(HEAD).decode(): Head.parse(kept) for field, kept in stored.items()}

        return self._read(name, read)

    def stored(self, name: str, task: str) -> bytes | None:
        """A task's view as stored, caught up, to be compared with a rebuild."""
        self._caught_up(name)
        return self._stored(name).get(task.encode())

    def rebuild(self, name: str) -> None:
        """Fold a projection again from the task streams, beside the old one, then switch over and catch up."""
        self._rebuild(self._projection(name))
        self._caught_up(name)

    def _read(self, name: str, read: Callable[[Projection[Any]], T]) -> T:
        """The result of `read` on a caught-up projection. If the stored views are unreadable, all are rebuilt."""
        projection = self._caught_up(name)
        try:
            return read(projection)
        except UNREADABLE:
            self._rebuild(projection)
            return read(self._caught_up(name))

    # ---- catching up ---------------------------------------------------------------------------------------------

    def _caught_up(self, name: str) -> Projection[Any]:
        """The projection, with what is new on the feed folded. Safe while other processes do the same."""
        projection = self._projection(name)
        while True:
            mark = self._stored(name).mark()
            code, _, position = mark.decode(errors="replace").partition(" ")
            if code != self._code(projection):
                self._rebuild(projection)
                continue
            try:
                batch = self._store.feed(position, BATCH)
                changed = dict(self._fold(projection, [event for _, event in batch]))
            except (CorruptLog, *UNREADABLE):
                self._rebuild(projection)  # the streams show which task is damaged; the others are not affected
                continue
            if not batch:
                return projection
            self._stored(name).move(mark, self._mark(projection, batch[-1][0]), changed)
            # If another process was faster, nothing was written, and this one continues from there.

    def _fold(self, projection: Projection[Any], events: list[Recorded]) -> Fields:
        """Every view and quarantine that a batch changes, independent of the order across tasks."""
        by_task: dict[str, list[Recorded]] = {}
        for event in events:
            by_task.setdefault(event.envelope.task, []).append(event)
        fields = [sign + task.encode() for task in by_task for sign in (b"", QUARANTINE, HEAD)]
        known = self._stored(projection.name).some(fields)
        for task, news in by_task.items():
            stored, held, head = (known.get(sign + task.encode()) for sign in (b"", QUARANTINE, HEAD))
            if held is not None:
                continue
            view = projection.start(task) if stored is None else decode(projection, stored)
            news = [event for event in news if event.version > view.version]
            yield from self._task(projection, view, Head.parse(head or b"0 "), self._without_gaps(view, news))

    def _task(self, projection: Projection[Any], view: View, head: Head, events: Iterable[Recorded]) -> Fields:
        """One task's fields after the next events; what was folded before a failing event is kept."""
        task = view.task
        try:
            for event in events:
                if wrong := check_chain(head, event):
                    raise CorruptLog(wrong)
                view = follow(projection, view, (event,))
                head = Head(event.version, event.head)
        except Unfoldable as error:
            yield _quarantine(Quarantined(task, error.version, error.error))
        except (CorruptLog, UsageError) as error:  # UsageError: not a possible name of a stream
            yield _quarantine(Quarantined(task, view.version + 1 if view.version else 0, _reason(error)))
        if view.version:
            yield task.encode(), encode(view)
            yield HEAD + task.encode(), f"{head.version} {head.hash}".encode()

    def _without_gaps(self, view: View, news: Sequence[Recorded]) -> Iterable[Recorded]:
        """`news`, all after `view`; from the task's own stream if the feed does not have them all."""
        if not news or [e.version for e in news] == list(range(view.version + 1, news[-1].version + 1)):
            return news
        return self._store.walk(view.task, view.version, news[-1].version)

    # ---- rebuilding ----------------------------------------------------------------------------------------------

    def _rebuild(self, projection: Projection[Any]) -> None:
        # Read first: later appends are folded from the feed, and what is already folded is skipped.
        position = self._store.feed_end()
        anew = self._stored(projection.name).anew(self._mark(projection, position))
        for task in self._store.tasks():
            anew.put(dict(self._task(projection, projection.start(task), Head(), self._store.walk(task))))
        anew.finish()

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

    def _stored(self, name: str) -> StoredViews:
        return self._store.views(name)


def encode(view: View) -> bytes:
    """A view as it is stored; equal views are equal bytes."""
    return msgspec.json.encode(view)


def decode(projection: Projection[Any], stored: bytes) -> Any:
    return msgspec.json.decode(stored, type=prepared(projection.view))


def rebuilt(projection: Projection[Any], task: str, events: Sequence[Recorded]) -> bytes:
    """What would be stored for a task if it were folded from `events` alone. Raises Unfoldable."""
    return encode(build(projection, task, events))


def fingerprint(projection: Projection[Any]) -> str:
    """Identifies the code that folded a view: the projection's version and the schema of its view."""
    schema = msgspec.json.encode(msgspec.json.schema(projection.view), order="sorted")
    return f"{LAYOUT}.{projection.version}-{hashlib.sha256(schema).hexdigest()[:16]}"


def _reason(error: CorruptLog | UsageError) -> str:
    return error.reason if isinstance(error, CorruptLog) else error.what


def _quarantine(quarantined: Quarantined) -> tuple[bytes, bytes]:
    return QUARANTINE + quarantined.task.encode(), msgspec.json.encode(quarantined)
