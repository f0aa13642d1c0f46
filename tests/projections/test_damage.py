"""Looking at the records themselves, while others write to them."""

from __future__ import annotations

import threading

from conductor.driving.ledger import Ledger
from conductor.events import Finding, FindingReported, TaskCreated, TaskStarted
from conductor.ids import Branch, Commit, Digest
from conductor.log.connect import connect
from conductor.log.store import EventStore
from conductor.plan.model import Module, Phase, Plan
from projections.damage import damaged
from projections.engine import Engine
from projections.registry import PROJECTIONS


def test_a_record_that_grows_while_it_is_looked_at_is_sound(store: EventStore, server_url: str) -> None:
    ledger = Ledger(store, "t")
    plan = Plan("A plan", (Phase("1", "One", (Module("one"),)),))
    created = TaskCreated(
        "A plan", plan, "READY.md", Digest("0" * 64), "/r", Commit("base"), "main", Branch("conductor/t")
    )
    ledger.submit(created, actor="person:p")
    ledger.submit(TaskStarted(), actor="person:p")
    done = threading.Event()
    seen: list[object] = []

    def look() -> None:
        own = EventStore(connect(server_url), store.keys.namespace)
        while not done.is_set():
            seen.append(damaged(own, Engine(own, PROJECTIONS), "t", "nobody"))
        own.close()

    looking = threading.Thread(target=look)
    looking.start()
    for n in range(150):
        ledger.submit(FindingReported(Finding("gotcha", f"g{n}")), actor="person:p")
    done.set()
    looking.join()
    assert seen and all(found == {} for found in seen)
