"""The envelope: round trips, the chain over what is unknown and what is erased, and events of past schemas."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor import envelope as module
from conductor.envelope import Draft, Head, check_chain, decode, encode, sha256
from conductor.errors import CorruptLog
from conductor.events import REGISTRY, UPCASTERS, Body, Custom, EventType, Kind, TaskPaused, TaskStarted
from tests.support.places import FIXTURES

EVENTS = FIXTURES / "events"
TIME = "2026-01-31T12:00:00.000000Z"


class Moved(Body, frozen=True):
    """Schema 3 of a test event: `from`/`to` became `steps`, then `steps` got units."""

    steps: tuple[int, ...]
    unit: str


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, "test.moved", EventType("test.moved", Kind.INPUT, 3, Moved))
    monkeypatch.setitem(UPCASTERS, ("test.moved", 1), lambda old: {"steps": [old["from"], old["to"]]})
    monkeypatch.setitem(UPCASTERS, ("test.moved", 2), lambda old: {**old, "unit": "m"})


def chain(*drafts: Draft) -> list[bytes]:
    return encode("t1", Head(), drafts, time=TIME)[0]


def after(wire: bytes) -> Head:
    event = decode(wire)
    return Head(event.version, event.head)


optional = st.none() | st.text(max_size=10)


@given(
    reason=st.text(),
    actor=st.text(),
    cause=st.none() | st.integers(1, 10**9),
    correlation=optional,
    request=optional,
    trace=optional,
)
def test_what_is_encoded_is_decoded(reason: str, **header: object) -> None:
    draft = Draft(TaskPaused(reason), **header)  # type: ignore[arg-type]
    wires, events = encode("t1", Head(), [draft, draft], time=TIME)
    assert [decode(wire) for wire in wires] == events
    assert [event.body for event in events] == [draft.body] * 2
    head = Head()
    for event in events:
        assert check_chain(head, event) is None
        assert {name: getattr(event.envelope, name) for name in header} == header
        head = Head(event.version, event.head)


def test_data_is_the_last_field_and_the_head_is_the_hash_of_what_stands_before_it() -> None:
    (wire,) = chain(Draft(TaskPaused(',"data":{'), 'a","data":', request=',"data":'))
    header, data = wire[:-1].split(b',"data":', 1)
    assert decode(wire).head == sha256(header)
    assert msgspec.json.decode(data) == {"reason": ',"data":{'}


def test_header_fields_of_a_newer_version_are_part_of_the_chain() -> None:
    first, second = chain(Draft(TaskStarted(), "person:ann"), Draft(TaskPaused(), "person:ann"))
    newer = first.replace(b',"data":', b',"mood":{"of":["the",1]},"data":')
    head = sha256(newer[: newer.index(b',"data":')])
    follower = second.replace(decode(first).head.encode(), head.encode())
    assert decode(newer).body == TaskStarted()
    assert check_chain(Head(), decode(newer)) is None
    assert check_chain(after(newer), decode(follower)) is None
    assert check_chain(after(first), decode(follower)) is not None


def test_data_of_a_newer_schema_or_an_unknown_type_is_carried_unharmed() -> None:
    (wire,) = chain(Draft(TaskPaused("later"), "person:ann"))
    newer = wire.replace(b'"schema":1', b'"schema":2')
    unknown = wire.replace(b"task.paused", b"task.dreamed")
    assert decode(newer).body == Custom("task.paused", decode(wire).envelope.data)
    assert decode(unknown).type == "task.dreamed"
    assert isinstance(decode(unknown).body, Custom)
    assert bytes(decode(unknown).envelope.data) == b'{"reason":"later"}'


def test_unknown_fields_of_data_are_ignored_and_kept() -> None:
    data = b'{"reason":"x","added":[1]}'
    (wire,) = chain(Draft(Custom("task.paused", msgspec.Raw(data)), "person:ann"))
    event = decode(wire)
    assert event.body == TaskPaused("x")
    assert bytes(event.envelope.data) == data
    assert check_chain(Head(), event) is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b'"reason":"b"', b'"reason":"c"', "digest"),
        (b'"version":2', b'"version":3', "version 3 follows 1"),
        (b'"prev":"', b'"prev":"0', "hash of version 1"),
    ],
)
def test_a_changed_event_breaks_the_chain(old: bytes, new: bytes, complaint: str) -> None:
    first, second = chain(Draft(TaskPaused("a"), "person:ann"), Draft(TaskPaused("b"), "person:ann"))
    assert old in second
    assert complaint in (check_chain(after(first), decode(second.replace(old, new))) or "")


def test_a_changed_header_breaks_the_link_after_it() -> None:
    first, second = chain(Draft(TaskPaused("a"), "person:ann"), Draft(TaskPaused("b"), "person:ann"))
    forged = first.replace(b"person:ann", b"person:bob")
    assert "prev" in (check_chain(after(forged), decode(second)) or "")


@pytest.mark.parametrize("wire", [b"", b"{}", b"[]", b"no", b'{"data":{}}', b"\xff"])
def test_bytes_that_are_no_event_are_told(wire: bytes) -> None:
    with pytest.raises(CorruptLog, match="not an event"):
        decode(wire)


def test_data_that_does_not_fit_its_type_is_told_with_its_place() -> None:
    (wire,) = chain(Draft(Custom("task.paused", msgspec.Raw(b'{"reason":1}')), "person:ann"))
    with pytest.raises(CorruptLog, match="t1/1"):
        decode(wire)


def test_redaction_comes_before_the_digest() -> None:
    def clean(data: bytes) -> bytes:
        return data.replace(b"secret", b"******")

    wires, events = encode("t1", Head(), [Draft(TaskPaused("my secret"), "person:ann")], time=TIME, clean=clean)
    assert b"secret" not in wires[0]
    assert events[0].body == TaskPaused("my ******")
    assert decode(wires[0]) == events[0]
    assert check_chain(Head(), events[0]) is None


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize("fixture", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_events_of_past_schemas_are_read_as_todays(fixture: Path) -> None:
    """A fixture holds a stored event as its first line and what today's reader makes of its data as the second."""
    wire, today = fixture.read_bytes().splitlines()
    event = decode(wire)
    assert not isinstance(event.body, Custom), "no upcaster leads to today's schema"
    assert msgspec.json.encode(event.body) == today
    assert check_chain(Head(), event) is None


@pytest.mark.usefixtures("moved")
def test_every_past_schema_has_its_fixture() -> None:
    stored = {(event.type, event.envelope.schema) for event in map(first_line, EVENTS.glob("*.json"))}
    assert set(UPCASTERS) <= stored


def first_line(path: Path) -> module.Recorded:
    return decode(path.read_bytes().splitlines()[0])


@pytest.mark.usefixtures("moved")
def test_a_missing_upcaster_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(UPCASTERS, ("test.moved", 2))
    with pytest.raises(CorruptLog, match=r"test\.moved schema 1"):
        first_line(EVENTS / "test.moved-1.json")
