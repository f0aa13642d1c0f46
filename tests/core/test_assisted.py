"""Assisted driving: the client's agents do the work, Conductor commits, checks and decides, and asks for no agent."""

from __future__ import annotations

import msgspec
import pytest

from conductor.core.decide import awaited
from conductor.events import (
    AgentRequested,
    ChecksRequested,
    CollectRequested,
    DriverChanged,
    MergeRequested,
    TaskPaused,
    TaskResumed,
    WorkReported,
    WorkspacePrepared,
)
from conductor.ids import AgentVerdict
from tests.support.simulation.story import FIX, IMPLEMENT, REVIEW, SYNTHESIS, TESTS, Story, given
from tests.support.simulation.world import plan

Due = list[tuple[str, str | None, str | None]]


def due(story: Story) -> Due:
    return [(r.role, r.phase, r.module) for r in awaited(story.state)]


def assisted(*shape: int) -> Story:
    """Given an assisted task whose first work is awaited."""
    story = given(plan(*shape), driver="assisted")
    story.run(until=lambda _: bool(awaited(story.state)))
    return story


def done(role: str, phase: str | None = "1", module: str | None = None, verdict: AgentVerdict = "PASS") -> WorkReported:
    return WorkReported(role, phase, module, verdict, "done")


def test_the_same_rules_lead_to_the_same_end_and_no_agent_is_ever_asked_for() -> None:
    story = given(plan(1, 3), driver="assisted").check("tests:0", "failed").conflict(module="m1").ran()
    assert story.state.status == "completed" and story.all(AgentRequested) == []
    roles = {w.role for w in story.all(WorkReported)}
    assert roles == {IMPLEMENT, FIX, SYNTHESIS, REVIEW}


def test_reported_work_is_collected_before_it_is_checked() -> None:
    story = assisted(1)
    assert due(story) == [(IMPLEMENT, "1", "m0")] and not story.state.open
    assert story.when(done(IMPLEMENT, module="m0"), "client:c") == ["work.reported", "collect.requested"]
    assert due(story) == [], "nothing more is awaited until that is done"
    (batch,) = story.perform(story.open(CollectRequested))
    assert story.last(ChecksRequested).commit == batch[0].commit  # type: ignore[attr-defined]


def test_modules_of_a_wave_are_awaited_side_by_side() -> None:
    story = assisted(3)
    story.run(until=lambda _: len(story.all(WorkspacePrepared)) == 3)
    assert due(story) == [(IMPLEMENT, "1", "m0"), (IMPLEMENT, "1", "m1")]
    story.say(done(IMPLEMENT, module="m1"), "client:c")
    assert due(story) == [(IMPLEMENT, "1", "m0")]


def test_what_is_not_awaited_is_refused_and_what_is_awaited_is_named() -> None:
    story = assisted(1)
    text = story.refused(done(FIX), "client:c")
    assert "no work by fix-executor is awaited" in text and f"{IMPLEMENT} for phase 1, module m0" in text
    story.say(done(IMPLEMENT, module="m0"), "client:c")
    assert "nothing is awaited" in story.refused(done(IMPLEMENT, module="m0"), "client:c")
    assert "driven by Conductor" in given(plan(1)).until(AgentRequested).refused(done(IMPLEMENT, module="m0"))


@pytest.mark.parametrize("verdict", ["FAIL", "NO_REPORT"])
def test_a_clients_word_counts_no_more_than_an_agents(verdict: AgentVerdict) -> None:
    story = assisted(1)
    story.say(done(IMPLEMENT, module="m0", verdict=verdict), "client:c")
    story.run(until=lambda _: (FIX, "1", None) in due(story))
    assert story.phase().status == "fixing"
    (asked,) = awaited(story.state)
    assert asked.because[0].startswith(f"the agent's verdict: {verdict}")


def test_missing_tests_and_reviews_are_awaited_from_the_client() -> None:
    story = given(plan(2), driver="assisted").check("tested", "failed").ran()
    assert [w.role for w in story.all(WorkReported)] == [IMPLEMENT, IMPLEMENT, TESTS, REVIEW, REVIEW]


def test_a_resolved_conflict_is_collected_and_merged() -> None:
    story = given(plan(2), driver="assisted").conflict(module="m1").ran()
    collected = next(c for c in story.all(CollectRequested) if c.role == SYNTHESIS)
    assert (collected.phase, collected.module) == ("1", "m1")
    assert [m.resolution is None for m in story.all(MergeRequested) if m.module == "m1"] == [True, False]


def test_a_client_that_never_resolves_it_ends_before_a_person() -> None:
    story = given(plan(2), driver="assisted").conflict(module="m1").agent(SYNTHESIS, times=9, verdict="FAIL").ran()
    assert story.question("escalation") and not [c for c in story.all(CollectRequested) if c.role == SYNTHESIS]


def test_an_open_question_about_one_module_does_not_stop_the_work_on_another() -> None:
    story = given(plan(2), driver="assisted").check("lint", "unavailable", module="m0")
    story.run(until=lambda _: {r.module for r in awaited(story.state)} == {"m0", "m1"})
    story.say(done(IMPLEMENT, module="m0"), "client:c")
    while story.ready():
        story.perform(story.ready()[0])
    assert story.question("tool").module == "m0"
    assert story.state.status == "running" and due(story) == [(IMPLEMENT, "1", "m1")]
    assert story.ran().state.status == "awaiting_answer"
    story.answer("retry")
    story.ends("completed")


def test_nothing_is_awaited_while_paused() -> None:
    story = assisted(1)
    story.say(TaskPaused())
    assert due(story) == []
    assert "while task t is paused" in story.refused(done(IMPLEMENT, module="m0"), "client:c")
    story.say(TaskResumed())
    assert due(story) == [(IMPLEMENT, "1", "m0")]


# ---- changing the driver -------------------------------------------------------------------------------------------


def test_conductor_takes_over_what_a_client_began() -> None:
    story = assisted(1)
    assert story.when(DriverChanged("conductor")) == ["driver.changed", "agent.requested"]
    story.ends("completed")


def test_a_client_takes_over_what_conductor_began() -> None:
    story = given(plan(1)).until(AgentRequested)
    assert story.when(DriverChanged("assisted")) == ["driver.changed"]
    assert not story.state.open and due(story) == [(IMPLEMENT, "1", "m0")]
    story.ends("completed")
    assert len(story.all(AgentRequested)) == 1


@pytest.mark.parametrize("role", [IMPLEMENT, FIX, TESTS, SYNTHESIS, REVIEW])
def test_the_driver_may_change_at_every_request_without_losing_a_try(role: str) -> None:
    """A run that nobody began takes no try away; else the last fix would be spent before it was made."""
    story = given(plan(2)).conflict(module="m1").check("tests:0", "failed", times=2).check("tested", "failed")
    for _ in range(9):
        story.run(until=lambda batch: any(isinstance(b, AgentRequested) and b.role == role for b in batch))
        if story.state.status == "completed":
            break
        story.say(DriverChanged("assisted"))
        assert role in {r for r, _, _ in due(story)}, f"{role} is forgotten"
        story.say(DriverChanged("conductor"))
        assert role in {o.request.role for o in story.state.open.values() if isinstance(o.request, AgentRequested)}
        for held in story.ready():
            story.perform(held)
    story.ends("completed")
    effects = [r.effect for r in story.all(AgentRequested)]
    assert len(set(effects)) == len(effects)


def test_the_driver_does_not_change_under_a_claim_and_not_to_itself() -> None:
    story = given(plan(1)).until(AgentRequested)
    assert "already conductor" in story.refused(DriverChanged("conductor"))
    assert "conductor, assisted" in story.refused(DriverChanged("nobody"))  # type: ignore[arg-type]
    story.claim(story.open(AgentRequested).request.effect)
    assert "while work is under way" in story.refused(DriverChanged("assisted"))


def test_a_question_about_an_agent_that_is_no_longer_asked_for_is_moot() -> None:
    story = given(plan(1)).breaks(AgentRequested, times=3).ran()
    assert story.question("effect")
    assert story.when(DriverChanged("assisted")) == ["driver.changed", "task.unblocked"]
    assert not story.state.questions and due(story) == [(IMPLEMENT, "1", "m0")]
    story.ends("completed")


def test_the_driver_of_a_subtask_does_not_change() -> None:
    story = given(plan(1)).until(AgentRequested)
    story.state = msgspec.structs.replace(story.state, parent_task_id="above")
    assert "a subtask of task above, which only Conductor can drive" in story.refused(DriverChanged("assisted"))
