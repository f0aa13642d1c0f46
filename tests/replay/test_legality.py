"""`verify` moves a task by the machines as well as by the tables, and names where the two would part."""

from __future__ import annotations

from conductor.core.machine import TABLES
from conductor.ids import PhaseStatus, TaskStatus
from conductor.log.store import EventStore
from replay import record
from replay.legality import transitions
from tests.support.simulation.histories import record as put
from tests.support.simulation.world import World, plan


class Elsewhere:
    """The tables, but for one trigger that leads astray."""

    def __init__(self, astray: str) -> None:
        self.astray = astray

    def task(self, status: TaskStatus, trigger: str) -> TaskStatus | None:
        return "paused" if trigger == self.astray else TABLES.task(status, trigger)

    def phase(self, status: PhaseStatus, trigger: str) -> PhaseStatus | None:
        return "skipped" if trigger == self.astray else TABLES.phase(status, trigger)


def recorded(store: EventStore) -> record.StoredRecord:
    world = World(plan(1))
    world.run()
    put(store, "t", world.facts)
    return record.read(store, "t")


def test_both_movers_take_a_sound_record_the_same_way(store: EventStore) -> None:
    assert transitions(recorded(store)).ok


def test_where_they_part_the_version_the_lifecycle_and_both_states_are_named(store: EventStore) -> None:
    read = recorded(store)
    task, phase = (transitions(read, Elsewhere(trigger)) for trigger in ("task.started", "phase.started"))
    assert (task.ok, phase.ok) == (False, False)
    assert task.detail == "version 2: the task is running by the fold, paused by its machine"
    assert "phase 1 is building by the fold, skipped by its machine" in phase.detail
