"""What is refused, to whom, in which words; and what anyone may always say."""

from __future__ import annotations

import msgspec
import pytest

from conductor.core.decide import decide
from conductor.core.evolve import evolve
from conductor.core.machine import IllegalFact
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.errors import Exit, Refused
from conductor.events import (
    REGISTRY,
    AgentRequested,
    Body,
    CheckObserved,
    Custom,
    EffectStarted,
    Finding,
    FindingReported,
    Kind,
    PhaseCompleted,
    QuestionAnswered,
    RollbackAsked,
    TaskCompleted,
    TaskCreated,
    TaskPaused,
    TaskResumed,
    TaskStarted,
)
from conductor.ids import Commit, EffectId, Tree
from tests.support.simulation.story import given
from tests.support.simulation.world import CLAIM, NOW, PERSON, RUNNER, plan

MINE = Custom("mine.own", msgspec.Raw(b'{"x":1}'))


@pytest.mark.parametrize("actor", ["person:p", "client:c", "script:ci", "stranger:x", ""])
def test_nobody_outside_appends_an_observation_or_a_decision(actor: str) -> None:
    story = given(plan(1)).until(AgentRequested)
    effect = story.open(AgentRequested).request.effect
    observed = CheckObserved(
        effect=effect,
        claim=1,
        key="tests",
        kind="tests",
        status="passed",
        summary="",
        commit=Commit("c"),
        tree=Tree("t"),
    )
    for body in (observed, EffectStarted(effect, CLAIM), PhaseCompleted("1", 1), TaskCompleted()):
        assert "only inputs can be appended from outside" in story.refused(body, actor)


def test_a_runner_observes_and_does_no_more() -> None:
    story = given(plan(1)).until(AgentRequested)
    for body in (TaskPaused(), TaskCompleted(), MINE):
        assert f"{RUNNER} may not append" in story.refused(body, RUNNER)


def test_every_type_of_the_vocabulary_has_a_kind_and_a_name_like_its_neighbours() -> None:
    assert {row.kind for row in REGISTRY.values()} == set(Kind)
    assert all(name.count(".") == 1 and name == name.lower() for name in REGISTRY)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_custom_event_cannot_borrow_a_name_of_conductors(name: str) -> None:
    story = given(plan(1)).until(AgentRequested)
    assert "Conductor's own" in story.refused(Custom(name, msgspec.Raw(b"{}")), "script:s")


def test_custom_events_and_findings_are_taken_in_every_state_and_change_nothing() -> None:
    story = given(plan(1, 1)).check("lint", "failed", times=3, phase="2")
    visited = set()

    def aside() -> None:
        before = story.state
        visited.add(before.status)
        for body in (MINE, FindingReported(Finding("gotcha", "mind"), phase="1")):
            assert len(story.when(body, "script:s")) == 1
        fields = ("version", "updated_at")
        same = {f: getattr(before, f) for f in before.__struct_fields__ if f not in fields}
        assert same == {f: getattr(story.state, f) for f in story.state.__struct_fields__ if f not in fields}

    aside()
    for _ in range(200):
        story.run(until=lambda _: True)
        aside()
        if story.state.status == "awaiting_answer":
            story.say(TaskPaused())
            aside()
            story.say(RollbackAsked(1))
            aside()
            story.run(until=lambda _: story.state.status == "paused")
            story.say(TaskResumed())
        if story.state.status == "completed":
            break
    assert visited >= {"planned", "running", "validating", "awaiting_answer", "paused", "rolling_back", "completed"}


def test_a_refusal_names_the_state_and_what_is_allowed_there() -> None:
    story = given(plan(1))
    text = story.refused(TaskPaused())
    assert text == (
        "task.paused is not possible while task t is planned\n"
        "allowed: task.started, task.abandoned, plan.adopted, driver.changed, finding.reported"
    )
    story.ran()
    assert "while task t is completed" in story.refused(TaskStarted())
    assert "rollback.asked, finding.reported, delivery.asked" in story.refused(TaskPaused())


def test_a_refusal_has_an_exit_code_of_its_own() -> None:
    with pytest.raises(Refused) as refusal:
        given(plan(1)).say(TaskPaused())
    assert refusal.value.exit_code is Exit.REFUSED


def test_an_answer_needs_an_open_question_and_one_of_its_choices() -> None:
    story = given(plan(1)).check("lint", "failed", times=3).ran()
    assert "allowed: open questions: q1" in story.refused(QuestionAnswered("q9", "retry"))
    assert "allowed: retry, accept, skip, abandon" in story.refused(QuestionAnswered("q1", "maybe"))
    story.answer("retry")
    assert "q1" in story.refused(QuestionAnswered("q1", "retry"))


def test_a_rollback_needs_a_checkpoint_that_stands() -> None:
    story = given(plan(1)).ran()
    assert "allowed: 0, 1, 2" in story.refused(RollbackAsked(9))
    fresh = given(plan(1))
    fresh.say(TaskStarted())
    fresh.say(TaskPaused())
    assert "none yet" in fresh.refused(RollbackAsked(0))


def test_a_task_is_created_first_and_once() -> None:
    story = given(plan(1))
    created = story.all(TaskCreated)[0]
    assert "exists already" in story.refused(created)
    for body in (TaskStarted(), MINE):
        with pytest.raises(Refused, match="there is no task 'u'"):
            decide(TaskState("u"), body, actor=PERSON, now=NOW)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (TaskStarted(), "not legal for a task that is running"),
        (EffectStarted(EffectId("no:such"), CLAIM), "not open"),
        (PhaseCompleted("1", 1), "not legal for phase 1, which is building"),
    ],
)
def test_a_record_that_this_core_did_not_write_does_not_fold(body: Body, why: str) -> None:
    state = given(plan(1)).until(AgentRequested).state
    with pytest.raises(IllegalFact, match=why):
        evolve(state, Fact(state.version + 1, NOW, PERSON, body))


def test_a_gap_does_not_fold() -> None:
    state = given(plan(1)).state
    with pytest.raises(IllegalFact, match="version 3 follows 1"):
        evolve(state, Fact(3, NOW, PERSON, TaskStarted()))


def test_an_outcome_that_answers_nothing_does_not_fold() -> None:
    story = given(plan(1)).until(AgentRequested)
    effect = story.open(AgentRequested).request.effect
    story.claim(effect)
    state = story.state
    stray = CheckObserved(
        effect=effect,
        claim=state.version,
        key="tests",
        kind="tests",
        status="passed",
        summary="",
        commit=Commit("c"),
        tree=Tree("t"),
    )
    with pytest.raises(IllegalFact, match="does not match"):
        evolve(state, Fact(state.version + 1, NOW, RUNNER, stray))
