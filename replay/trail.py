"""A task's record as it lies in the store, read without believing it: what can be read, and what is wrong there."""

from __future__ import annotations

import msgspec

from conductor.envelope import Head, Recorded, check_chain, decode
from conductor.errors import CorruptLog
from conductor.log.store import EventStore


class Row(msgspec.Struct, frozen=True):
    """One thing that was looked at. `detail` says what was found, or what is wrong and where."""

    name: str
    ok: bool
    detail: str


class Trail(msgspec.Struct, frozen=True):
    """`wires`: all stored bytes in order; `events`: those that can be read, up to the first one that cannot."""

    task: str
    ids: tuple[str, ...]
    wires: tuple[bytes, ...]
    events: tuple[Recorded, ...]
    unreadable: str  # what is wrong with the first entry that cannot be read


def read(store: EventStore, task: str) -> Trail:
    """A task's stream, entry by entry."""
    events: list[Recorded] = []
    unreadable = ""
    try:
        entries = store.entries(task)
    except CorruptLog as error:  # the key holds no stream
        entries, unreadable = [], error.reason
    for _, wire in entries:
        try:
            events.append(decode(wire))
        except CorruptLog as error:
            unreadable = f"after version {len(events)}: {error.what}"
            break
    return Trail(task, tuple(i for i, _ in entries), tuple(w for _, w in entries), tuple(events), unreadable)


def versions(trail: Trail) -> Row:
    """1, 2, 3, … of this task, under stream ids that say the same."""
    for n, (place, event) in enumerate(zip(trail.ids, trail.events, strict=False), 1):
        found = (event.envelope.task, event.version, place)
        if found != (trail.task, n, f"{n}-0"):
            said = f"{found[0]}/{found[1]} stands at {place} where version {n} belongs"
            return Row("versions", False, said)
    if trail.unreadable:
        return Row("versions", False, trail.unreadable)
    return Row("versions", bool(trail.events), f"{len(trail.events)} events without a gap" if trail.events else "none")


def chain(trail: Trail, store: EventStore) -> Row:
    """Each event names the hash of the header before it, and the digest of its own data; the head is the last one."""
    head = Head()
    for event in trail.events:
        if wrong := check_chain(head, event):
            return Row("chain", False, wrong)
        head = Head(event.version, event.head)
    try:
        kept = store.head(trail.task)
    except CorruptLog as error:
        return Row("chain", False, error.reason)
    if kept != head:
        return Row(
            "chain",
            False,
            f"ends at version {head.version} {head.hash[:10]}; the head says {kept.version} {kept.hash[:10]}",
        )
    return Row("chain", True, f"whole up to {head.hash[:10]}")


def feed(trail: Trail, store: EventStore) -> Row:
    """The feed holds the same bytes of this task in the same order."""
    mine = b'{"task":' + msgspec.json.encode(trail.task) + b","
    told, position = [], "0-0"
    while page := store.feed_raw(position):
        told += [wire for _, wire in page if wire.startswith(mine)]
        position = page[-1][0]
    for n, (here, there) in enumerate(zip(trail.wires, told, strict=False), 1):
        if here != there:
            return Row("feed", False, f"version {n} is another event on the feed")
    if len(told) != len(trail.wires):
        return Row("feed", False, f"{len(told)} events on the feed, {len(trail.wires)} in the stream")
    return Row("feed", True, f"the same {len(told)} events in the same order")
