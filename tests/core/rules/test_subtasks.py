"""A plan that was cut: parts are built as what they depend on is merged, wait apart, and are held to the whole."""

from __future__ import annotations

import pytest

from conductor.config.settings import Budget, Limits
from conductor.core.budget import divided
from conductor.core.decide import permit
from conductor.core.evolve import evolve
from conductor.core.rules.subtasks import needed, waiting
from conductor.core.state import TaskState, replace
from conductor.core.steps.step import Fact
from conductor.errors import Refused
from conductor.events import (
    Amendment,
    ChecksRequested,
    DriverChanged,
    MergeRequested,
    PlanAdopted,
    RollbackAsked,
    SubtaskChanged,
    SubtaskRequested,
    TaskAbandoned,
    TaskCompletedWithWaivers,
    TaskCreated,
    TaskDecomposed,
    TaskPaused,
    TaskResumed,
)
from conductor.ids import Branch, Commit, Digest
from conductor.plan.model import Module, Phase, Plan
from tests.support.simulation.story import FIX, SYNTHESIS, Story, given
from tests.support.simulation.world import CUT, NOW, PERSON, RUNNER, large, plan


def diamond() -> Plan:
    """Four phases: two that depend on the first, and one on both."""
    needs: dict[str, tuple[str, ...]] = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
    phases = (
        Phase(name, name, (Module("m0", expected_files=(f"{name}.py",)),), ("it is there",), after)
        for name, after in needs.items()
    )
    return Plan("A diamond", tuple(phases), complexity=1)


def cut(plan: Plan | None = None, **how: object) -> Story:
    return given(plan or diamond(), settings=CUT, **how)


def begun(story: Story) -> list[str | None]:
    return [b.module for b in story.all(SubtaskRequested)]


def test_a_plan_above_the_threshold_is_cut_when_its_task_starts() -> None:
    story = cut().ran()
    (decomposed,) = story.all(TaskDecomposed)
    assert [(p.name, p.depends_on) for p in decomposed.parts] == [
        ("a", ()),
        ("b", ("a",)),
        ("c", ("a",)),
        ("d", ("b", "c")),
    ]
    assert story.told[:3] == ["task.created", "task.started", "task.decomposed"]
    assert [b.subtask for b in story.all(SubtaskRequested)] == ["t.1", "t.2", "t.3", "t.4"]
    assert story.state.status == "completed"


@pytest.mark.parametrize("how", [{"settings": replace(CUT, decompose_above=100)}, {"driver": "assisted"}])
def test_a_plan_below_it_or_of_a_client_is_not_cut(how: dict[str, object]) -> None:
    assert not given(diamond(), **{"settings": CUT, **how}).ran().all(TaskDecomposed)


def test_a_part_begins_as_soon_as_what_it_depends_on_is_merged_and_not_before() -> None:
    """No wave waits for its slowest: `d` needs `b` only, and `c` is not done yet."""
    phases = (*diamond().phases[:3], Phase("d", "d", (Module("m0"),), ("it is there",), ("b",)))
    story = cut(replace(diamond(), phases=phases)).until(SubtaskRequested, module="c")
    while begun(story)[-1] != "d":
        held = next(o for o in story.ready() if o.request.module != "c")
        story.perform(held)
    assert story.state.phases["subtasks"].modules["b"].merged
    assert not story.state.phases["subtasks"].modules["c"].merged


def test_a_part_that_waits_holds_back_only_what_depends_on_it() -> None:
    story = cut().subtask("awaiting_answer", module="b").ran()
    assert story.state.status == "awaiting_subtasks" and [s.id for s in waiting(story.state)] == ["t.2"]
    assert story.phase("subtasks").modules["c"].merged and "d" not in begun(story)
    story.below()
    assert begun(story)[-1] == "b"
    assert story.last(SubtaskRequested).subtask == "t.2"
    story.ends("completed")


def test_it_is_waited_for_only_when_nothing_else_can_go_on() -> None:
    story = cut().subtask("awaiting_answer", module="b").until(SubtaskRequested, module="b")
    story.perform(next(o for o in story.ready() if o.request.module == "b"))
    assert story.state.status == "running"


def test_only_one_that_waits_can_change() -> None:
    story = cut().subtask("awaiting_answer", module="b").ran()
    assert "t.2" in story.refused(SubtaskChanged("t.3", "running"), RUNNER)
    assert "may not append" in story.refused(SubtaskChanged("t.2", "running"), PERSON)


@pytest.mark.parametrize("choice", ["retry", "skip", "abandon"])
def test_an_abandoned_part_is_a_persons_matter(choice: str) -> None:
    story = cut().subtask("abandoned", module="b").ran()
    assert story.question("subtask").module == "b"
    assert story.phase("subtasks").modules["c"].merged
    story.answer(choice)
    if choice == "retry":
        story.ends("completed")
        assert [b.subtask for b in story.all(SubtaskRequested) if b.module == "b"] == ["t.2", "t.2r1"]
        assert "t.2" not in needed(story.state)
    elif choice == "skip":
        story.ends("completed_with_waivers")
        assert story.last(TaskCompletedWithWaivers).waived == ("b",)
        files = {f for b in story.all(ChecksRequested) for c in b.checks for f in c.paths}
        assert files == {"a.py", "c.py", "d.py"}
    else:
        assert story.state.status == "abandoned" and not needed(story.state)


def test_what_was_waived_in_a_part_is_not_asked_of_the_whole() -> None:
    story = cut().subtask("completed_with_waivers", module="b").check("lint", "failed", times=99)
    story.ends("completed_with_waivers")
    assert story.last(TaskCompletedWithWaivers).waived == ("b",)
    lint = {c.blocking for b in story.all(ChecksRequested) for c in b.checks if c.kind == "lint"}
    assert lint == {False}


def test_the_merged_tree_and_the_whole_are_held_to_fit_together() -> None:
    story = cut().check("interfaces", "failed").ran()
    asked = [(b.phase, c.parts) for b in story.all(ChecksRequested) for c in b.checks if c.kind == "interfaces"]
    parts = {name: (f"{name}.py",) for name in "abcd"}
    assert asked == [("subtasks", parts), ("subtasks", parts), (None, parts)]
    assert (FIX, "subtasks", None) in story.agents()
    assert story.state.status == "completed"


def test_a_conflict_is_resolved_one_part_at_a_time() -> None:
    story = cut(large(3)).conflict(module="m1").ran()
    assert [r for r in story.agents() if r[0] == SYNTHESIS] == [(SYNTHESIS, "subtasks", "m1")]
    assert story.state.status == "completed"


def test_a_conflict_that_stays_lets_the_others_finish_and_then_fails_the_phase() -> None:
    story = cut().conflict(times=9, module="b").agent(SYNTHESIS, times=9, verdict="FAIL", commit="", tree="").ran()
    assert story.question("escalation").phase == "subtasks"
    assert "c" in {b.module for b in story.all(MergeRequested)}
    story.luck.fates.clear()
    story.answer("retry", "keep both")
    story.ends("completed")
    again = [b.subtask for b in story.all(SubtaskRequested)]
    assert set(again) == {"t.1", "t.2", "t.3", "t.4"}, "the same tasks: they are done, and are not built anew"


def test_accepted_with_a_conflict_the_rest_is_built() -> None:
    story = cut().conflict(times=2, module="b").agent(SYNTHESIS, times=2, verdict="FAIL", commit="", tree="").ran()
    story.answer("accept")
    story.ends("completed_with_waivers")
    assert all(m.merged for m in story.phase("subtasks").modules.values())


def test_at_most_as_many_parts_at_once_as_have_an_agent_each() -> None:
    story = given(large(4), settings=replace(CUT, parallel=2))
    story.until(SubtaskRequested)
    open_ = [o.request for o in story.state.open.values() if isinstance(o.request, SubtaskRequested)]
    assert len(open_) == 2 and {r.parallel for r in open_} == {1}
    story.ends("completed")
    wide = given(large(2), settings=replace(CUT, parallel=4)).until(SubtaskRequested)
    assert {b.parallel for b in wide.all(SubtaskRequested)} == {2}


def test_paused_and_resumed_it_goes_on_with_the_same_task() -> None:
    story = cut().until(SubtaskRequested, module="a")
    story.say(TaskPaused())
    assert not story.ready()
    story.say(TaskResumed())
    story.ends("completed")
    assert [b.subtask for b in story.all(SubtaskRequested)][:2] == ["t.1", "t.2"]


def test_rolled_back_by_a_person_other_tasks_build_it_anew() -> None:
    story = cut().ran()
    story.say(RollbackAsked(0, "all of it"))
    story.run(until=lambda _: story.state.status == "paused")
    story.say(TaskResumed())
    story.ends("completed")
    assert [b.subtask for b in story.all(SubtaskRequested)][4:] == ["t.1r1", "t.2r1", "t.3r1", "t.4r1"]


def test_what_was_done_before_stays_with_the_task() -> None:
    story = cut(large(1, 1, 1, done=("1",))).ran()
    assert [p.status for p in story.state.phases.values()] == ["skipped", "completed"]
    assert len(story.state.subplans) == 2 and story.state.status == "completed"


def test_it_takes_no_other_driver_and_no_other_plan() -> None:
    story = cut().subtask("awaiting_answer", module="b").ran()
    assert "subtasks" in story.refused(DriverChanged("assisted"))
    assert "`conduct abandon t`" in story.refused(PlanAdopted(plan(1, 1), Digest("1" * 64)))
    part = replace(story.state, id="t.2", parent_task_id="t", subplans=())
    with pytest.raises(Refused, match=r"task t\.2 is a subtask of task t, (.|\n)*`conduct abandon t`"):
        permit(part, PlanAdopted(plan(1, 1), Digest("1" * 64)), PERSON)
    assert story.when(TaskAbandoned()) == ["task.abandoned"]


def test_parts_that_end_together_are_merged_one_after_the_other() -> None:
    story = cut(large(4)).until(SubtaskRequested)
    for held in story.ready():
        story.perform(held)
    assert [type(o.request) for o in story.state.open.values()] == [MergeRequested]
    story.ends("completed")


# ---- amendments and budgets across parts ---------------------------------------------------------------------------


def test_what_a_part_amended_is_the_wholes_and_known_to_the_parts_that_come_after() -> None:
    amendment = Amendment("a1", "sync", "async", "q1")
    created = TaskCreated(
        title="T",
        plan=plan(1),
        spec_path="R",
        spec=Digest("0"),
        repository="/r",
        base_commit=Commit("b"),
        base_branch=None,
        branch=Branch("x"),
    )
    child = evolve(TaskState("t.1"), Fact(1, NOW, "runner:r", replace(created, amendments=(amendment,))))
    assert child.amendments == (amendment,) and child.rulings[0].amended


def test_the_tasks_budget_is_shared_among_the_parts() -> None:
    budget = Budget(Limits(turns=9), Limits(), Limits(tokens=1000, money=3.0, turns=2))
    shares = divided(budget, 4)
    assert shares.agent == budget.agent and shares.task == Limits(tokens=250, money=0.75, turns=1)
