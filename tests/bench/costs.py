"""Where the time of a durable action goes: its pure parts alone, what remains, and the wait for the server."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from conductor.core.decide import decide
from conductor.core.evolve import evolve
from conductor.core.steps.step import Fact
from conductor.envelope import Draft, encode, utc_now
from conductor.ledger import Ledger
from conductor.redact import Redactor
from tests.bench.load import FINDING
from tests.bench.rounds import alone

ACTOR = "script:bench"


def parts(ledger: Ledger, action: float, reply: float) -> Mapping[str, float]:
    """Seconds by part, of an action that took `action` seconds, `reply` of them on the wire."""
    state, head, now = ledger.state, ledger.head, utc_now()
    fact = Fact(state.version + 1, now, ACTOR, FINDING)
    drafts = [Draft(FINDING, ACTOR)]
    clean = Redactor.from_environment(os.environ)
    data = msgspec.json.encode(FINDING)
    pure = {
        "decide (with its own fold)": alone(lambda: decide(state, FINDING, actor=ACTOR, now=now)),
        "evolve: fold what was recorded": alone(lambda: evolve(state, fact)),
        "encode: JSON, digests, chain": alone(lambda: encode(ledger.task, head, drafts, time=now)),
        "redact": alone(lambda: clean(data)),
    }
    rest = action - reply - sum(pure.values())
    return {**pure, "clocks, keys, limits, arguments": rest, "round trip: script, sync, redis-py": reply, "all": action}
