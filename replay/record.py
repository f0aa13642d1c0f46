"""A task's record as stored, read without trusting it: what can be read, and what is wrong."""

from __future__ import annotations

import msgspec

from conductor.envelope import Head, Recorded, check_chain, decode
from conductor.errors import CorruptLog
from conductor.inspection import Inspection
from conductor.log.store import EventStore


class StoredRecord(msgspec.Struct, frozen=True):
    """`wires`: all stored bytes in order; `events`: the readable ones, up to the first that is not."""

    task: str
    ids: tuple[str, ...]
    wires: tuple[bytes, ...]
    events: tuple[Recorded, ...]
    unreadable: str  # what is wrong with the first entry that cannot be read


def read(store: EventStore, task: str) -> StoredRecord:
    """A task's stream, entry by entry."""
    events: list[Recorded] = []
    unreadable = ""
    try:
        entries = store.entries(task)
    except CorruptLog as error:  # the key does not hold a stream
        entries, unreadable = [], error.reason
    for _, wire in entries:
        try:
            events.append(decode(wire))
        except CorruptLog as error:
            unreadable = f"after version {len(events)}: {error.what}"
            break
    return StoredRecord(task, tuple(i for i, _ in entries), tuple(w for _, w in entries), tuple(events), unreadable)


def versions(record: StoredRecord) -> Inspection:
    """The versions are 1, 2, 3, … of this task, under matching stream ids."""
    for n, (place, event) in enumerate(zip(record.ids, record.events, strict=False), 1):
        found = (event.envelope.task, event.version, place)
        if found != (record.task, n, f"{n}-0"):
            said = f"{found[0]}/{found[1]} stands at {place} where version {n} belongs"
            return Inspection("versions", False, said)
    if record.unreadable:
        return Inspection("versions", False, record.unreadable)
    return Inspection(
        "versions", bool(record.events), f"{len(record.events)} events without a gap" if record.events else "none"
    )


def chain(record: StoredRecord, store: EventStore) -> Inspection:
    """Each event has the hash of the previous header and the digest of its own data; the head is the last one."""
    head = Head()
    for event in record.events:
        if wrong := check_chain(head, event):
            return Inspection("chain", False, wrong)
        head = Head(event.version, event.head)
    try:
        kept = store.head(record.task)
    except CorruptLog as error:
        return Inspection("chain", False, error.reason)
    if kept != head:
        return Inspection(
            "chain",
            False,
            f"ends at version {head.version} {head.hash[:10]}; the head says {kept.version} {kept.hash[:10]}",
        )
    return Inspection("chain", True, f"whole up to {head.hash[:10]}")


def feed(record: StoredRecord, store: EventStore) -> Inspection:
    """The feed holds the same bytes for this task in the same order."""
    mine = b'{"task":' + msgspec.json.encode(record.task) + b","
    told, position = [], "0-0"
    while page := store.feed_raw(position):
        told += [wire for _, wire in page if wire.startswith(mine)]
        position = page[-1][0]
    for n, (here, there) in enumerate(zip(record.wires, told, strict=False), 1):
        if here != there:
            return Inspection("feed", False, f"version {n} is another event on the feed")
    if len(told) != len(record.wires):
        return Inspection("feed", False, f"{len(told)} events on the feed, {len(record.wires)} in the stream")
    return Inspection("feed", True, f"the same {len(told)} events in the same order")
