"""The ledger: a server that comes back without what it had acknowledged is an error, not something to wait for."""

from __future__ import annotations

import pytest

from conductor.driving.ledger import Ledger
from conductor.envelope import Draft
from conductor.errors import CorruptLog, StoreError
from conductor.events import PhaseStarted, TaskCreated, TaskPaused, TaskStarted
from conductor.log.store import EventStore
from conductor.plan.model import Module, Phase, Plan


def begun(store: EventStore, task: str) -> Ledger:
    """One that has started, as its own ledger knows it."""
    ledger = Ledger(store, task)
    plan = Plan("A plan", (Phase("1", "One", (Module("one"),)),))
    created = TaskCreated("A plan", plan, "READY.md", "0" * 64, "/r", "base", "main", f"conductor/{task}")
    ledger.submit(created, actor="person:p")
    ledger.submit(TaskStarted(), actor="person:p")
    return ledger


def test_a_record_that_is_gone_is_an_error(store: EventStore) -> None:
    ledger = begun(store, "gone")
    store.connection.call("DEL", store.keys.stream("gone"), store.keys.head("gone"))
    with pytest.raises(CorruptLog, match="lost or replaced its data"):
        ledger.submit(TaskPaused(), actor="person:p")


def test_a_record_that_was_replaced_is_an_error(store: EventStore) -> None:
    """The same task with another history, and ahead of what was known."""
    ledger = begun(store, "other")
    for key in (store.keys.stream("other"), store.keys.head("other")):
        store.connection.call("DEL", key)
    again = begun(store, "other")
    again.submit(TaskPaused(), actor="person:p")
    with pytest.raises(CorruptLog, match="lost or replaced its data") as raised:
        ledger.catch_up()
    assert raised.value.task == "other" and "conduct verify other" in str(raised.value.hint)


def test_an_end_that_is_cut_off_is_an_error_and_not_waited_for(store: EventStore) -> None:
    ledger = begun(store, "cut")
    version = ledger.head.version
    store.connection.call("XDEL", store.keys.stream("cut"), f"{version}-0")
    late = Ledger(store, "cut")
    late.catch_up()
    for touch in (late.open, lambda: late.submit(TaskPaused(), actor="person:p")):
        with pytest.raises(CorruptLog, match=f"it ends at version {version - 1}, and {version} events were recorded"):
            touch()


@pytest.mark.parametrize("key", ["head", "requests"])
def test_a_key_of_another_type_is_this_tasks_damage(store: EventStore, key: str) -> None:
    ledger = begun(store, "typed")
    name = getattr(store.keys, key)("typed")
    store.connection.call("DEL", name)
    store.connection.call("SADD", name, "a set")
    with pytest.raises(CorruptLog, match="holds a set") as raised:
        ledger.submit(TaskPaused(), actor="person:p", request="r")
    assert raised.value.task == "typed"


def test_the_feed_being_of_another_type_is_no_tasks_damage(store: EventStore) -> None:
    ledger = begun(store, "typed")
    store.connection.call("DEL", store.keys.feed)
    store.connection.call("SADD", store.keys.feed, "a set")
    with pytest.raises(StoreError) as raised:
        ledger.submit(TaskPaused(), actor="person:p")
    assert not isinstance(raised.value, CorruptLog)


def test_a_fact_about_what_there_is_not_is_told_as_damage(store: EventStore) -> None:
    ledger = begun(store, "odd")
    store.append("odd", ledger.head, [Draft(PhaseStarted("nine"), "conductor")])
    with pytest.raises(CorruptLog, match=r"phase\.started cannot follow") as raised:
        Ledger(store, "odd").catch_up()
    assert raised.value.task == "odd"
