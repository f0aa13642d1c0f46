"""Reading back: replay, and the rebuild of a projection, against the bare reading of the same entries."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import redis

from conductor.log.connect import connect
from conductor.log.store import EventStore
from projections.engine import Engine
from projections.registry import PROJECTIONS
from tests.bench.load import history, record
from tests.bench.report import Row, row
from tests.bench.rounds import Case, pair, take_turns
from tests.support.folding import fold

EVENTS = 5_000
ROUNDS = 7


def measure(url: str) -> list[Row]:
    """The rows of the table; times are those of 5,000 events, or of a whole run's 300."""
    bare = redis.Redis.from_url(url)
    store = EventStore(connect(url), "reads")
    record(store, "run", history())
    record(store, "long", history(upto=EVENTS, plans=EVENTS // 250))
    engine = Engine(store, PROJECTIONS)
    events = store.read("long")

    def entries(task: str) -> Case:
        read: Any = partial(bare.xrange, store.keys.stream(task))
        return lambda: [json.loads(fields[b"d"]) for _, fields in read()]

    cases: dict[str, Case] = {
        "bare run": entries("run"),
        "run": lambda: fold("run", store.read("run")),
        "bare": entries("long"),
        "read": lambda: store.read("long"),
        "fold": lambda: fold("long", events),
        "replay": lambda: fold("long", store.read("long")),
        **{p.name: partial(engine.rebuild, p.name) for p in PROJECTIONS},
    }
    taken = take_turns(cases, rounds=ROUNDS)
    of = f"of {EVENTS:,} events"
    rows = [
        row("replay: read and fold a whole run of 300", pair(taken, "bare run", "run"), unit="ms"),
        row(f"replay {of}", pair(taken, "bare", "replay"), unit="ms"),
        row("  of which read", pair(taken, "bare", "read"), unit="ms"),
        row("  of which fold", pair(taken, "bare", "fold"), unit="ms"),
    ]
    rows += [row(f"rebuild `{p.name}` {of}", pair(taken, "bare", p.name), unit="ms") for p in PROJECTIONS]
    return rows
