"""The contract of stored views: on fakeredis and on the real server."""

from __future__ import annotations

from conductor.log.store import EventStore


def test_fields_move_with_their_mark(store: EventStore) -> None:
    views = store.views("counting")
    assert (views.mark(), views.get(b"a"), views.all(), views.names(), views.some([])) == (b"", None, {}, [], {})
    views.move(b"", "m1", {b"a": b"1", b"\xff": b"\x00"})
    assert (views.mark(), views.get(b"a"), views.get(b"\xff")) == (b"m1", b"1", b"\x00")
    views.move(b"m1", "m2", {})
    assert (views.mark(), views.all()) == (b"m2", {b"a": b"1", b"\xff": b"\x00"})
    assert views.some([b"b", b"a"]) == {b"a": b"1"}
    assert store.views("other").all() == {}


def test_who_was_overtaken_writes_nothing(store: EventStore) -> None:
    views = store.views("counting")
    views.move(b"", "m1", {b"a": b"1"})
    views.move(b"", "m0", {b"a": b"0", b"b": b"0"})
    assert (views.mark(), views.all()) == (b"m1", {b"a": b"1"})


def test_what_is_written_anew_is_seen_when_it_is_whole(store: EventStore) -> None:
    views = store.views("counting")
    views.move(b"", "m1", {b"a": b"1"})
    anew = views.anew("m2")
    anew.put({b"b": b"2"})
    anew.put({})
    assert (views.mark(), views.names()) == (b"m1", [b"a"])
    anew.finish()
    assert (views.mark(), views.all()) == (b"m2", {b"b": b"2"})
    assert store.connection.call("TTL", store.keys.view("counting")) == -1


def test_a_key_of_another_type_has_no_mark_and_is_replaced(store: EventStore) -> None:
    views = store.views("counting")
    store.connection.call("SET", store.keys.view("counting"), "text")
    assert views.mark() == b""
    views.anew("m1").finish()
    assert (views.mark(), views.all()) == (b"m1", {})
