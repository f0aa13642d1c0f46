"""Where the time of a durable action goes: its parts in this process, each alone, and the wait for the server."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from conductor.core.decide import decide
from conductor.core.evolve import evolve
from conductor.core.steps.step import Fact
from conductor.driving.ledger import Ledger
from conductor.envelope import Draft, encode, utc_now
from conductor.log.connection import Argument
from conductor.log.store import EventStore
from conductor.redact import Redactor
from tests.bench.load import FINDING
from tests.bench.rounds import alone

ACTOR = "script:bench"


class Instant:
    """A connection to nowhere: every append is recorded at once."""

    def call(self, *args: Argument) -> object:
        return b"appended"

    def close(self) -> None:
        pass


def parts(ledger: Ledger, action: float) -> Mapping[str, float]:
    """Seconds by part, of an action of `ledger` that took `action` seconds."""
    state, head, now = ledger.state, ledger.head, utc_now()
    fact = Fact(state.version + 1, now, ACTOR, FINDING)
    drafts = [Draft(FINDING, ACTOR)]
    clean = Redactor.from_environment(os.environ)
    data = msgspec.json.encode(FINDING)
    here = Ledger(EventStore(Instant(), clean=clean), ledger.task)
    here.state, here.head = state, head
    pure = {
        "decide, which folds what it decides": alone(lambda: decide(state, FINDING, actor=ACTOR, now=now)),
        "encode: JSON, digests, chain": alone(lambda: encode(ledger.task, head, drafts, time=now)),
        "redact": alone(lambda: clean(data)),
        "evolve: fold what was recorded": alone(lambda: evolve(state, fact)),
    }
    whole = alone(lambda: here.submit(FINDING, actor=ACTOR))
    return {
        **pure,
        "clocks, keys, limits, arguments": whole - sum(pure.values()),
        "round trip: redis-py, script, sync to disk": action - whole,
        "in all": action,
    }
