"""Whether each event is legal where it is: lifecycles, actors, claims, causes. Judged from the events alone."""

from __future__ import annotations

from collections.abc import Sequence

from conductor.core.machine import IllegalFact, Mover, consume, machines
from conductor.core.state import TaskState
from conductor.envelope import Recorded
from conductor.errors import CorruptLog
from conductor.events import (
    BudgetExhausted,
    Custom,
    EffectDeferred,
    EffectFailed,
    EffectReleased,
    EffectStarted,
    Kind,
    Outcome,
    Request,
    may_append,
    row_of,
)
from conductor.inspection import Inspection
from replay.history import step
from replay.record import StoredRecord

GIVEN_BACK = (EffectReleased, EffectDeferred, EffectFailed, BudgetExhausted)  # end the claim, not the request


def transitions(record: StoredRecord, mover: Mover | None = None) -> Inspection:
    """The core folds every event by the tables, and `mover` (the machines) moves the task in the same way."""
    state, moves, mover = TaskState(record.task), 0, mover or machines()
    for event in record.events:
        before = state
        try:
            state = step(state, event)
            moved = consume(before, event.version, event.body, mover)
        except (CorruptLog, IllegalFact) as error:
            return Inspection("lifecycle", False, error.what if isinstance(error, CorruptLog) else str(error))
        moves += moved is not before
        if apart := _apart(moved, state):
            return Inspection("lifecycle", False, f"version {event.version}: {apart}")
    return Inspection("lifecycle", True, f"{moves} transitions, all legal; the task is {state.status}")


def _apart(moved: TaskState, folded: TaskState) -> str | None:
    """Where the machines and the fold, which uses the tables, disagree; phases that a plan adds are skipped."""
    if moved.status != folded.status:
        return f"the task is {folded.status} by the fold, {moved.status} by its machine"
    for number, phase in folded.phases.items():
        if number in moved.phases and (status := moved.phases[number].status) != phase.status:
            return f"phase {number} is {phase.status} by the fold, {status} by its machine"
    return None


def actors(record: StoredRecord) -> Inspection:
    """Every event was appended by an actor that may append it."""
    for event in record.events:
        actor = event.envelope.actor
        if not may_append(actor, _kind(event)):
            return Inspection("actors", False, f"version {event.version}: {actor} may not append {event.type}")
    names = sorted({e.envelope.actor.partition(":")[0] for e in record.events})
    return Inspection("actors", True, f"each event by an actor that may append it: {', '.join(names)}")


def claims(record: StoredRecord) -> Inspection:
    """Every outcome names the effect's claim at that time; a claim is only replaced by one that says so."""
    held: dict[str, int] = {}
    outcomes = 0
    for event in record.events:
        match event.body:
            case Request(effect=effect):
                held.pop(effect, None)  # requested again after a rollback: the earlier claim is void
            case EffectStarted(effect=effect, takes_over=replaced):
                if held.get(effect, 0) != replaced:
                    wrong = f"{effect} was held by claim {held.get(effect, 0)}, and {replaced} is taken over"
                    return Inspection("claims", False, f"version {event.version}: {wrong}")
                held[effect] = event.version
            case Outcome(effect=effect, claim=claim):
                outcomes += 1
                if held.get(effect) != claim:
                    wrong = (
                        f"{event.type} of {effect} under claim {claim}, but the claim was {held.get(effect, 'none')}"
                    )
                    return Inspection("claims", False, f"version {event.version}: {wrong}")
                if isinstance(event.body, GIVEN_BACK):
                    del held[effect]
    return Inspection("claims", True, f"{outcomes} outcomes, each under the current claim")


def causes(record: StoredRecord) -> Inspection:
    """A batch is an input or observation without a cause, then the decisions whose cause it is."""
    first = 0
    for event in record.events:
        cause = event.envelope.cause
        where = f"version {event.version}: {event.type}"
        if cause is None:
            if _kind(event) is Kind.DECISION:
                return Inspection("causes", False, f"{where} is a decision without a cause")
            first = event.version
        elif cause != first:
            return Inspection("causes", False, f"{where} names {cause} as its cause, but its batch begins with {first}")
    return Inspection(
        "causes", True, f"{len(roots(record.events))} batches, each starting with an input or an observation"
    )


def roots(events: Sequence[Recorded]) -> list[Recorded]:
    """The inputs and observations that batches begin with."""
    return [event for event in events if event.envelope.cause is None]


def _kind(event: Recorded) -> Kind:
    return Kind.INPUT if isinstance(event.body, Custom) else row_of(event.body).kind
