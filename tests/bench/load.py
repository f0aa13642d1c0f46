"""The task that is measured: a plan of five phases, driven by the core's own test world, recorded in a real store."""

from __future__ import annotations

from conductor.core.steps.step import Fact
from conductor.driving.ledger import Ledger
from conductor.envelope import Draft
from conductor.events import Finding, FindingReported
from conductor.log.store import EventStore
from tests.support.simulation.histories import batches, drafts, record
from tests.support.simulation.world import World, plan

__all__ = ["FINDING", "batches", "drafts", "history", "record", "task_of"]

SHAPE = (1, 3, 2, 1, 2)  # modules of each phase
ENDED = ("completed", "completed_with_waivers", "abandoned")

# Of an ordinary length, and legal whatever the task is doing.
FINDING = FindingReported(
    Finding(
        kind="gotcha",
        title="Fraction refuses mixed numbers",
        text='Fraction("1 1/2") raises ValueError: read the whole and the part apart, and add them',
        evidence="python3 -c 'from fractions import Fraction; print(Fraction(\"1 1/2\"))'",
    )
)


def history(upto: int = 100_000, plans: int = 1) -> list[Fact]:
    """What a run of the plan records, with some trouble on the way: to its end (300 facts), or to about `upto` facts.

    `plans`: so many times the phases.
    """
    world = World(plan(*SHAPE * plans), seed=4, trouble=0.05)
    while world.state.status not in ENDED and len(world.facts) < upto:
        world.run(until=lambda _: len(world.facts) >= upto)
        if world.state.questions:
            world.answer()
    return world.facts


def task_of(store: EventStore, task: str, events: int) -> Ledger:
    """A task in the middle of its second phase, with findings up to `events` events; caught up."""
    record(store, task, history(upto=80))
    head = store.head(task)
    while (missing := events - head.version) > 0:
        head = store.append(task, head, [Draft(FINDING, "script:bench")] * min(missing, 200)).head
    ledger = Ledger(store, task)
    ledger.catch_up()
    return ledger
