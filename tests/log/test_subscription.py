"""Following the feed: everything once, in order, over breaks, from any position."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from conductor.envelope import Draft, Recorded
from conductor.errors import CorruptLog, StoreError
from conductor.events import TaskPaused
from conductor.log import embedded
from conductor.log.connect import connect
from conductor.log.store import EventStore
from conductor.log.subscription import Unreadable, follow, save_position, saved_position


def write(store: EventStore, task: str, count: int) -> None:
    for _ in range(count):
        store.append(task, store.head(task), [Draft(TaskPaused(), "person:ann")] * 2)


def events(entries: list[tuple[str, Recorded | Unreadable]]) -> list[Recorded]:
    return [entry for _, entry in entries if isinstance(entry, Recorded)]


def test_everything_comes_once_and_in_order(store: EventStore) -> None:
    write(store, "a", 3)
    write(store, "b", 2)
    seen = list(islice(follow(store), 10))
    assert [(event.envelope.task, event.version) for event in events(seen)] == [
        *(("a", version) for version in range(1, 7)),
        *(("b", version) for version in range(1, 5)),
    ]
    assert list(islice(follow(store, seen[3][0]), 6)) == seen[4:]


def test_what_cannot_be_read_is_passed_on_marked_and_the_rest_goes_on(store: EventStore) -> None:
    write(store, "a", 1)
    broken = store.raw("a")[0].replace(b'"data":{', b'"data":{"reason":7')
    for entry in (broken, b"\xff no event"):
        store.connection.call("XADD", store.keys.feed, "*", "d", entry)
    write(store, "b", 1)
    seen = list(islice(follow(store), 6))
    known, unknown = (entry for _, entry in seen if isinstance(entry, Unreadable))
    assert known.wire == broken and known.envelope is not None and known.envelope.task == "a"
    assert (unknown.wire, unknown.envelope) == (b"\xff no event", None)
    assert [event.envelope.task for event in events(seen)] == ["a", "a", "b", "b"]
    with pytest.raises(CorruptLog):
        store.feed()


def test_it_waits_for_what_comes_and_stops_when_told(store: EventStore, server_url: str, namespace: str) -> None:
    write(store, "a", 1)
    reader = EventStore(connect(server_url), namespace)
    seen: list[object] = []
    ready = threading.Event()

    def stop() -> bool:
        ready.set()
        return len(seen) >= 4

    def read() -> None:
        for _, event in follow(reader, "$", block_ms=50, stop=stop):
            assert isinstance(event, Recorded)
            seen.append((event.envelope.task, event.version))

    thread = threading.Thread(target=read)
    thread.start()
    assert ready.wait(10)
    write(store, "b", 2)
    thread.join(10)
    assert not thread.is_alive()
    assert seen == [("b", version) for version in range(1, 5)]


def test_it_ends_without_events_when_told(store: EventStore) -> None:
    asked = iter([False, False, True])
    assert list(follow(store, block_ms=1, stop=lambda: next(asked, True))) == []


@pytest.fixture
def home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="cdt-"))
    yield home
    embedded.stop(home)
    shutil.rmtree(home)


def test_it_goes_on_after_the_server_was_away(home: Path) -> None:
    url = embedded.ensure_running(home)
    writer = EventStore(connect(url))
    write(writer, "a", 2)
    feed = follow(EventStore(connect(url)), block_ms=50)
    seen = list(islice(feed, 4))
    embedded.stop(home)
    back = threading.Timer(0.3, embedded.ensure_running, [home])
    back.start()
    again = threading.Thread(target=lambda: seen.extend(islice(feed, 2)))
    again.start()
    back.join()
    write(writer, "a", 1)
    again.join(20)
    assert [event.version for event in events(seen)] == [1, 2, 3, 4, 5, 6]


def test_it_gives_up_on_a_server_that_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor.log.subscription.PATIENCE", 0.0)
    with pytest.raises(StoreError, match="cannot be reached"):
        next(follow(EventStore(connect("unix:///nowhere/s"))))


def test_positions_are_kept_by_name(store: EventStore) -> None:
    assert saved_position(store, "one") == "0-0"
    write(store, "a", 1)
    (_, (position, _)) = islice(follow(store), 2)
    save_position(store, "one", position)
    assert (saved_position(store, "one"), saved_position(store, "two")) == (position, "0-0")


@pytest.mark.parametrize("position", ["", "$", "5", "a-b", "-", "1-", "1-2-3"])
def test_what_is_no_position_is_refused(store: EventStore, position: str) -> None:
    with pytest.raises(StoreError, match="not a position"):
        save_position(store, "one", position)
    assert saved_position(store, "one") == "0-0"
