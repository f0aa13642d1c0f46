"""Who may do what when: claims and their fences, pauses, rollbacks that a person asks for, the end of a task."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.core import lifecycle
from conductor.events import (
    AgentReported,
    AgentRequested,
    CheckObserved,
    CheckpointRequested,
    ChecksRequested,
    EffectReleased,
    EffectStarted,
    PhaseCompleted,
    PhaseRolledBack,
    PhaseWaveStarted,
    QuestionAnswered,
    Request,
    RollbackAsked,
    RollbackRequested,
    TaskAbandoned,
    TaskPaused,
    TaskResumed,
    WorkspaceRequested,
)
from conductor.ids import Commit, EffectId, Tree
from tests.support.simulation.story import CORE, IMPLEMENT, Story, given
from tests.support.simulation.world import CLAIM, RUNNER, plan

# ---- claims --------------------------------------------------------------------------------------------------------


def working() -> tuple[Story, str]:
    """Given an agent that is asked for."""
    story = given(plan(1)).until(AgentRequested)
    return story, story.open(AgentRequested).request.effect


def report(effect: str, claim: int, **change: object) -> AgentReported:
    said: dict[str, Any] = {"role": IMPLEMENT, "verdict": "PASS", "commit": "c", "tree": "tc"}
    return AgentReported(effect=EffectId(effect), claim=claim, **{**said, **change})


def test_an_effect_is_claimed_by_one_runner_only() -> None:
    story, effect = working()
    story.claim(effect)
    claim = story.open(AgentRequested).claim_version
    assert f"already claimed (claim {claim})" in story.refused(EffectStarted(EffectId(effect), CLAIM), RUNNER)


def test_after_a_take_over_the_late_outcome_of_the_old_claim_is_refused() -> None:
    story, effect = working()
    story.claim(effect)
    old = story.open(AgentRequested).claim_version
    story.claim(effect)
    new = story.open(AgentRequested).claim_version
    assert new > old
    assert f"the current claim is {new}" in story.refused(report(effect, old), RUNNER)
    assert f"the current claim is {new}" in story.refused(EffectReleased(EffectId(effect), old), RUNNER)
    assert story.when(report(effect, new), RUNNER)[:2] == ["agent.reported", "phase.validation_started"]
    assert "no longer open" in story.refused(report(effect, new), RUNNER)


def test_an_outcome_without_a_claim_is_refused() -> None:
    story, effect = working()
    assert "the effect is not claimed" in story.refused(report(effect, 0), RUNNER)


def test_a_released_effect_is_open_again_and_its_claim_is_past() -> None:
    story, effect = working()
    story.claim(effect)
    old = story.open(AgentRequested).claim_version
    assert story.when(EffectReleased(EffectId(effect), old, "stopped"), RUNNER) == ["effect.released"]
    assert "the effect is not claimed" in story.refused(report(effect, old), RUNNER)
    story.ends("completed")


def test_an_outcome_must_answer_what_was_asked() -> None:
    story, effect = working()
    story.claim(effect)
    claim = story.open(AgentRequested).claim_version
    assert "does not match the agent.requested" in story.refused(report(effect, claim, role="code-reviewer"), RUNNER)
    observed = CheckObserved(
        effect=EffectId(effect),
        claim=claim,
        key="lint",
        kind="lint",
        status="passed",
        summary="",
        commit=Commit("c"),
        tree=Tree("tc"),
    )
    assert "does not match the agent.requested" in story.refused(observed, RUNNER)


def test_a_check_is_observed_once_on_the_commit_that_was_asked_about() -> None:
    story = given(plan(1)).until(ChecksRequested)
    effect = story.open(ChecksRequested).request.effect
    story.claim(effect)
    held = story.open(ChecksRequested)
    first, second = story.luck.outcomes(held)[:2]
    assert isinstance(first, CheckObserved) and isinstance(second, CheckObserved)
    story.say(first, RUNNER)
    assert f"{first.key} has already been observed" in story.refused(first, RUNNER)
    stray = {f: getattr(second, f) for f in second.__struct_fields__}
    for wrong in ({"commit": "another"}, {"key": "never-asked"}):
        assert "does not match" in story.refused(CheckObserved(**{**stray, **wrong}), RUNNER)


def test_checks_that_a_dead_runner_observed_are_not_asked_for_again() -> None:
    story = given(plan(1)).until(ChecksRequested)
    effect = story.open(ChecksRequested).request.effect
    story.claim(effect)
    first = story.luck.outcomes(story.open(ChecksRequested))[0]
    story.say(first, RUNNER)
    story.claim(effect)
    assert story.open(ChecksRequested).done == (first.key,)  # type: ignore[attr-defined]
    story.ends("completed")


# ---- pause and resume ----------------------------------------------------------------------------------------------


def test_paused_nothing_is_claimed_and_nothing_decided_until_resumed() -> None:
    story, effect = working()
    assert story.when(TaskPaused("lunch")) == ["task.paused"]
    assert "is paused" in story.refused(EffectStarted(EffectId(effect), CLAIM), RUNNER)
    assert story.when(TaskResumed()) == ["task.resumed"]
    story.ends("completed")


def test_outcomes_of_what_was_under_way_are_taken_while_paused_and_answered_after() -> None:
    story, effect = working()
    story.claim(effect)
    story.say(TaskPaused())
    assert story.when(report(effect, story.open(AgentRequested).claim_version), RUNNER) == ["agent.reported"]
    assert story.when(TaskResumed()) == ["task.resumed", "phase.validation_started", "checks.requested"]
    story.ends("completed")


def test_a_task_may_be_paused_and_resumed_after_every_single_event() -> None:
    story = given(plan(3, 1)).check("tests:0", "failed").conflict(module="m1").agent(IMPLEMENT, verdict="FAIL")
    while story.state.status not in lifecycle.DONE and len(story.facts) < 2000:
        story.run(until=lambda _: True)
        if story.state.status in lifecycle.ACTIVE:
            story.say(TaskPaused())
            story.say(TaskResumed())
    assert story.state.status == "completed" and "phase.fix_started" in story.told


@pytest.mark.parametrize("kind", ["escalation", "correction", "validation"])
def test_questions_outlive_a_pause_and_may_be_answered_in_it(kind: str) -> None:
    story = given(plan(1))
    if kind == "correction":
        story.agent(IMPLEMENT, corrections=(CORE,))
    else:
        story.check("tests:0" if kind == "escalation" else "tests", "failed", times=3)
    story.ran()
    waiting = story.state.status
    story.say(TaskPaused())
    assert story.when(TaskResumed())[1] in ("task.blocked", "task.approval_awaited")
    assert story.state.status == waiting
    story.say(TaskPaused())
    choice = {"escalation": "retry", "correction": "approve", "validation": "retry"}[kind]
    story.when(QuestionAnswered(story.question(kind).id, choice))
    assert story.state.status == "paused"
    story.say(TaskResumed())
    story.ends("completed")


# ---- rollback by a person ------------------------------------------------------------------------------------------


def rolled_back(story: Story, number: int) -> Story:
    """Given that a person asked for a rollback, and that it is done."""
    assert story.when(RollbackAsked(number, "a better idea"))[:2] == ["rollback.asked", "rollback.requested"]
    assert story.state.status == "rolling_back"
    story.run(until=lambda batch: story.state.status == "paused")
    status: str = story.state.status
    assert status == "paused" and not story.state.open and not story.state.questions
    return story


def test_after_a_rollback_later_phases_are_pending_earlier_ones_stay_and_all_is_paused() -> None:
    story = given(plan(1, 1, 2)).ran()
    checkpoint = story.state.checkpoints[1]
    rolled_back(story, 1)
    assert [p.status for p in story.state.phases.values()] == ["completed", "pending", "pending"]
    assert (story.state.head, story.state.tree) == (checkpoint.commit, checkpoint.tree)
    assert story.last(RollbackRequested).commit == checkpoint.commit
    assert [c.number for c in story.state.checkpoints] == [0, 1]
    story.say(TaskResumed())
    story.ends("completed")
    assert [c.number for c in story.state.checkpoints] == [0, 1, 5, 6, 7], "numbers are never used twice"
    names = [r.effect for r in story.all(CheckpointRequested)] + [r.branch for r in story.all(WorkspaceRequested)]
    assert len(set(names)) == len(names)


def test_a_task_can_be_rolled_back_to_where_it_began() -> None:
    story = rolled_back(given(plan(1)).ran(), 0)
    assert story.state.head == "base" and story.phase().status == "pending"
    story.say(TaskResumed())
    story.ends("completed")


def paused_story() -> Story:
    story = given(plan(1, 2)).until(WorkspaceRequested, phase="2")
    story.say(TaskPaused())
    return story


def asked_story() -> Story:
    return given(plan(1, 1)).check("lint", "failed", times=3, phase="2").ran()


def waiting_for_approval() -> Story:
    return given(plan(1, 1)).agent(IMPLEMENT, where={"phase": "2"}, corrections=(CORE,)).ran()


def waived_story() -> Story:
    story = asked_story()
    story.answer("accept")
    return story.ran()


@pytest.mark.parametrize(
    "make", [lambda: given(plan(1, 1)).ran(), paused_story, asked_story, waiting_for_approval, waived_story]
)
@pytest.mark.parametrize("number", [0, 1])
def test_a_person_may_roll_back_from_every_state_at_rest(make: object, number: int) -> None:
    story = rolled_back(make(), number)  # type: ignore[operator]
    kept = story.state.phases["1"].status
    assert kept == ("completed" if number else "pending") and story.state.phases["2"].status == "pending"
    story.say(TaskResumed())
    story.ends("completed")


def test_a_rollback_while_work_is_claimed_is_refused() -> None:
    story, effect = working()
    story.claim(effect)
    assert "rollback.asked is not possible while task t is running" in story.refused(RollbackAsked(0))
    story.say(TaskPaused())
    assert effect in story.refused(RollbackAsked(0))
    story.say(EffectReleased(EffectId(effect), story.open(AgentRequested).claim_version), RUNNER)
    rolled_back(story, 0)


def test_a_rollback_to_a_later_checkpoint_keeps_a_phase_that_a_person_had_skipped() -> None:
    story = given(plan(1, 1, 1)).check("lint", "failed", times=3, phase="2").ran()
    story.answer("skip")
    story.ends("completed_with_waivers")
    rolled_back(story, 2)
    assert [p.status for p in story.state.phases.values()] == ["completed", "skipped", "completed"]
    rolled_back(story, 1)
    assert [p.status for p in story.state.phases.values()] == ["completed", "pending", "pending"]


def test_a_checkpoint_made_in_a_pause_counts_when_the_task_is_rolled_back_to_it() -> None:
    story = given(plan(1, 1)).until(CheckpointRequested)
    story.claim(story.open(CheckpointRequested).request.effect)
    story.say(TaskPaused())
    story.perform(story.open(CheckpointRequested))
    rolled_back(story, 1)
    assert story.when(TaskResumed())[:2] == ["task.resumed", "phase.completed"]
    story.ends("completed")
    assert [c.phase for c in story.state.checkpoints] == [None, "1", "2", None]


def test_after_a_rollback_to_the_last_checkpoint_the_whole_is_validated_anew() -> None:
    story = rolled_back(given(plan(1)).ran(), 2)
    runs = len(story.all(ChecksRequested))
    story.check("tests", "failed", phase=None).say(TaskResumed())
    story.ends("completed")
    assert len(story.all(ChecksRequested)) == runs + 2
    assert story.state.checkpoints[-1].commit == story.state.head, "the fix is in the final checkpoint"


@pytest.mark.parametrize("phase", ["1", None])
def test_a_checkpoint_that_was_asked_for_and_never_made_leaves_its_name_behind(phase: str | None) -> None:
    story = given(plan(1)).until(CheckpointRequested, phase=phase)
    story.say(TaskPaused())
    rolled_back(story, 0 if phase else 1)
    story.say(TaskResumed())
    story.ends("completed")
    effects = [f.body.effect for f in story.facts if isinstance(f.body, Request)]
    assert len(set(effects)) == len(effects)


def test_a_rollback_that_breaks_is_put_before_a_person_and_then_done() -> None:
    story = given(plan(1)).ran()
    story.breaks(RollbackRequested, times=3).say(RollbackAsked(0))
    story.run()
    assert story.question("effect") and story.state.status == "awaiting_answer"
    story.answer("retry")
    story.run(until=lambda _: story.state.status == "paused")
    assert story.phase().status == "pending"


def test_a_failed_phase_is_rolled_back_once_even_if_the_whole_is_rolled_back_meanwhile() -> None:
    story = given(plan(1, 1)).check("lint", "failed", times=3, phase="2").until(RollbackRequested)
    story.say(TaskPaused())
    rolled_back(story, 1)
    story.say(TaskResumed())
    story.ends("completed")
    assert story.all(PhaseRolledBack) == []


# ---- the end -------------------------------------------------------------------------------------------------------


def test_an_abandoned_task_takes_no_outcome_and_no_command() -> None:
    story, effect = working()
    story.claim(effect)
    claim = story.open(AgentRequested).claim_version
    assert story.when(TaskAbandoned("no use")) == ["task.abandoned"]
    assert "no longer open" in story.refused(report(effect, claim), RUNNER)
    for body in (TaskPaused(), TaskResumed(), RollbackAsked(0), TaskAbandoned()):
        assert "while task t is abandoned" in story.refused(body)


def test_phases_come_to_their_end_in_the_plans_order() -> None:
    story = given(plan(2, 3, 1)).ran()
    assert [p.phase for p in story.all(PhaseCompleted)] == ["1", "2", "3"]
    assert [w.wave for w in story.all(PhaseWaveStarted)] == [1]
