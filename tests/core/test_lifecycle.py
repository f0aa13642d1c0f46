"""The two lifecycles: the compiled tables, the machines and the diagrams agree, and histories go through every row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

import msgspec
import pytest

from conductor.core import lifecycle
from conductor.core.evolve import evolve
from conductor.core.machine import TABLES as TABLES_MOVER
from conductor.core.machine import IllegalFact, machines
from conductor.core.state import Checkpoint, TaskState
from conductor.core.steps.step import Fact
from conductor.errors import Refused
from conductor.events import (
    REGISTRY,
    Body,
    BudgetExhausted,
    DeliveryAsked,
    DriverChanged,
    EffectDeferred,
    EffectReleased,
    EvidenceRequested,
    Finding,
    FindingReported,
    PlanAdopted,
    QuestionAnswered,
    RollbackAsked,
    RollbackRequested,
    TaskAbandoned,
    TaskPaused,
    TaskStarted,
)
from conductor.generated.diagram import diagram
from conductor.ids import Commit, Digest, Driver, Tree
from conductor.plan.model import Plan
from tests.support.simulation.chaos import Chaos
from tests.support.simulation.luck import Fate
from tests.support.simulation.story import CORE, IMPLEMENT, REVIEW, SYNTHESIS, given
from tests.support.simulation.world import CUT, NOW, RUNNER, World, large, plan

TABLES = {
    "task": (lifecycle.TASK_STATES, lifecycle.TASK, machines().task, TABLES_MOVER.task),
    "phase": (lifecycle.PHASE_STATES, lifecycle.PHASE, machines().phase, TABLES_MOVER.phase),
}
# A plan that was cut is Conductor's alone, and its subtasks are waited for when no question of its own is open.
NEVER = {("task", "awaiting_subtasks", t) for t in ("question.answered", "driver.changed", "plan.adopted")}

NONE = Checkpoint(0, None, Commit(""), Tree(""), 0, "")

Move = Callable[[str, str], str | None]
Table = tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...], str], ...], Move, Move]
Row = tuple[str, str, str]  # table, source, trigger


@pytest.mark.parametrize("name", TABLES)
def test_both_movers_agree_with_the_rows_on_every_state_and_trigger(name: str) -> None:
    states, rows, by_machine, by_table = cast("Table", TABLES[name])
    legal = {(s, trigger): s if to == lifecycle.STAY else to for trigger, sources, to in rows for s in sources}
    for trigger in {row[0] for row in rows}:
        for state in states:
            assert by_machine(state, trigger) == by_table(state, trigger) == legal.get((state, trigger))


def test_a_history_folds_to_the_same_state_by_both_movers() -> None:
    story = given(plan(3, 1), seed=3).check("tests:0", "failed", times=6, phase="2").ran()
    by_table = by_machine = TaskState("t")
    for fact in story.facts:
        by_table, by_machine = evolve(by_table, fact), evolve(by_machine, fact, machines())
        assert by_table == by_machine


def test_what_the_lifecycle_forbids_is_refused_by_both_movers_in_the_same_words() -> None:
    state = given(plan(1)).ran().state
    said = set()
    for mover in (TABLES_MOVER, machines()):
        with pytest.raises(IllegalFact) as refusal:
            evolve(state, Fact(state.version + 1, NOW, "conductor", TaskStarted()), mover)
        said.add(str(refusal.value))
    assert said == {f"version {state.version + 1}: task.started is not legal for a task that is completed"}


@pytest.mark.parametrize("name", TABLES)
def test_a_trigger_leads_from_a_state_to_one_state_only(name: str) -> None:
    rows = TABLES[name][1]
    pairs = [(state, trigger) for trigger, sources, _ in rows for state in sources]
    assert len(pairs) == len(set(pairs))
    assert {state for state, _ in pairs} <= set(TABLES[name][0])


@pytest.mark.parametrize("name", TABLES)
def test_every_trigger_is_an_event_of_the_vocabulary(name: str) -> None:
    assert {row[0] for row in TABLES[name][1]} <= set(REGISTRY)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached_and_every_unfinished_one_left(name: str) -> None:
    states, rows, *_ = TABLES[name]
    reached = {states[0]} | {to for _, _, to in rows}
    assert reached >= set(states)
    left = {s for _, sources, to in rows for s in sources if to not in (lifecycle.STAY, s)}
    assert set(states) - left == ({"abandoned"} if name == "task" else set())


@pytest.mark.parametrize("name", TABLES)
def test_the_diagram_shows_each_row_once_and_is_always_the_same(name: str) -> None:
    text = diagram(name)
    assert text == diagram(name)
    assert text.startswith(f"stateDiagram-v2\n    [*] --> {TABLES[name][0][0]}\n")
    groups = {m[1]: m[2].split() for m in re.finditer(r"state (\w+) \{(.*?)\}", text, re.DOTALL)}
    drawn = re.findall(r"^ +(\w+) --> (\w+): (\S+)$", text, re.MULTILINE)
    arrows = [(s, to, trigger) for group, to, trigger in drawn for s in groups.get(group, [group])]
    rows = [(s, to, t) for t, sources, to in TABLES[name][1] if to != lifecycle.STAY for s in sources]
    assert sorted(arrows) == sorted(rows)


def test_what_is_allowed_is_told_in_the_tables_order() -> None:
    assert lifecycle.allowed("abandoned") == ()
    assert lifecycle.allowed("paused") == (
        "plan.adopted",
        "task.resumed",
        "rollback.asked",
        "task.rolled_back",
        "task.abandoned",
        "question.answered",
        "driver.changed",
        "finding.reported",
    )


# ---- every row is gone through -------------------------------------------------------------------------------------


class Probing(Chaos):
    """After each move, histories branch off in which a person does each thing that they could do just then."""

    def move(self) -> None:
        super().move()
        other: Driver = "assisted" if self.state.driver == "conductor" else "conductor"
        asides = [FindingReported(Finding("gotcha", "mind")), TaskPaused(), TaskAbandoned(), DriverChanged(other)]
        asides.append(DeliveryAsked())
        asides += [PlanAdopted(_changed(self.state.plan, p.number), Digest("1" * 64)) for p in self.state.plan.phases]
        asides += [QuestionAnswered(q, a.question.choices[0]) for q, a in self.state.questions.items()]
        for body in asides:
            with suppress(Refused):
                self._branch().say(body)
        with suppress(Refused):
            branch = self._branch()
            for held in list(branch.state.open.values()):
                if held.claim_version:
                    branch.say(EffectReleased(held.request.effect, held.claim_version), RUNNER)
            if branch.state.status in lifecycle.ACTIVE:
                branch.say(TaskPaused())
            branch.say(RollbackAsked(self.random.choice(branch.state.checkpoints or [NONE]).number))
            branch.say(FindingReported(Finding("gotcha", "mind")))
            branch.run()

    def _branch(self) -> World:
        """Another world with the same past; what it goes through is counted, what becomes of it is not."""
        branch = World.__new__(World)
        branch.luck, branch.random, branch.state, branch.facts = self.luck, self.random, self.state, []
        branch.seen = self.seen
        return branch


def _changed(plan: Plan, number: str) -> Plan:
    again = [msgspec.structs.replace(p, digest="new") if p.number == number else p for p in plan.phases]
    return msgspec.structs.replace(plan, phases=tuple(again))


def test_every_row_is_gone_through_by_some_history() -> None:
    seen: set[Row] = set()
    for world in (*_worlds(), *_rare()):
        seen |= world.seen
    rows = {(name, s, t) for name, (_, rows, *_) in TABLES.items() for t, sources, _ in rows for s in sources}
    assert seen <= rows
    assert seen & NEVER == set()
    assert sorted(rows - NEVER - seen) == []


def _worlds() -> Iterator[World]:
    shapes = [(1, 1), (1, 3), (2, 1), (3,)]
    for seed in range(24):
        world = Probing(
            plan(*shapes[seed % 4], done=("1",) if seed % 7 == 0 else ()), seed=seed, trouble=0.08 * (1 + seed % 3)
        )
        world.luck.fates.append(Fate("agent", 2, {"role": (IMPLEMENT, REVIEW)[seed % 2]}, {"corrections": (CORE,)}))
        world.moves(150)
        yield world


def _rare() -> Iterator[World]:
    """What chance comes by too seldom."""
    asides: list[Body] = [TaskPaused(), TaskAbandoned(), RollbackAsked(0), FindingReported(Finding("gotcha", "mind"))]
    for aside in asides:
        story = given(large(2, 1), settings=CUT).subtask("awaiting_answer", module="m0").ran()
        story.say(aside)
        yield story.ran()
    story.below()
    yield story.ran()
    for choice, pause in (("abandon", False), ("retry", False), ("retry", True)):
        story = given(plan(1)).ran()
        story.breaks(RollbackRequested, times=3).say(RollbackAsked(0))
        story.run()
        story.answer(choice)
        if pause:
            story.claim(story.open(RollbackRequested).request.effect)
            story.say(TaskPaused())
            story.perform(story.open(RollbackRequested))
        yield story.ran()
    for aside in [RollbackAsked(0), PlanAdopted(_changed(plan(1), "1"), Digest("1" * 64))]:
        story = given(plan(1)).check("lint", "failed", times=3).ran()
        story.answer("accept")
        story.ran().say(aside)
        yield story.ran()
    story = given(plan(2)).conflict(times=9).agent(SYNTHESIS, times=9, verdict="FAIL").ran()
    story.answer("accept")
    yield story.ran()
    yield from _limited()
    shown = msgspec.structs.replace(CORE, evidence="$ make x")
    story = given(plan(1)).agent(REVIEW, corrections=(CORE, shown)).until(EvidenceRequested)
    story.answer("approve")  # while the other one's evidence is still looked at
    yield story.ran()


def _limited() -> Iterator[World]:
    """In a wait for a rate limit, or for more budget, a person may do whatever they may in any other."""
    fates: tuple[dict[str, Any], ...] = ({}, {"role": REVIEW})
    changes: list[Plan] = [plan(1, 1), _changed(plan(1), "1")]
    for where, changed in zip(fates, changes, strict=True):
        asides = [TaskPaused(), TaskAbandoned(), RollbackAsked(0), DriverChanged("assisted")]
        for aside in (
            None,
            *asides,
            FindingReported(Finding("gotcha", "mind")),
            PlanAdopted(changed, Digest("1" * 64)),
        ):
            story = given(plan(1)).limited(**where).until(EffectDeferred)
            dry = given(plan(1)).runs_dry(**where).until(BudgetExhausted)
            for waiting in (story, dry):
                if aside:
                    waiting.say(aside)
                yield waiting
    story = given(plan(1)).runs_dry().until(BudgetExhausted)
    story.answer("extend")
    yield story
    story = given(plan(2)).agent(IMPLEMENT, where={"module": "m0"}, corrections=(CORE,)).limited(times=9, module="m1")
    story.run(until=lambda _: story.state.status == "rate_limited" and bool(story.state.questions))
    story.answer("approve")
    yield story
