"""What an event takes in the server: both of its entries, the one of its task and the one of the feed."""

from __future__ import annotations

import redis

from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.bench.load import history, record
from tests.bench.report import Row

RUNS = 10


def measure(url: str) -> list[Row]:
    """The rows of the table: bytes an event, on average over ten whole runs."""
    bare = redis.Redis.from_url(url)
    store = EventStore(connect(url), "memory")
    facts = history()
    events = RUNS * len(facts)

    empty = _used(bare)
    for number in range(RUNS):
        record(store, f"run-{number}", facts)
    ours = (_used(bare) - empty) / events

    wires = [wire for number in range(RUNS) for wire in store.raw(f"run-{number}")]
    empty = _used(bare)
    for number, wire in enumerate(wires):
        bare.xadd(f"bare:{number // len(facts)}", {"d": wire})
    theirs = (_used(bare) - empty) / events

    size = sum(map(len, wires)) / events
    return [
        Row("bytes an event, in a stream and on the feed", f"{theirs:,.0f}", f"{ours:,.0f}", f"{ours / theirs:.2f}x"),
        Row("  of which its JSON", "", f"{size:,.0f}", ""),
    ]


def _used(bare: redis.Redis) -> int:
    return int(bare.info("memory")["used_memory_dataset"])
