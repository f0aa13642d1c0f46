"""Random histories of the core in the real store: batch by batch, as a ledger would have appended them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from conductor.core.steps.step import Fact
from conductor.envelope import Draft, Recorded, encode
from conductor.envelope import Head as Head
from conductor.events import Body, may_append, row_of
from conductor.events.vocabulary import Custom, Kind
from conductor.log.store import EventStore
from tests.support.simulation.chaos import Chaos
from tests.support.simulation.world import NOW, plan


def chaos(seed: int, moves: int = 250, trouble: float = 0.12) -> list[Fact]:
    """What became of a plan of three phases in `moves` random moves."""
    world = Chaos(plan(1, 3, 2), seed=seed, trouble=trouble)
    world.moves(moves)
    return world.facts


def batches(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    """Each input or observation with the decisions that it caused."""
    batch: list[Fact] = []
    for fact in facts:
        if fact.actor != "conductor" and batch:
            yield batch
            batch = []
        batch.append(fact)
    yield batch


def drafts(batch: Sequence[Fact]) -> list[Draft]:
    cause = batch[0].version
    return [Draft(f.body, f.actor, cause=None if f is batch[0] else cause) for f in batch]


def record(store: EventStore, task: str, facts: Iterable[Fact]) -> None:
    """Append a task's facts, batch by batch."""
    head = store.head(task)
    for batch in batches(facts):
        head = store.append(task, head, drafts(batch)).head


def record_mixed(store: EventStore, histories: dict[str, list[Fact]], seed: int = 0) -> None:
    """Append several tasks' facts, their batches mixed at random."""
    left = {task: list(batches(facts)) for task, facts in histories.items()}
    chance = random.Random(seed)
    while left:
        task = chance.choice(list(left))
        store.append(task, store.head(task), drafts(left[task].pop(0)))
        if not left[task]:
            del left[task]


def recorded(task: str, *bodies: Body, time: str = NOW) -> list[Recorded]:
    """Events as a reader would see them, without a store; each by an actor who may append it."""
    actors = ("person:p", "runner:r", "conductor")
    made = []
    for body in bodies:
        kind = Kind.INPUT if isinstance(body, Custom) else row_of(body).kind
        actor = next(a for a in actors if may_append(a, kind))
        made.append(Draft(body, actor, correlation=getattr(body, "effect", None)))
    return encode(task, Head(), made, time=time)[1]
