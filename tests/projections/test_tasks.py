"""Where tasks stand, and their checkpoints: what people are shown, against the core's own state and the facts."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from conductor.core.evolve import evolve
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.envelope import Draft, Head, Recorded, encode
from conductor.events import (
    AgentReported,
    AgentRequested,
    CheckObserved,
    CheckpointCreated,
    ChecksRequested,
    MergeRequested,
    RollbackAsked,
    TaskResumed,
    WorkReported,
    type_of,
)
from projections.board import TaskView, shown
from projections.checkpoints import CheckpointRecord, Checkpoints
from projections.engine import decode
from projections.engine import encode as view_bytes
from projections.tasks import TaskRecord, Tasks
from projections.view import build, follow
from tests.support.simulation.histories import chaos
from tests.support.simulation.world import NOW, World, plan


def events_of(facts: list[Fact]) -> list[Recorded]:
    return encode("t", Head(), [Draft(f.body, f.actor) for f in facts], time=NOW)[1]


def record_of(facts: list[Fact]) -> TaskRecord:
    return build(Tasks(), "t", events_of(facts))


@pytest.mark.parametrize("seed", range(5))
def test_a_view_that_was_json_between_any_two_events_is_no_other(seed: int) -> None:
    facts = chaos(seed, moves=120)
    through_json = Tasks().start("t")
    for event in events_of(facts):
        through_json = decode(Tasks(), view_bytes(follow(Tasks(), through_json, (event,))))
    state = TaskState("t")
    for fact in facts:
        state = evolve(state, fact)
    assert through_json.stored_state.whole() == state
    assert view_bytes(through_json) == view_bytes(record_of(facts))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_shown_is_what_the_core_holds(seed: int) -> None:
    facts = chaos(seed, moves=250)
    state = TaskState("t")
    for fact in facts:
        state = evolve(state, fact)
    view = shown(record_of(facts))
    assert (view.status, view.version, view.head) == (state.status, state.version, state.head)
    assert {p.number: p.status for p in view.phases} == {n: p.status for n, p in state.phases.items()}
    assert [q.id for q in view.questions] == list(state.questions)
    assert msgspec.json.decode(msgspec.json.encode(view), type=TaskView) == view


@pytest.mark.parametrize("seed", range(5))
def test_numbers_count_what_was_rolled_back_too(seed: int) -> None:
    facts = chaos(seed, moves=250)
    numbers = record_of(facts).numbers
    types = Counter(type_of(f.body) for f in facts)
    checks = Counter(f.body.status for f in facts if isinstance(f.body, CheckObserved))
    roles = Counter(f.body.role for f in facts if isinstance(f.body, AgentReported | WorkReported))
    assert numbers.events == len(facts)
    assert (numbers.checks_passed, numbers.checks_failed) == (checks["passed"], checks["failed"])
    assert numbers.agents == dict(roles) and numbers.fixes == roles["fix-executor"]
    assert (numbers.merges, numbers.conflicts) == (types["merge.completed"], types["merge.conflicted"])
    assert numbers.rollbacks == types["phase.rolled_back"] + types["task.rolled_back"]
    assert (numbers.corrections_accepted, numbers.corrections_refused, numbers.questions) == (
        types["correction.accepted"],
        types["correction.refused"],
        types["question.asked"],
    )


def doing(world: World) -> dict[str, str]:
    view = shown(record_of(world.facts))
    return {m.name: m.doing for m in view.phases[0].modules}


def test_what_each_module_is_doing() -> None:
    world = World(plan(3))
    assert doing(world) == {"m0": "not begun", "m1": "not begun", "m2": "not begun"}

    def until(kind: type) -> dict[str, str]:
        world.run(until=lambda batch: any(isinstance(b, kind) for b in batch))
        return doing(world)

    assert "implementation-executor (waits)" in until(AgentRequested).values()
    asked = next(o.request for o in world.state.open.values() if isinstance(o.request, AgentRequested))
    world.claim(asked.effect)
    assert doing(world)[asked.module or ""] == "implementation-executor"
    assert doing(world)["m2"] == "waits for its turn"
    assert any(what.startswith("checks, 0 of ") for what in until(ChecksRequested).values())
    assert "merge (waits)" in until(MergeRequested).values()
    world.run()
    assert doing(world) == {"m0": "merged", "m1": "merged", "m2": "merged"}
    assert shown(record_of(world.facts)).status == "completed"


def test_a_single_module_is_doing_what_its_phase_is() -> None:
    world = World(plan(1))
    world.run(until=lambda batch: any(isinstance(b, AgentRequested) for b in batch))
    assert doing(world) == {"m0": "implementation-executor (waits)"}


def test_unproven_criteria_and_waivers_are_those_of_the_end_and_gone_with_it() -> None:
    world = World(plan(1, 1))
    unprovable = msgspec.structs.replace(world.state.plan.phases[0].success_criteria[0], proofs=())
    phase = msgspec.structs.replace(world.state.plan.phases[0], success_criteria=(unprovable,))
    world = World(msgspec.structs.replace(world.state.plan, phases=(phase, world.state.plan.phases[1])))
    assert world.run().status == "completed"
    assert shown(record_of(world.facts)).unproven == ("p1.c1",)
    world.say(RollbackAsked(0))
    world.run()
    assert shown(record_of(world.facts)).unproven == ()


def points_of(facts: list[Fact]) -> tuple[CheckpointRecord, ...]:
    return build(Checkpoints(), "t", events_of(facts)).points


@pytest.mark.parametrize("seed", range(5))
def test_live_checkpoints_are_the_cores(seed: int) -> None:
    facts = chaos(seed, moves=300)
    state = TaskState("t")
    for fact in facts:
        state = evolve(state, fact)
    points = points_of(facts)
    live = [(p.number, p.phase, p.commit, p.tree, p.version) for p in points if not p.abandoned]
    assert live == [(c.number, c.phase, c.commit, c.tree, c.version) for c in state.checkpoints]
    made = [(f.body, f.version) for f in facts if isinstance(f.body, CheckpointCreated)]
    assert [(p.number, p.checked_tree, p.version) for p in points[1:]] == [
        (body.number, body.checked_tree, version) for body, version in made
    ]


def test_abandoned_checkpoints_name_the_event_and_the_refs_that_keep_them() -> None:
    world = World(plan(1, 1))
    world.run()
    world.say(RollbackAsked(1))
    world.run()
    rolled_back = world.facts[-1].version
    rescued = msgspec.structs.replace(world.facts[-1].body, rescued=("refs/conductor/rescue/t/2",))
    facts = [*world.facts[:-1], Fact(rolled_back, NOW, "runner:r", rescued)]
    points = points_of(facts)
    assert [(p.number, p.phase, p.abandoned) for p in points] == [
        (0, None, 0),
        (1, "1", 0),
        (2, "2", rolled_back),
        (3, None, rolled_back),
    ]
    assert points[2].rescued == ("refs/conductor/rescue/t/2",) and points[1].rescued == ()
    world.say(TaskResumed())
    world.run()
    assert [(p.number, p.abandoned) for p in points_of(world.facts)][4:] == [(4, 0), (5, 0)]
