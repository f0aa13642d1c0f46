"""Verification: sound records pass, and each kind of tampering is found by the row that looks for it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from conductor.core.steps.step import Fact
from conductor.envelope import Draft, Head, decode, encode
from conductor.errors import UsageError
from conductor.events import (
    CheckObserved,
    EffectStarted,
    PhaseCompleted,
    Request,
    TaskPaused,
    TaskResumed,
    TaskStarted,
    WorkspacePrepared,
)
from conductor.ids import EffectId
from conductor.log.store import EventStore
from projections.engine import Engine
from projections.registry import PROJECTIONS
from replay.verify import Verification, verify
from tests.support.blobs import erase
from tests.support.folding import caught_up
from tests.support.simulation.histories import chaos, drafts, record
from tests.support.simulation.world import CLAIM, PERSON, RUNNER, World, plan


def failing(report: Verification) -> dict[str, str]:
    return {row.name: row.detail for row in report.rows if not row.ok}


@pytest.mark.parametrize("seed", range(6))
def test_what_the_core_wrote_is_sound(store: EventStore, seed: int) -> None:
    record(store, "t", chaos(seed, moves=300))
    record(store, "other", chaos(seed + 100, moves=20))
    report = verify(store, "t")
    assert failing(report) == {} and report.ok
    assert (report.version, report.head) == (store.head("t").version, store.head("t").hash)


def test_no_such_task(store: EventStore) -> None:
    with pytest.raises(UsageError, match="no task 'nobody'"):
        verify(store, "nobody")


# ---- tampering with what is stored -------------------------------------------------------------------------------


Wires = list[bytes]


def rewrite(store: EventStore, key: str, change: Callable[[Wires], Wires], ids: Callable[[int], str] | None) -> None:
    """Delete a stream, and write it again with its entries changed."""
    entries = store.connection.call("XRANGE", key, "-", "+")
    wires = change([fields[1] for _, fields in entries])
    store.connection.call("DEL", key)
    for n, wire in enumerate(wires, 1):
        store.connection.call("XADD", key, ids(n) if ids else "*", "d", wire)


def rewrite_task(store: EventStore, change: Callable[[Wires], Wires]) -> None:
    rewrite(store, store.keys.stream("t"), change, lambda n: f"{n}-0")


def rewrite_both(store: EventStore, change: Callable[[Wires], Wires]) -> None:
    rewrite_task(store, change)
    rewrite(store, store.keys.feed, change, None)


def at(version: int, change: Callable[[bytes], bytes]) -> Callable[[Wires], Wires]:
    return lambda wires: [change(w) if n == version else w for n, w in enumerate(wires, 1)]


def resigned(wires: Wires) -> Wires:
    """The title changed, and the whole chain made anew over it."""
    events = [decode(wire) for wire in wires]
    made: Wires = []
    head = Head()
    for event in events:
        body, envelope = event.body, event.envelope
        if event.version == 1:
            body = msgspec.structs.replace(body, title="Another")
        draft = Draft(body, envelope.actor, envelope.cause)
        (wire,), (event,) = encode("t", head, [draft], time=envelope.time)
        head = Head(event.version, event.head)
        made.append(wire)
    return made


def test_changed_data_is_found(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    caught_up(Engine(store, PROJECTIONS))
    rewrite_task(store, at(1, lambda w: w.replace(b'"A plan"', b'"B plan"')))
    assert set(failing(verify(store, "t"))) == {"chain", "feed", "projections"}
    assert failing(verify(store, "t"))["chain"] == "version 1: data does not match its digest"


def test_changed_data_under_a_new_digest_is_found(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    rewrite_both(store, at(5, lambda w: w.replace(b'"actor":"', b'"actor":"x')))
    found = failing(verify(store, "t"))
    assert found["chain"] == "version 6: prev is not the hash of version 5's header" and "actors" in found


def test_a_chain_made_anew_is_found_by_its_head_and_the_feed(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    rewrite_task(store, resigned)
    found = failing(verify(store, "t"))
    assert set(found) == {"chain", "feed", "projections"} or set(found) == {"chain", "feed"}
    assert "the head says" in found["chain"]


def test_a_missing_event_is_found(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    rewrite_both(store, lambda wires: wires[:9] + wires[10:])
    assert failing(verify(store, "t"))["versions"] == "t/11 stands at 10-0 where version 10 belongs"


def test_a_cut_off_end_is_found(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    rewrite_both(store, lambda wires: wires[:-1])
    assert set(failing(verify(store, "t"))) == {"chain"}


def test_events_of_the_feed_in_another_order_are_found(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    rewrite(store, store.keys.feed, lambda wires: [*wires[:3], wires[4], wires[3], *wires[5:]], None)
    assert failing(verify(store, "t")) == {"feed": "version 4 is another event on the feed"}
    rewrite(store, store.keys.feed, lambda wires: wires[:-1], None)
    assert "feed" in failing(verify(store, "t"))


def test_an_unreadable_event_is_found_and_the_rest_still_looked_at(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    rewrite_task(store, at(7, lambda w: b"nonsense"))
    report = verify(store, "t")
    assert failing(report)["versions"].startswith("after version 6: an entry of the log is not an event")
    assert len(report.rows) == 10


def test_a_view_that_was_changed_is_found(store: EventStore) -> None:
    record(store, "t", chaos(1, moves=60))
    engine = Engine(store, PROJECTIONS)
    stored = engine.stored("documents", "t")
    assert stored is not None
    store.connection.call("HSET", store.keys.view("documents"), "t", stored.replace(b"A plan", b"B plan"))
    assert list(failing(verify(store, "t"))) == ["projections"]
    engine.rebuild("documents")
    assert verify(store, "t").ok


def test_texts_are_there_erased_or_forged(store: EventStore) -> None:
    spec = store.blobs.put("the specification")
    world = World(plan(1))
    created = world.facts[0]
    body = msgspec.structs.replace(created.body, spec=spec)
    store.append("t", Head(), [Draft(body, PERSON)])

    def texts() -> tuple[bool | None, str]:
        return next((row.ok, row.detail) for row in verify(store, "t").rows if row.name == "texts")

    assert texts() == (True, "1 texts as they were")
    store.connection.call("SET", store.keys.blob(spec), b"pforged")
    assert texts() == (False, f"version 1: blob {spec} does not match its digest")
    erase(store, spec)
    assert texts() == (True, "0 texts as they were, 1 erased")


# ---- records that were written by something else than the core ---------------------------------------------------


def finished() -> World:
    world = World(plan(1, 1))
    world.run()
    assert world.state.status == "completed"
    return world


def forge(store: EventStore, facts: list[Fact], change: Callable[[int, Draft], list[Draft]]) -> dict[str, str]:
    """Record facts with some of them changed, added or left out; returns what verification finds."""
    made, first = [], 0
    for n, fact in enumerate(facts):
        first = n + 1 if fact.actor != "conductor" else first
        made += change(n + 1, Draft(fact.body, fact.actor, None if first == n + 1 else first))
    store.append("t", Head(), made)
    return failing(verify(store, "t"))


def version_of(facts: list[Fact], kind: type, nth: int = 0) -> int:
    return [f.version for f in facts if isinstance(f.body, kind)][nth]


def test_a_forged_actor_is_found(store: EventStore) -> None:
    facts = finished().facts
    seen = version_of(facts, CheckObserved)
    found = forge(store, facts, lambda n, d: [msgspec.structs.replace(d, actor="client:c")] if n == seen else [d])
    assert found == {"actors": f"version {seen}: client:c may not append check.observed"}


def test_an_outcome_without_its_claim_is_found(store: EventStore) -> None:
    facts = finished().facts
    prepared = version_of(facts, WorkspacePrepared)
    forged = msgspec.structs.replace(facts[prepared - 1].body, claim=2)
    found = forge(store, facts, lambda n, d: [msgspec.structs.replace(d, body=forged)] if n == prepared else [d])
    assert "workspace.prepared of all:-:workspace:1 under claim 2, but the claim was" in found["claims"]
    assert "lifecycle" in found


def test_a_claim_taken_from_a_living_one_is_found(store: EventStore) -> None:
    world = World(plan(1))
    world.say(TaskStarted())
    world.claim("all:-:workspace:1")
    again = EffectStarted(EffectId("all:-:workspace:1"), CLAIM)
    facts = [*world.facts, Fact(len(world.facts) + 1, "", RUNNER, again)]
    assert list(forge(store, facts, lambda n, d: [d])) == ["claims"]


def test_a_decision_without_its_cause_is_found(store: EventStore) -> None:
    facts = finished().facts
    done = version_of(facts, PhaseCompleted)
    found = forge(store, facts, lambda n, d: [msgspec.structs.replace(d, cause=None)] if n == done else [d])
    assert found["causes"] == f"version {done}: phase.completed is a decision without a cause"


def test_a_cause_in_another_batch_is_found(store: EventStore) -> None:
    facts = finished().facts
    done = version_of(facts, PhaseCompleted)
    found = forge(store, facts, lambda n, d: [msgspec.structs.replace(d, cause=1)] if n == done else [d])
    assert found["causes"].startswith(f"version {done}: phase.completed names 1 as its cause")


def test_an_illegal_transition_is_found(store: EventStore) -> None:
    world = World(plan(1))
    world.say(TaskStarted())
    facts = [*world.facts, Fact(len(world.facts) + 1, "", PERSON, TaskResumed())]
    found = forge(store, facts, lambda n, d: [d])
    assert "task.resumed is not legal for a task that is running" in found["lifecycle"]
    assert "projections" in found


def test_a_phase_that_does_not_exist_is_found(store: EventStore) -> None:
    facts = finished().facts
    done = version_of(facts, PhaseCompleted)
    found = forge(
        store, facts, lambda n, d: [msgspec.structs.replace(d, body=PhaseCompleted("9", 1))] if n == done else [d]
    )
    assert "phase.completed cannot follow" in found["lifecycle"]


@pytest.mark.parametrize("status", ["failed", "unavailable"])
def test_a_phase_completed_on_a_failed_check_is_found(store: EventStore, status: str) -> None:
    facts = finished().facts
    seen = version_of(facts, CheckObserved)
    observed = facts[seen - 1].body
    assert isinstance(observed, CheckObserved)
    forged = msgspec.structs.replace(observed, status=status)
    found = forge(store, facts, lambda n, d: [msgspec.structs.replace(d, body=forged)] if n == seen else [d])
    assert list(found) == ["phases"] and f"{forged.key} did not pass" in found["phases"]


def test_a_phase_completed_on_a_tree_that_nobody_checked_is_found(store: EventStore) -> None:
    facts = finished().facts

    def elsewhere(n: int, draft: Draft) -> list[Draft]:
        if isinstance(draft.body, CheckObserved):
            draft = msgspec.structs.replace(draft, body=msgspec.structs.replace(draft.body, tree="elsewhere"))
        return [draft]

    assert "no check passed" in forge(store, facts, elsewhere)["phases"]


def test_an_effect_that_is_asked_for_anew_is_nobodys(store: EventStore) -> None:
    world = World(plan(1))
    world.say(TaskStarted())
    asked = world.facts[-1].body
    assert isinstance(asked, Request)
    facts = [*world.facts]
    for body in (EffectStarted(asked.effect, CLAIM), asked, EffectStarted(asked.effect, CLAIM)):
        facts.append(Fact(len(facts) + 1, "", "conductor" if body is asked else RUNNER, body))
    assert forge(store, facts, lambda n, d: [d]) == {}


def test_a_pause_is_sound(store: EventStore) -> None:
    world = World(plan(1))
    world.say(TaskStarted())
    world.say(TaskPaused())
    store.append("t", Head(), drafts(world.facts[:1]))
    record(store, "t", world.facts[1:])
    assert verify(store, "t").ok
