"""The ledger: a server that comes back without what it had acknowledged is an error, not something to wait for."""

from __future__ import annotations

import pytest

from conductor.errors import CorruptLog
from conductor.events import TaskCreated, TaskPaused, TaskStarted
from conductor.ledger import Ledger
from conductor.log.store import EventStore
from conductor.spec.plan import Module, Phase, Plan


def test_a_record_that_is_gone_is_an_error(store: EventStore) -> None:
    ledger = Ledger(store, "gone")
    plan = Plan("A plan", (Phase("1", "One", (Module("one"),)),))
    created = TaskCreated("A plan", plan, "READY.md", "0" * 64, "/r", "base", "main", "conductor/gone")
    ledger.submit(created, actor="person:p")
    ledger.submit(TaskStarted(), actor="person:p")
    store.connection.call("DEL", store.keys.stream("gone"), store.keys.head("gone"))
    with pytest.raises(CorruptLog, match="lost or replaced its data"):
        ledger.submit(TaskPaused(), actor="person:p")
