"""A stream that something else wrote into, or took from, is told: whatever carries the store's commands."""

from __future__ import annotations

import pytest

from conductor.envelope import Head
from conductor.errors import CorruptLog
from conductor.log.connection import Connection
from conductor.log.store import EventStore
from tests.log.drafts import paused


@pytest.fixture
def store(connection: Connection, namespace: str) -> EventStore:
    return EventStore(connection, namespace)


def test_a_stream_that_was_written_past_the_script_is_told(store: EventStore) -> None:
    head = store.append("t1", Head(), [paused("a")]).head
    store.connection.call("XADD", store.keys.stream("t1"), "2-0", "d", b"{}")
    with pytest.raises(CorruptLog):
        store.append("t1", head, [paused("b")])
    assert len(store.feed()) == 1
    with pytest.raises(CorruptLog, match="not an event"):
        store.read("t1")


def test_a_deleted_entry_is_a_gap(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a"), paused("b"), paused("c")])
    store.connection.call("XDEL", store.keys.stream("t1"), "2-0")
    with pytest.raises(CorruptLog, match="where version 2 belongs"):
        store.read("t1")


def test_an_event_of_another_task_is_told(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a")])
    store.connection.call("XADD", store.keys.stream("t2"), "1-0", "d", store.raw("t1")[0])
    with pytest.raises(CorruptLog, match="t1/1"):
        store.read("t2")


def test_what_stands_before_the_damage_is_told_first(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a"), paused("b"), paused("c")])
    store.connection.call("XDEL", store.keys.stream("t1"), "3-0")
    store.connection.call("XADD", store.keys.stream("t1"), "4-0", "d", b"no event")
    told = store.walk("t1")
    assert [next(told).version, next(told).version] == [1, 2]
    with pytest.raises(CorruptLog, match=r"task t1 is damaged at version 3: .*not an event") as raised:
        next(told)
    assert (raised.value.task, raised.value.hint) == ("t1", "`conduct verify t1` says more")


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (b'"actor":"', b'"actor":"x', "version 3: prev is not the hash of version 2's header"),
        (b'"reason":"', b'"reason":"x', "version 2: data does not match its digest"),
    ],
)
def test_a_broken_chain_is_told(store: EventStore, old: bytes, new: bytes, wrong: str) -> None:
    store.append("t1", Head(), [paused("a"), paused("b"), paused("c")])
    first, second, third = store.raw("t1")
    store.connection.call("DEL", store.keys.stream("t1"))
    for version, wire in enumerate((first, second.replace(old, new), third), 1):
        store.connection.call("XADD", store.keys.stream("t1"), f"{version}-0", "d", wire)
    for after in (0, 1):
        with pytest.raises(CorruptLog, match=wrong):
            store.read("t1", after)
    assert [event.version for event in store.read("t1", upto=1)] == [1]


def test_an_empty_stream_of_which_events_were_recorded_is_told(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a"), paused("b")])
    store.connection.call("DEL", store.keys.stream("t1"))
    assert store.read("t1", upto=0) == []
    with pytest.raises(CorruptLog, match="it is empty, and 2 events were recorded"):
        store.read("t1")


def test_a_key_of_another_type_is_told(store: EventStore) -> None:
    for key in (store.keys.stream("t1"), store.keys.head("t1"), store.keys.requests("t1")):
        store.connection.call("SADD", key, "a set")
    for look in (store.read, store.raw, store.head, lambda task: store.requested(task, "r")):
        with pytest.raises(CorruptLog, match="holds a set, not a") as raised:
            look("t1")
        assert raised.value.task == "t1"
    store.connection.call("SET", store.keys.head("t2"), "no head")
    with pytest.raises(CorruptLog, match="its head is not one"):
        store.head("t2")
