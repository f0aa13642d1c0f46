"""What every store must do, whatever carries its commands: fakeredis, redis-py on a real server, the plain socket."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor.envelope import Draft, Head, Recorded, check_chain
from conductor.errors import StoreError, UsageError
from conductor.events import Custom, TaskResumed, TaskStarted
from conductor.log.connection import Connection, ReplyError
from conductor.log.keys import transcript_stream
from conductor.log.store import EventStore, VersionConflict
from conductor.redact import Redactor
from tests.log.drafts import paused, reasons


@pytest.fixture
def store(connection: Connection, namespace: str) -> EventStore:
    return EventStore(connection, namespace, clean=Redactor(["hunter2hunter2"]))


def test_versions_start_at_one_and_have_no_gaps(store: EventStore) -> None:
    first = store.append("t1", Head(), [paused("a"), paused("b")])
    second = store.append("t1", first.head, [paused("c")])
    events = store.read("t1")
    assert [event.version for event in events] == [1, 2, 3]
    assert events == [*first.events, *second.events]
    assert store.head("t1") == second.head == Head(3, events[-1].head)


def test_the_events_form_a_chain(store: EventStore) -> None:
    store.append("t1", store.append("t1", Head(), [paused("a"), paused("b")]).head, [paused("c")])
    head = Head()
    for event in store.read("t1"):
        assert check_chain(head, event) is None
        head = Head(event.version, event.head)
    assert head == store.head("t1")


def test_an_event_is_stored_under_its_version_in_one_field(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a"), paused("b")])
    entries = store.connection.call("XRANGE", store.keys.stream("t1"), "-", "+")
    assert [position for position, _ in entries] == [b"1-0", b"2-0"]
    assert [fields[0::2] for _, fields in entries] == [[b"d"], [b"d"]]
    assert store.raw("t1") == [fields[1] for _, fields in entries]
    feed = store.connection.call("XRANGE", store.keys.feed, "-", "+")
    assert [fields for _, fields in feed] == [fields for _, fields in entries]


def test_all_keys_of_a_namespace_share_one_hash_tag(store: EventStore, namespace: str) -> None:
    store.append("t1", Head(), [paused("a", request="r")])
    store.append("t1/agent", Head(), [paused()], feed=False)
    store.blobs.put("x")
    store.heartbeat("t1", "merge:{x}", 2, 60_000)
    keys = store.connection.call("KEYS", f"*{namespace}*")
    assert len(keys) == 9
    assert all(key.startswith(f"conductor:{{{namespace}}}:".encode()) for key in keys)


def test_reads_between_versions(store: EventStore) -> None:
    store.append("t1", Head(), [paused(str(n)) for n in range(1, 8)])
    assert reasons(store.read("t1", after=2, upto=5)) == ["3", "4", "5"]
    assert reasons(store.read("t1", after=5)) == ["6", "7"]
    assert store.read("t1", after=7) == []
    assert store.read("t1", upto=0) == []
    assert len(store.raw("t1")[3:]) == 4


def test_long_streams_are_read_whole(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor.log.store.PAGE", 7)
    store.append("t1", Head(), [paused(str(n)) for n in range(21)])
    assert reasons(store.read("t1")) == [str(n) for n in range(21)]
    assert reasons(store.read("t1", after=3, upto=18)) == [str(n) for n in range(3, 18)]


def test_an_unknown_stream_is_empty(store: EventStore) -> None:
    assert (store.read("none"), store.raw("none"), store.head("none")) == ([], [], Head())
    assert (store.tasks(), store.feed(), store.feed_end()) == ([], [], "0-0")


@pytest.mark.parametrize("expected", [Head(), Head(1, "x"), Head(3, "x"), Head(9, "x")])
def test_a_wrong_version_appends_nothing(store: EventStore, expected: Head) -> None:
    actual = store.append("t1", Head(), [paused("a"), paused("b")]).head
    with pytest.raises(VersionConflict) as caught:
        store.append("t1", expected, [paused("late")])
    assert (caught.value.actual, caught.value.expected) == (actual, expected)
    assert store.head("t1") == actual
    assert (len(store.read("t1")), len(store.feed())) == (2, 2)


def test_the_right_version_of_another_history_appends_nothing(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a")])
    with pytest.raises(VersionConflict, match="other history"):
        store.append("t1", Head(1, "0" * 64), [paused("b")])
    assert len(store.raw("t1")) == 1


def test_the_same_append_twice_is_a_conflict_even_when_its_bytes_are_equal(
    connection: Connection, namespace: str
) -> None:
    """Two runners with one clock may not both win a claim; only a lost reply makes equal bytes mine."""
    store = EventStore(connection, namespace, clock=lambda: "2026-01-01T00:00:00.000000Z")
    store.append("t1", Head(), [paused("a")])
    with pytest.raises(VersionConflict):
        store.append("t1", Head(), [paused("a")])


def test_a_request_key_is_recorded_once(store: EventStore) -> None:
    first = store.append("t1", Head(), [paused("a", request="r1"), Draft(TaskResumed(), "conductor", cause=1)])
    store.append("t1", first.head, [paused("b")])
    again = store.append("t1", Head(), [paused("other words", request="r1")])
    assert again.repeated and not first.repeated
    assert (again.events, again.head) == (first.events, first.head)
    assert len(store.read("t1")) == len(store.feed()) == 3


def test_request_keys_belong_to_their_stream(store: EventStore) -> None:
    store.append("t1", Head(), [paused("a", request="r1")])
    assert not store.append("t2", Head(), [paused("a", request="r1")]).repeated


def test_a_refused_append_leaves_its_request_key_free(store: EventStore) -> None:
    head = store.append("t1", Head(), [paused("a")]).head
    with pytest.raises(VersionConflict):
        store.append("t1", Head(), [paused("b", request="r1")])
    assert not store.append("t1", head, [paused("b", request="r1")]).repeated


@pytest.mark.parametrize("key", ["stream", "head", "requests", "feed", "tasks"])
def test_an_append_that_fails_half_way_keeps_nothing(store: EventStore, key: str) -> None:
    """A script that fails keeps what it wrote so far: everything must be looked at first."""
    keys = store.keys
    names = {"stream": keys.stream("t1"), "head": keys.head("t1"), "requests": keys.requests("t1")}
    store.connection.call("SADD", names.get(key) or getattr(keys, key), "of another type")
    with pytest.raises(ReplyError):
        store.append("t1", Head(), [paused("a", request="r"), paused("b")])
    rest = {*names.values(), keys.feed, keys.tasks} - {names.get(key) or getattr(keys, key)}
    assert store.connection.call("EXISTS", *rest) == 0


def test_tasks_come_in_the_order_of_their_creation(store: EventStore) -> None:
    heads = {task: store.append(task, Head(), [paused()]).head for task in ("b", "a", "c")}
    store.append("b", heads["b"], [paused()])
    assert store.tasks() == ["b", "a", "c"]


def test_the_feed_holds_all_tasks_in_order(store: EventStore) -> None:
    a = store.append("a", Head(), [paused("1"), paused("2")])
    b = store.append("b", Head(), [paused("3")])
    c = store.append("a", a.head, [paused("4")])
    feed = store.feed()
    assert [event for _, event in feed] == [*a.events, *b.events, *c.events]
    assert store.feed(feed[1][0], count=1) == [feed[2]]
    assert store.feed_end() == feed[-1][0]
    assert store.feed(feed[-1][0]) == []


def test_waiting_for_the_feed_ends_after_its_time(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor.log.store.BLOCK_MS", 20)
    assert store.feed(block_ms=70) == []
    store.append("a", Head(), [paused("1")])
    assert reasons([event for _, event in store.feed(block_ms=60_000)]) == ["1"]


def test_a_transcript_is_a_stream_beside_the_feed_and_the_index(store: EventStore) -> None:
    stream = transcript_stream("t1", "1.2-executor-1")
    recorded = store.append(stream, Head(), [paused("a")], feed=False)
    assert store.read(stream) == list(recorded.events)
    assert recorded.events[0].envelope.task == stream
    assert (store.tasks(), store.feed(), store.read("t1")) == ([], [], [])
    with pytest.raises(VersionConflict):
        store.append(stream, Head(), [paused("b")], feed=False)


def test_namespaces_do_not_meet(connection: Connection, namespace: str) -> None:
    one, two = EventStore(connection, namespace), EventStore(connection, namespace + "-two")
    one.append("t1", Head(), [paused("a", request="r")])
    assert (two.head("t1"), two.tasks(), two.feed()) == (Head(), [], [])
    assert not two.append("t1", Head(), [paused("a", request="r")]).repeated


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "a/", "/a", "a b", "a:b", "{a}", "-a", "a\n", "é", "x" * 129, "../a", "a/.."]
)
def test_names_that_no_stream_can_have(store: EventStore, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a"):
        store.append(name, Head(), [paused()], feed="/" not in name)
    with pytest.raises(UsageError):
        store.read(name)
    with pytest.raises(UsageError):
        store.head(name)
    with pytest.raises(UsageError):
        EventStore(store.connection, name)


def test_custom_events_come_back_as_they_were(store: EventStore) -> None:
    data = msgspec.Raw(b'{"later": 2,  "x":[1.50,null,"\\u00e9"]}')
    recorded = store.append("t1", Head(), [Draft(Custom("acme.deployed", data), "script:ci")])
    read = store.read("t1")[0]
    assert read.type == "acme.deployed"
    assert bytes(read.envelope.data) == bytes(data)
    assert check_chain(Head(), read) is None
    assert recorded.head.hash == read.head


def test_secrets_do_not_reach_the_log(store: EventStore) -> None:
    recorded = store.append("t1", Head(), [paused("the password is hunter2hunter2.")])
    assert b"hunter2" not in store.raw("t1")[0]
    assert reasons(list(recorded.events)) == reasons(store.read("t1")) == ["the password is [redacted]."]
    assert check_chain(Head(), store.read("t1")[0]) is None
    assert store.blobs.get(store.blobs.put("hunter2hunter2!")) == b"[redacted]!"


def test_data_over_the_limits_is_refused(store: EventStore) -> None:
    with pytest.raises(UsageError, match="blob"):
        store.append(
            "t1", Head(), [paused("ok"), Draft(Custom("acme.log", msgspec.Raw(b'"%s"' % (b"x" * 65536))), "script:ci")]
        )
    with pytest.raises(UsageError, match="blob"):
        store.append("t1", Head(), [paused("x" * 1024 * 1024)])
    assert store.head("t1") == Head()
    store.append("t1", Head(), [paused("x" * 1000 * 1024)])
    assert len(reasons(store.read("t1"))[0]) == 1000 * 1024


@pytest.mark.parametrize(
    "data", [b"", b"no", b"[1", b"{} {}", b'"\xff"', b"[" * 5000 + b"]" * 5000, b"[" * 201 + b"]" * 201]
)
def test_data_that_is_no_json_is_refused(store: EventStore, data: bytes) -> None:
    with pytest.raises(UsageError, match=r"acme\.log is not JSON"):
        store.append("t1", Head(), [Draft(Custom("acme.log", msgspec.Raw(data)), "script:ci")])
    with pytest.raises(UsageError, match="not Unicode"):
        store.append("t1", Head(), [paused("\ud800")])
    assert store.raw("t1") == []


def test_an_append_of_nothing_and_of_the_wrong_kind_is_a_mistake(store: EventStore) -> None:
    for stream, feed, drafts in (("t1", True, []), ("t1", False, [paused()]), ("t1/x", True, [paused()])):
        with pytest.raises(ValueError):
            store.append(stream, Head(), drafts, feed=feed)


def test_a_heartbeat_lives_by_its_time_and_its_claim(store: EventStore) -> None:
    store.heartbeat("t1", "merge:1", 7, ttl_ms=60_000)
    assert store.has_heartbeat("t1", "merge:1", 7)
    assert not store.has_heartbeat("t1", "merge:1", 8)
    assert not store.has_heartbeat("t1", "merge:2", 7)
    assert 0 < store.connection.call("PTTL", store.keys.claim("t1", "merge:1", 7)) <= 60_000


def test_the_servers_refusal_is_an_error_with_its_code(connection: Connection) -> None:
    connection.call("SET", "x", b"\xff")
    assert connection.call("GET", "x") == b"\xff"
    with pytest.raises(ReplyError) as caught:
        connection.call("XLEN", "x")
    assert caught.value.code == "WRONGTYPE"
    with pytest.raises(ReplyError) as caught:
        connection.call("EVALSHA", "0" * 40, 0)
    assert caught.value.code == "NOSCRIPT"
    assert isinstance(caught.value, StoreError)
    assert connection.call("DEL", "x") == 1


def test_an_append_works_after_the_server_forgot_its_scripts(store: EventStore) -> None:
    head = store.append("t1", Head(), [paused("a")]).head
    store.connection.call("SCRIPT", "FLUSH")
    store.append("t1", head, [paused("b")])
    assert reasons(store.read("t1")) == ["a", "b"]


texts = st.text(max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(texts, min_size=1, max_size=4), max_size=5))
def test_what_was_appended_is_what_is_read(fresh: Callable[[], EventStore], batches: list[list[str]]) -> None:
    store, head = fresh(), Head()
    written: list[Recorded] = []
    for batch in batches:
        appended = store.append("t1", head, [Draft(TaskStarted(), "person:ann"), *map(paused, batch)])
        head, written = appended.head, [*written, *appended.events]
    assert store.read("t1") == written
    assert [event for _, event in store.feed()] == written
    assert reasons(written) == [text for batch in batches for text in batch]
    assert store.head("t1") == head


@pytest.fixture
def fresh(connection: Connection, namespace: str) -> Callable[[], EventStore]:
    """Stores with a new namespace each, for tests that run many times within one."""
    numbers = iter(range(1000))
    return lambda: EventStore(connection, f"{namespace}.{next(numbers)}", clean=Redactor())
