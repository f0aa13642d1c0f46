"""Whether each event could stand where it stands: lifecycles, actors, claims, causes. Judged from the events alone."""

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
from replay.history import step
from replay.trail import Row, Trail

GIVEN_BACK = (EffectReleased, EffectDeferred, EffectFailed, BudgetExhausted)  # the claim ends, the request stays


def transitions(trail: Trail, mover: Mover | None = None) -> Row:
    """The core folds every event, by the tables, and `mover` (the machines) takes the task the same way."""
    state, moves, mover = TaskState(trail.task), 0, mover or machines()
    for event in trail.events:
        before = state
        try:
            state = step(state, event)
            moved = consume(before, event.version, event.body, mover)
        except (CorruptLog, IllegalFact) as error:
            return Row("lifecycle", False, error.what if isinstance(error, CorruptLog) else str(error))
        moves += moved is not before
        if apart := _apart(moved, state):
            return Row("lifecycle", False, f"version {event.version}: {apart}")
    return Row("lifecycle", True, f"{moves} transitions, all legal; the task is {state.status}")


def _apart(moved: TaskState, folded: TaskState) -> str | None:
    """Where the machines and the fold, which moves by the tables, disagree; phases that a plan brings are new."""
    if moved.status != folded.status:
        return f"the task is {folded.status} by the fold, {moved.status} by its machine"
    for number, phase in folded.phases.items():
        if number in moved.phases and (status := moved.phases[number].status) != phase.status:
            return f"phase {number} is {phase.status} by the fold, {status} by its machine"
    return None


def actors(trail: Trail) -> Row:
    """Nobody said what was not theirs to say."""
    for event in trail.events:
        actor = event.envelope.actor
        if not may_append(actor, _kind(event)):
            return Row("actors", False, f"version {event.version}: {actor} may not append {event.type}")
    names = sorted({e.envelope.actor.partition(":")[0] for e in trail.events})
    return Row("actors", True, f"each event by one who may append it: {', '.join(names)}")


def claims(trail: Trail) -> Row:
    """Every outcome names the claim that held its effect then; a claim is only replaced by one that says so."""
    held: dict[str, int] = {}
    outcomes = 0
    for event in trail.events:
        match event.body:
            case Request(effect=effect):
                held.pop(effect, None)  # asked for anew, after a rollback: whoever held it then is past
            case EffectStarted(effect=effect, takes_over=replaced):
                if held.get(effect, 0) != replaced:
                    wrong = f"{effect} was held by claim {held.get(effect, 0)}, and {replaced} is taken over"
                    return Row("claims", False, f"version {event.version}: {wrong}")
                held[effect] = event.version
            case Outcome(effect=effect, claim=claim):
                outcomes += 1
                if held.get(effect) != claim:
                    wrong = f"{event.type} of {effect} under claim {claim}, held was {held.get(effect, 'none')}"
                    return Row("claims", False, f"version {event.version}: {wrong}")
                if isinstance(event.body, GIVEN_BACK):
                    del held[effect]
    return Row("claims", True, f"{outcomes} outcomes, each under the claim that held")


def causes(trail: Trail) -> Row:
    """A batch is an input or observation without a cause, then the decisions whose cause it is."""
    first = 0
    for event in trail.events:
        cause = event.envelope.cause
        where = f"version {event.version}: {event.type}"
        if cause is None:
            if _kind(event) is Kind.DECISION:
                return Row("causes", False, f"{where} is a decision without a cause")
            first = event.version
        elif cause != first:
            return Row("causes", False, f"{where} names {cause} as its cause, its batch begins with {first}")
    return Row("causes", True, f"{len(roots(trail.events))} batches, each begun by an input or an observation")


def roots(events: Sequence[Recorded]) -> list[Recorded]:
    """The inputs and observations that batches begin with."""
    return [event for event in events if event.envelope.cause is None]


def _kind(event: Recorded) -> Kind:
    return Kind.INPUT if isinstance(event.body, Custom) else row_of(event.body).kind
