"""Deciding again: today's rules agree with what they decided, and a difference is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from conductor.envelope import Draft, Head
from conductor.errors import UsageError
from conductor.events import AgentRequested, Custom, PhaseResultSaved, TaskAbandoned
from conductor.log.store import EventStore
from replay.check import Difference, check
from tests.support.simulation.histories import batches, chaos, drafts, record
from tests.support.simulation.world import NOW


@pytest.fixture
def still(store: EventStore) -> Iterator[EventStore]:
    """A store whose clock stands still, as the world's does."""
    yield EventStore(store.connection, store.keys.namespace, clock=lambda: NOW)


@pytest.mark.parametrize("seed", range(6))
def test_today_decides_as_it_did(still: EventStore, seed: int) -> None:
    facts = chaos(seed, moves=250)
    record(still, "t", facts)
    decided = check(still, "t")
    assert decided.differences == () and decided.batches == len(list(batches(facts)))


def altered(store: EventStore, change: Callable[[Draft], Draft | None], seed: int = 1) -> list[Difference]:
    """Record a history with one draft changed (or left out, for None), at its first place; returns the differences."""
    done = False
    head = Head()
    for batch in batches(chaos(seed, moves=250)):
        made: list[Draft] = []
        for draft in drafts(batch):
            new = draft if done else change(draft)
            done = done or new is not draft
            made += [new] if new else []
        head = store.append("t", head, made).head
        if done:
            break
    assert done
    return list(check(store, "t").differences)


def test_a_decision_with_other_data_is_named(still: EventStore) -> None:
    def other_role(draft: Draft) -> Draft:
        if not isinstance(draft.body, AgentRequested):
            return draft
        return msgspec.structs.replace(draft, body=msgspec.structs.replace(draft.body, hint="do it well"))

    (difference,) = altered(still, other_role)
    assert difference.reason == "agent.requested was decided; today it is agent.requested with other data"
    assert difference.recorded == difference.today == ("phase.started", "agent.requested")
    assert difference.says.startswith("worktree of conductor/t")


def test_a_decision_that_was_not_made_is_named(still: EventStore) -> None:
    (difference,) = altered(still, lambda draft: None if isinstance(draft.body, AgentRequested) else draft)
    assert difference.reason == "nothing was decided; today it is agent.requested"


def test_an_input_that_would_be_refused_is_named(still: EventStore) -> None:
    record(still, "t", chaos(1, moves=10))
    still.append("t", still.head("t"), [Draft(TaskAbandoned(), "agent:a")])
    (difference,) = check(still, "t").differences
    assert (difference.recorded, difference.today) == ((), ())
    assert difference.reason.startswith("it would be refused today: agent:a may not append task.abandoned")


def test_two_readings_of_a_clock_are_no_difference(still: EventStore) -> None:
    def later(minutes: float) -> Callable[[Draft], Draft]:
        def change(draft: Draft) -> Draft:
            if not isinstance(draft.body, PhaseResultSaved):
                return draft
            return msgspec.structs.replace(draft, body=msgspec.structs.replace(draft.body, duration_minutes=minutes))

        return change

    assert altered(still, later(0.01)) == []
    other = EventStore(still.connection, still.keys.namespace + "-2", clock=lambda: NOW)
    assert len(altered(other, later(5.0))) == 1


def test_own_events_of_users_decide_nothing(still: EventStore) -> None:
    record(still, "t", chaos(1, moves=10))
    still.append("t", still.head("t"), [Draft(Custom("mine.own", msgspec.Raw(b"{}")), "script:s")])
    assert check(still, "t").differences == ()


def test_no_such_task(still: EventStore) -> None:
    with pytest.raises(UsageError, match="no task 'nobody'"):
        check(still, "nobody")
