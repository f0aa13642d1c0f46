"""A specification that changed: what is stale is done again, what is under way is not pulled from under anybody."""

from __future__ import annotations

import msgspec
import pytest

from conductor.events import (
    AgentRequested,
    PhaseReopened,
    PlanAdopted,
    TaskCompleted,
    TaskPaused,
    TaskResumed,
    WorkspaceRequested,
)
from conductor.ids import Digest
from conductor.plan.changes import compare
from conductor.plan.model import Plan
from tests.support.simulation.story import IMPLEMENT, Story, given
from tests.support.simulation.world import plan

replace = msgspec.structs.replace


def changed(old: Plan, number: str, **change: object) -> Plan:
    """The plan with one phase changed."""
    change = change or {"goals": ("another goal",)}
    return replace(old, phases=tuple(replace(p, **change) if p.number == number else p for p in old.phases))


def implemented(story: Story) -> list[str | None]:
    return [r.phase for r in story.all(AgentRequested) if r.role == IMPLEMENT]


def adopt(story: Story, new: Plan) -> Story:
    story.say(PlanAdopted(new, Digest("1" * 64)))
    return story


def test_a_finished_phase_whose_section_changed_is_done_again_and_only_that() -> None:
    story = given(plan(1, 1, 1)).ran()
    adopt(story, changed(story.state.plan, "2"))
    assert [b.phase for b in story.all(PhaseReopened)] == ["2"] and story.state.status == "paused"
    story.say(TaskResumed())
    story.ends("completed")
    assert implemented(story) == ["1", "2", "3", "2"] and len(story.all(TaskCompleted)) == 2


def test_a_change_of_what_has_not_begun_makes_nothing_stale() -> None:
    story = given(plan(1, 1)).until(WorkspaceRequested)
    adopt(story, changed(story.state.plan, "2"))
    assert not story.all(PhaseReopened) and story.state.plan.phase("2").goals == ("another goal",)


def test_phases_come_and_go_with_the_plan() -> None:
    story = given(plan(1, 1)).ran()
    more = plan(1, 1, 1)
    adopt(story, replace(more, phases=(more.phases[2], more.phases[0])))
    assert list(story.state.phases) == ["3", "1"], "in the new plan's order"
    story.say(TaskResumed())
    story.ends("completed")
    assert implemented(story) == ["1", "2", "3"]


def test_what_is_under_way_is_not_changed_under_its_agents() -> None:
    story = given(plan(1, 1)).until(AgentRequested, phase="2")
    story.say(TaskPaused())
    text = story.refused(PlanAdopted(changed(story.state.plan, "2"), Digest("1" * 64)))
    assert "phase 2 is under way" in text and "conduct rollback t 1" in text
    adopt(story, changed(story.state.plan, "1"))
    story.say(TaskResumed())
    story.ends("completed")
    assert implemented(story) == ["1", "2", "1"]


def test_a_plan_is_not_adopted_while_work_is_claimed() -> None:
    story = given(plan(1, 1)).until(AgentRequested, phase="1")
    story.claim(story.open(AgentRequested).request.effect)
    assert "under way" in story.refused(PlanAdopted(changed(story.state.plan, "2"), Digest("1" * 64)))


def test_the_same_plan_is_no_change() -> None:
    story = given(plan(1)).ran()
    assert "has not changed" in story.refused(PlanAdopted(story.state.plan, story.state.spec))


def test_commands_that_the_change_brought_in_are_approved_first() -> None:
    story = given(plan(1, 1)).ran()
    adopt(story, changed(story.state.plan, "2", test_commands=("make test", "make more")))
    story.say(TaskResumed())
    asked = story.question("commands")
    assert "make more" in asked.text and "make test" not in asked.text
    story.answer("approve")
    story.ends("completed")


@pytest.mark.parametrize("change", [{"digest": "d"}, {"goals": ("x",)}, {"test_commands": ("x",)}, {"name": "x"}])
def test_a_section_that_reads_otherwise_is_changed(change: dict[str, object]) -> None:
    assert compare(plan(1, 1), changed(plan(1, 1), "2", **change)).changed == ("2",)


@pytest.mark.parametrize("change", [{"lines": (9, 10)}, {"status": "done"}, {"duration": "2h"}])
def test_where_it_stands_and_how_far_it_is_are_no_changes(change: dict[str, object]) -> None:
    assert compare(plan(1, 1), changed(plan(1, 1), "2", **change)).none
