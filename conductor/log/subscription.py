"""Follows the feed: every event once, in order, across connection losses. The caller saves positions.

Unreadable entries are passed on, marked as such: one entry must not stop subscribers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec

from conductor.decoding import prepared
from conductor.envelope import Envelope, Recorded, decode
from conductor.errors import CorruptLog, StoreError
from conductor.log.connection import Down, Lost
from conductor.log.store import EventStore

PATIENCE = 60.0  # seconds that a server may be unreachable before following gives up
RETRY = 0.25  # seconds between two tries


class Unreadable(msgspec.Struct, frozen=True):
    """An entry of the feed that is not an event, as stored. `envelope` is set if only its data cannot be read."""

    wire: bytes
    envelope: Envelope | None
    error: str


def follow(
    store: EventStore,
    after: str = "0-0",
    *,
    block_ms: int = 1000,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, Recorded | Unreadable]]:
    """Yield each event of the feed after a position, with its own position, then wait for more, until `stop()`.

    `after` may be `$`: only what is appended from now on. `stop` is called after each event and every `block_ms`.
    Ordered, gapless, no repeats. Raises StoreError if the server stays unreachable for a minute.
    """
    position = store.feed_end() if after == "$" else after
    while not stop():
        for found, wire in _next(store, position, block_ms, stop):
            position = found
            yield found, _read(wire)
            if stop():
                return


def _next(store: EventStore, after: str, block_ms: int, stop: Callable[[], bool]) -> list[tuple[str, bytes]]:
    """The next entries; none when stopped. A read changes nothing, so it can simply be repeated."""
    until = time.monotonic() + PATIENCE
    while not stop():
        try:
            return store.feed_raw(after, block_ms=block_ms)
        except (Down, Lost):
            if time.monotonic() > until:
                raise
            time.sleep(RETRY)
    return []


def _read(wire: bytes) -> Recorded | Unreadable:
    try:
        return decode(wire)
    except CorruptLog as error:
        try:
            return Unreadable(wire, msgspec.json.decode(wire, type=prepared(Envelope)), error.what)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return Unreadable(wire, None, error.what)


def saved_position(store: EventStore, name: str) -> str:
    """The saved position of the subscriber `name` in the feed; `0-0` at first. Raises StoreError."""
    stored = store.connection.call("GET", store.keys.position(name))
    return stored.decode() if stored else "0-0"


def save_position(store: EventStore, name: str, position: str) -> None:
    """Save the position of the subscriber `name`. Save after the work is done: after a crash it is repeated."""
    milliseconds, dash, sequence = position.partition("-")
    if not (dash and milliseconds.isdigit() and sequence.isdigit()):
        raise StoreError(f"{position!r} is not a position in the feed", allowed="<milliseconds>-<sequence>")
    store.connection.call("SET", store.keys.position(name), position)
