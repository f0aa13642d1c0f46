"""The ledger: a server that comes back without what it had acknowledged is an error, not something to wait for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conductor.core.machine import machines
from conductor.driving.ledger import Ledger
from conductor.envelope import Draft
from conductor.errors import CorruptLog, StoreError
from conductor.events import PhaseStarted, TaskCreated, TaskPaused, TaskStarted
from conductor.ids import Branch, Commit, Digest, PhaseStatus, TaskStatus
from conductor.log.connect import connect
from conductor.log.store import EventStore
from conductor.plan.model import Module, Phase, Plan

PLAN = Plan("A plan", (Phase("1", "One", (Module("one"),)),))


class Heard:
    """The machines, and what they were asked."""

    def __init__(self) -> None:
        self.triggers: list[str] = []

    def task(self, status: TaskStatus, trigger: str) -> TaskStatus | None:
        self.triggers.append(trigger)
        return machines().task(status, trigger)

    def phase(self, status: PhaseStatus, trigger: str) -> PhaseStatus | None:
        self.triggers.append(trigger)
        return machines().phase(status, trigger)


def created(task: str) -> TaskCreated:
    return TaskCreated(
        "A plan", PLAN, "READY.md", Digest("0" * 64), "/r", Commit("base"), "main", Branch(f"conductor/{task}")
    )


def test_what_a_driving_process_appends_is_moved_by_the_machines_and_what_others_did_by_the_tables(
    store: EventStore,
) -> None:
    driving, other = Ledger(store, "two"), Ledger(store, "two")
    heard = Heard()
    driving.move_by(heard)
    driving.submit(created("two"), actor="person:p")
    driving.submit(TaskStarted(), actor="person:p")
    assert heard.triggers == ["task.started"]
    other.catch_up()
    other.submit(TaskPaused(), actor="person:p")
    assert driving.catch_up().status == "paused"
    assert heard.triggers == ["task.started"]
    assert driving.state == other.state


def test_what_was_decided_is_not_folded_again_but_what_was_redacted_is(server_url: str, namespace: str) -> None:
    """A state never holds what the record does not."""
    store = EventStore(connect(server_url), namespace, clean=lambda data: data.replace(b"hunter2", b"[gone]"))
    live = Ledger(store, "secret")
    live.submit(replace(created("secret"), title="hunter2"), actor="person:p")
    live.submit(TaskStarted(), actor="person:p")
    replayed = Ledger(store, "secret")
    replayed.catch_up()
    assert live.state == replayed.state
    assert live.state.title == "[gone]"
    store.close()


def test_a_decision_names_the_rule_that_made_it(store: EventStore) -> None:
    ledger = Ledger(store, "named")
    ledger.submit(created("named"), actor="person:p")
    _, asked = ledger.submit(TaskStarted(), actor="person:p")
    assert (asked.type, asked.envelope.rule) == ("workspace.requested", "prepare-worktree")
    assert [event.envelope.rule for event in store.read("named")] == [None, None, "prepare-worktree"]


def begun(store: EventStore, task: str) -> Ledger:
    """One that has started, as its own ledger knows it."""
    ledger = Ledger(store, task)
    ledger.submit(created(task), actor="person:p")
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
