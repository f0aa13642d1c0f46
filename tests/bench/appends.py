"""Appends against a bare redis-py XADD of as many bytes, on the same server, which syncs every write to its disk."""

from __future__ import annotations

import redis

from conductor.driving.ledger import Ledger
from conductor.envelope import Draft
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.bench.load import FINDING, batches, history, record, task_of
from tests.bench.report import Row, row
from tests.bench.rounds import Case, in_all, pair, take_turns

ROUNDS, CALLS = 80, 4
ACTOR = "script:bench"
LONG = 10_000  # events


def measure(url: str) -> tuple[list[Row], Ledger, float]:
    """The rows of the table; the ledger that acted, and the seconds of its action."""
    bare = redis.Redis.from_url(url)
    store = EventStore(connect(url), "appends")
    ledger = task_of(store, "middle", 90)
    payload = b"x" * len(store.raw("middle")[-1])

    def action() -> None:
        ledger.submit(FINDING, actor=ACTOR)

    def action_of_a_door() -> None:
        ledger.catch_up()
        ledger.submit(FINDING, actor=ACTOR)

    cases: dict[str, Case] = {
        "bare": lambda: bare.xadd("bare", {"d": payload}),
        "append": _appending(store, task_of(store, "short", 90)),
        "long": _appending(store, task_of(store, "long", LONG)),
        "action": action,
        "door": action_of_a_door,
    }
    taken = take_turns(cases, rounds=ROUNDS, calls=CALLS)
    run = _run(bare, store)
    acted = pair(taken, "bare", "action")
    rows = [
        row("append through the store", pair(taken, "bare", "append"), unit="us"),
        row(f"the same, {LONG:,} events long, to 90 long", pair(taken, "append", "long"), unit="us", aim="1.0x"),
        row("durable action: one event", acted, unit="us", aim="under 1.4x"),
        row("durable action: a whole run's, 1.5 events", in_all(run, "bare", "run"), unit="us", aim="under 1.4x"),
        row("durable action, and a read before it", pair(taken, "bare", "door"), unit="us"),
    ]
    return rows, ledger, acted.measured


def _appending(store: EventStore, ledger: Ledger) -> Case:
    head = ledger.head

    def append() -> None:
        nonlocal head
        head = store.append(ledger.task, head, [Draft(FINDING, ACTOR)]).head

    return append


def _run(bare: redis.Redis, store: EventStore) -> dict[str, list[float]]:
    """A whole run of the plan, action by action, beside an entry for each of its events."""
    facts = history()
    record(store, "known", facts)
    wires = iter(store.raw("known"))
    sizes = iter([[len(next(wires)) for _ in batch] for batch in batches(facts)])
    inputs = iter([batch[0] for batch in batches(facts)])
    ledger = Ledger(store, "run")

    def entries() -> None:
        for size in next(sizes):
            bare.xadd("bare", {"d": b"x" * size})

    def action() -> None:
        fact = next(inputs)
        ledger.submit(fact.body, actor=fact.actor)

    return take_turns({"bare": entries, "run": action}, rounds=sum(1 for _ in batches(facts)) - 1)
