"""A reply that never comes: an append is done once, or it is said that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conductor.envelope import Draft, Head
from conductor.events import TaskPaused
from conductor.log.connect import connect
from conductor.log.connection import Address, Lost
from conductor.log.store import EventStore, VersionConflict
from tests.log.dropping_proxy import DroppingProxy


@pytest.fixture
def proxy(server_url: str) -> Iterator[DroppingProxy]:
    proxy = DroppingProxy(Address.parse(server_url).path)
    yield proxy
    proxy.close()


@pytest.fixture(params=[False, True], ids=["redis-py", "socket"])
def shaky(request: pytest.FixtureRequest, proxy: DroppingProxy, namespace: str) -> Iterator[EventStore]:
    """The store behind the proxy; its first event is there already."""
    store = EventStore(connect(proxy.url, fast=request.param), namespace)
    store.append("t1", Head(), [paused("0")])
    yield store
    store.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor.log.store.LOST_DELAYS", (0.0, 0.0, 0.0))


def paused(reason: str, request: str | None = None) -> Draft:
    return Draft(TaskPaused(reason), "person:ann", request=request)


@pytest.mark.parametrize("request_key", [None, "r1"])
@pytest.mark.parametrize("plan", [["reply"], ["request"], ["reply", "reply"], ["request", "reply"]])
def test_an_append_is_done_once(
    proxy: DroppingProxy, shaky: EventStore, store: EventStore, plan: list[str], request_key: str | None
) -> None:
    head = shaky.head("t1")
    proxy.plan.extend(plan)
    appended = shaky.append("t1", head, [paused("a", request_key), paused("b")])
    assert not proxy.plan
    assert not appended.repeated
    assert store.read("t1", after=1) == list(appended.events)
    assert (len(store.feed()), store.head("t1")) == (3, appended.head)


def test_an_append_whose_replies_are_all_lost_is_unknown_but_not_doubled(
    proxy: DroppingProxy, shaky: EventStore, store: EventStore
) -> None:
    head = shaky.head("t1")
    proxy.plan.extend(["reply"] * 3)
    with pytest.raises(Lost, match="did not answer"):
        shaky.append("t1", head, [paused("a")])
    assert len(store.read("t1")) == len(store.feed()) == 2


class Overtaken:
    """A connection that lets another writer append after each of its own commands that got lost."""

    def __init__(self, inner: EventStore, other: EventStore, expected: Head) -> None:
        self._inner, self._other, self._expected = inner.connection, other, expected

    def call(self, *args: Any) -> object:
        try:
            return self._inner.call(*args)
        except Lost:
            self._other.append("t1", self._expected, [paused("theirs")])
            raise

    def close(self) -> None:
        self._inner.close()


def test_a_lost_append_that_went_through_stands_though_others_came_after_it(
    proxy: DroppingProxy, shaky: EventStore, store: EventStore, namespace: str
) -> None:
    def at_noon(namespace: str) -> EventStore:
        return EventStore(store.connection, namespace, clock=lambda: "2026-01-01T12:00:00.000000Z")

    # A twin at the same clock tells what `mine` is going to append, so that the other writer can build on it.
    twin, other, mine = at_noon(namespace + ".twin"), at_noon(namespace + ".two"), at_noon(namespace + ".two")
    twin.append("t1", Head(), [paused("0")])
    first = other.append("t1", Head(), [paused("0")]).head
    expected = twin.append("t1", first, [paused("mine")]).head
    proxy.plan.append("reply")
    mine.connection = Overtaken(shaky, other, expected)
    assert mine.append("t1", first, [paused("mine")]).head == expected
    assert [event.body for event in other.read("t1", after=1)] == [TaskPaused("mine"), TaskPaused("theirs")]


def test_a_lost_append_that_was_overtaken_is_a_conflict(
    proxy: DroppingProxy, shaky: EventStore, store: EventStore
) -> None:
    head = shaky.head("t1")
    proxy.plan.append("request")
    shaky.connection = Overtaken(shaky, store, head)
    with pytest.raises(VersionConflict) as caught:
        shaky.append("t1", head, [paused("mine")])
    assert caught.value.actual == store.head("t1")
    assert [event.body for event in store.read("t1", after=1)] == [TaskPaused("theirs")]


@pytest.mark.parametrize("fast", [False, True], ids=["redis-py", "socket"])
def test_a_read_survives_a_closed_connection(server_url: str, store: EventStore, namespace: str, fast: bool) -> None:
    reader = EventStore(connect(server_url, fast=fast), namespace)
    store.append("t1", Head(), [paused("a")])
    assert len(reader.read("t1")) == 1
    store.connection.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert len(reader.read("t1")) == 1
    reader.close()
