"""The engine on the real server: live equals rebuilt, whoever crashes, overtakes or cannot be folded."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from conductor.envelope import Draft, Head, Recorded, encode
from conductor.errors import UsageError
from conductor.events import Custom, Finding, FindingReported, TaskPaused
from conductor.log.connect import connect
from conductor.log.connection import Lost
from conductor.log.store import EventStore
from projections.engine import Engine, rebuilt
from projections.registry import PROJECTIONS
from projections.tasks import Tasks
from projections.view import Projection
from tests.projections.counting import Count, Counting, Cut, Spied, note
from tests.support.folding import caught_up
from tests.support.simulation.histories import chaos, record, record_mixed

NAMES = [p.name for p in PROJECTIONS]


def everything(engine: Engine) -> list[Any]:
    return [engine.all(name) for name in NAMES]


@pytest.mark.parametrize("seed", range(4))
def test_live_equals_rebuilt_byte_for_byte(store: EventStore, seed: int) -> None:
    histories = {f"task-{n}": chaos(seed * 10 + n) for n in range(3)}
    engine = Engine(store, PROJECTIONS)
    for part in range(4):  # caught up in between, so that views go through JSON and back
        quarter = {t: facts[len(facts) * part // 4 : len(facts) * (part + 1) // 4] for t, facts in histories.items()}
        record_mixed(store, quarter, seed)
        caught_up(engine)
    live = {(p.name, t): engine.stored(p.name, t) for p in PROJECTIONS for t in histories}
    assert all(live.values())
    for projection in PROJECTIONS:
        engine.rebuild(projection.name)
        assert engine.quarantined(projection.name) == []
        for task in histories:
            assert engine.stored(projection.name, task) == live[projection.name, task]
            assert rebuilt(projection, task, store.read(task)) == live[projection.name, task]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=NAMES)
def test_views_hold_nothing_without_an_order(projection: Projection[Any]) -> None:
    """A set has another order in each process: its bytes would differ from those of a rebuild."""
    types, seen = [msgspec.inspect.type_info(projection.view)], set[int]()
    while types:
        found = types.pop()
        assert not isinstance(found, msgspec.inspect.SetType | msgspec.inspect.FrozenSetType)
        if isinstance(found, msgspec.inspect.StructType):
            if id(found.cls) in seen:
                continue
            seen.add(id(found.cls))
        types += _inside(found)


def _inside(found: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    parts = [getattr(found, name, None) for name in found.__struct_fields__]
    flat = [part for some in parts for part in (some if isinstance(some, tuple) else (some,))]
    flat = [part.type if isinstance(part, msgspec.inspect.Field) else part for part in flat]
    return [part for part in flat if isinstance(part, msgspec.inspect.Type)]


def test_views_come_in_the_order_of_their_tasks(store: EventStore) -> None:
    for task in ("zebra", "ant", "mole"):
        note(store, task)
    assert [view.task for view in Engine(store, [Counting()]).all("counting")] == ["zebra", "ant", "mole"]


def test_what_is_new_is_there_when_read(store: EventStore) -> None:
    engine = Engine(store, [Counting()])
    assert engine.get("counting", "a") is None
    for n in (1, 2, 3):
        note(store, "a")
        assert engine.get("counting", "a").events == n
    assert engine.get("counting", "nobody") is None


def test_an_unknown_projection_is_named(store: EventStore) -> None:
    with pytest.raises(UsageError, match="no projection 'nothing'"):
        Engine(store, [Counting()]).get("nothing", "a")


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_between_fold_and_save_loses_and_doubles_nothing(store: EventStore, after: bool) -> None:
    caught_up(Engine(store, [Counting()]))
    note(store, "a", 5)
    cut = EventStore(Cut(store.connection, "EVAL", after=after), store.keys.namespace)
    with pytest.raises(Lost):
        caught_up(Engine(cut, [Counting()]))
    note(store, "a", 2)
    assert Engine(store, [Counting()]).get("counting", "a") == Count(task="a", version=7, events=7)


def test_a_crash_during_a_rebuild_leaves_the_old_views(store: EventStore) -> None:
    note(store, "a", 3)
    engine = Engine(store, [Counting()])
    caught_up(engine)
    cut = EventStore(Cut(store.connection, "EVAL", after=False), store.keys.namespace)
    with pytest.raises(Lost):
        Engine(cut, [Counting()]).rebuild("counting")
    assert engine.get("counting", "a").events == 3
    beside = store.connection.call("KEYS", store.keys.view("counting") + ":building:*")
    assert [store.connection.call("TTL", key) > 0 for key in beside] == [True]


def test_who_is_overtaken_between_fold_and_save_writes_nothing(store: EventStore) -> None:
    """The other one catches up, further than the first has read, while the first one folds."""
    caught_up(Engine(store, [Counting()]))
    note(store, "a", 3)

    def overtake(_: Recorded) -> None:
        slow.on_fold = lambda _: None
        note(store, "a", 2)
        assert Engine(store, [Counting()]).get("counting", "a").events == 5

    slow, spied = Counting(overtake), Spied(store.connection, store.keys.view("counting"))
    engine = Engine(EventStore(spied, store.keys.namespace), [slow])
    assert engine.get("counting", "a") == Count(task="a", version=5, events=5)
    assert spied.stored == [b'{"task":"a","version":5,"events":5}'], "it saved over what is newer"


def test_a_rebuilt_projection_does_not_run_out(store: EventStore) -> None:
    note(store, "a", 3)
    Engine(store, [Counting()]).rebuild("counting")
    assert store.connection.call("TTL", store.keys.view("counting")) == -1


def test_a_rebuild_while_another_catches_up(store: EventStore) -> None:
    engine = Engine(store, [Counting()])
    caught_up(engine)
    note(store, "a", 3)

    def rebuild(_: Recorded) -> None:
        slow.on_fold = lambda _: None
        Engine(store, [Counting()]).rebuild("counting")
        note(store, "b")

    slow = Counting(rebuild)
    assert [view.events for view in Engine(store, [slow]).all("counting")] == [3, 1]


def test_many_catch_up_while_events_come(server_url: str, store: EventStore) -> None:
    errors: list[BaseException] = []

    def catch_up() -> None:
        own = EventStore(connect(server_url), store.keys.namespace)
        try:
            for _ in range(25):
                caught_up(Engine(own, [Counting()]))
        except BaseException as error:
            errors.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=catch_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(60):
        note(store, f"t{n % 3}")
    for thread in threads:
        thread.join()
    assert errors == []
    assert [view.events for view in Engine(store, [Counting()]).all("counting")] == [20, 20, 20]


def test_one_bad_task_is_quarantined_and_the_others_go_on(store: EventStore) -> None:
    def refuse(event: Recorded) -> None:
        if event.envelope.task == "bad" and event.version == 3:
            raise ZeroDivisionError("no such luck")

    engine = Engine(store, [Counting(refuse)])
    for task in ("good", "bad", "fine"):
        note(store, task, 5)
    assert [(v.task, v.events) for v in engine.all("counting")] == [("good", 5), ("bad", 2), ("fine", 5)]
    for task in ("bad", "good"):
        note(store, task)
    assert [(v.task, v.events) for v in engine.all("counting")] == [("good", 6), ("bad", 2), ("fine", 5)]
    (held,) = engine.quarantined("counting")
    assert (held.task, held.version, held.error) == ("bad", 3, "ZeroDivisionError: no such luck")
    engine.rebuild("counting")
    assert [q.task for q in engine.quarantined("counting")] == ["bad"]
    mended = Engine(store, [Counting()])
    note(store, "bad")
    assert mended.get("counting", "bad").events == 2, "a view after a hole was taken up again"
    mended.rebuild("counting")
    assert mended.quarantined("counting") == [] and mended.get("counting", "bad").events == 7


def test_what_stands_before_the_damage_stays_folded(store: EventStore) -> None:
    for task in ("a", "b"):
        note(store, task, 5)
    store.connection.call("XDEL", store.keys.stream("b"), "3-0")
    engine = Engine(store, [Counting()])
    assert [(v.task, v.events) for v in engine.all("counting")] == [("a", 5), ("b", 2)]
    (held,) = engine.quarantined("counting")
    assert (held.task, held.version, held.error) == ("b", 3, "b/4 stands where version 3 belongs")


def test_an_event_that_breaks_the_chain_is_quarantined_live_as_rebuilt(store: EventStore) -> None:
    engine = Engine(store, [Counting()])
    note(store, "a", 3)
    caught_up(engine)
    (wire,), (event,) = encode("a", Head(3, "0" * 64), [Draft(TaskPaused(), "person:p")], time="")
    for key, place in ((store.keys.stream("a"), "4-0"), (store.keys.feed, "*")):
        store.connection.call("XADD", key, place, "d", wire)
    store.connection.call("SET", store.keys.head("a"), f"4 {event.head}")
    live = engine.quarantined("counting"), engine.all("counting")
    assert [(q.task, q.version) for q in live[0]] == [("a", 4)] and live[1][0].events == 3
    engine.rebuild("counting")
    assert (engine.quarantined("counting"), engine.all("counting")) == live


@pytest.mark.parametrize("field", ["a", "!a", "#a", ""])
@pytest.mark.parametrize("news", [False, True])
def test_what_is_no_view_is_thrown_away(store: EventStore, field: str, news: bool) -> None:
    engine = Engine(store, [Counting()])
    note(store, "a", 3)
    note(store, "b", 2)
    caught_up(engine)
    store.connection.call("HSET", store.keys.view("counting"), field, b"\xff{")
    if news:
        note(store, "a", 1)
    assert engine.quarantined("counting") == []
    assert engine.folded("counting", ["a", "nobody"]) == {"a": store.head("a")}
    assert engine.get("counting", "a") == Count(task="a", version=3 + news, events=3 + news)
    assert [view.task for view in engine.all("counting")] == ["a", "b"]


def test_a_key_of_another_type_is_no_projection(store: EventStore) -> None:
    note(store, "a", 3)
    store.connection.call("LPUSH", store.keys.view("counting"), "a list")
    assert Engine(store, [Counting()]).get("counting", "a").events == 3


def test_an_index_with_a_name_that_no_task_can_have_disturbs_nobody(store: EventStore) -> None:
    note(store, "a", 3)
    store.connection.call("RPUSH", store.keys.tasks, "no name", b"\xff")
    engine = Engine(store, [Counting()])
    engine.rebuild("counting")
    assert [view.task for view in engine.all("counting")] == ["a"]
    assert [q.task for q in engine.quarantined("counting")] == ["no name", "\ufffd"]


def test_a_fact_that_the_core_does_not_allow_is_quarantined_by_name(store: EventStore) -> None:
    record(store, "sound", chaos(1, moves=30))
    note(store, "unsound")
    engine = Engine(store, PROJECTIONS)
    (held,) = engine.quarantined("tasks")
    assert held.task == "unsound" and "task.created is first" in held.error
    assert engine.get("tasks", "sound").version == store.head("sound").version


def test_a_changed_fold_or_view_is_rebuilt(store: EventStore) -> None:
    class Doubling(Counting):
        version = 2

        def fold(self, view: Count, event: Recorded) -> Count:
            return msgspec.structs.replace(view, events=view.events + 2)

    class Wider(Count, frozen=True, kw_only=True):
        more: int = 7

    class Widened(Counting):
        view = Wider

        def start(self, task: str) -> Count:
            return Wider(task=task)

    note(store, "a", 3)
    assert Engine(store, [Counting()]).get("counting", "a").events == 3
    assert Engine(store, [Doubling()]).get("counting", "a").events == 6
    assert Engine(store, [Widened()]).get("counting", "a") == Wider(task="a", version=3, events=3)


def test_a_gap_in_the_feed_is_filled_from_the_stream(store: EventStore) -> None:
    engine = Engine(store, [Counting()])
    note(store, "a", 2)
    caught_up(engine)
    note(store, "a", 6)
    entries = store.connection.call("XRANGE", store.keys.feed, "-", "+")
    store.connection.call("XDEL", store.keys.feed, *(entries[n][0] for n in (2, 3, 5)))
    assert engine.get("counting", "a").events == 8


def test_an_unreadable_entry_of_the_feed_stops_nobody(store: EventStore) -> None:
    engine = Engine(store, [Counting()])
    note(store, "a", 2)
    caught_up(engine)
    store.connection.call("XADD", store.keys.feed, "*", "d", b"not an event")
    note(store, "a", 1)
    assert engine.get("counting", "a").events == 3
    store.connection.call("XADD", store.keys.stream("b"), "1-0", "d", b"not an event")
    store.connection.call("RPUSH", store.keys.tasks, "b")
    engine.rebuild("counting")
    assert [(q.task, q.version) for q in engine.quarantined("counting")] == [("b", 0)]
    assert engine.get("counting", "a").events == 3


def test_events_of_other_namespaces_fold_as_nothing(store: EventStore) -> None:
    facts = chaos(2, moves=20)
    record(store, "a", facts)
    before = Engine(store, [Tasks()]).get("tasks", "a")
    own = Custom("mine.own", msgspec.Raw(b'{"x":1}'))
    store.append(
        "a", store.head("a"), [Draft(own, "script:s"), Draft(FindingReported(Finding("gotcha", "g")), "script:s")]
    )
    after = Engine(store, [Tasks()]).get("tasks", "a")
    assert after.version == before.version + 2
    assert after.stored_state.whole().phases == before.stored_state.whole().phases
