"""What a person's answer leads to: retry, accept, skip, abandon; the final validation; corrections; delivery."""

from __future__ import annotations

import pytest

from conductor.config.settings import Settings
from conductor.events import (
    AgentRequested,
    CheckpointRequested,
    ChecksRequested,
    DeliveryAsked,
    DeliveryCompleted,
    DeliveryRequested,
    MergeRequested,
    PhaseSkipped,
    PhaseWaived,
    QuestionAnswered,
    QuestionAsked,
    RestoreRequested,
    RollbackRequested,
    TaskCompletedWithWaivers,
    TaskPaused,
    TaskResumed,
    WorkspaceRequested,
)
from tests.support.simulation.story import ALWAYS, CORE, FIX, IMPLEMENT, REVIEW, SYNTHESIS, Story, given
from tests.support.simulation.world import plan


def failed(shape: int = 1, times: int = 3) -> Story:
    """Given a phase whose check failed until a person was asked."""
    return given(plan(shape, 1)).check("tests:0", "failed", times=times, phase="1").ran()


# ---- a failed phase ------------------------------------------------------------------------------------------------


def test_retry_begins_anew_and_its_hint_reaches_the_next_agents() -> None:
    story = failed()
    assert story.when_answered("retry", "use integers") == [
        "question.answered",
        "task.unblocked",
        "phase.retried",
        "agent.requested",
    ]
    again = story.last(AgentRequested)
    assert (again.role, again.attempt, again.hint) == (IMPLEMENT, 2, "use integers")
    story.check("tests:0", "failed", phase="1").ran()
    assert [r.hint for r in story.all(AgentRequested) if r.role == FIX] == ["", "", "use integers"]
    assert story.state.status == "completed"


def test_a_retried_parallel_phase_uses_no_name_of_the_failed_one() -> None:
    story = failed(2)
    story.answer("retry")
    story.ends("completed")
    for names in ([r.branch for r in story.all(WorkspaceRequested)], [r.effect for r in story.all(AgentRequested)]):
        assert len(set(names)) == len(names)


def test_a_person_may_retry_as_often_as_they_like() -> None:
    story = given(plan(1)).check("lint", "failed", times=ALWAYS)
    for n in range(1, 5):
        story.ran()
        assert story.question("escalation").id == f"q{n}" and story.phase().round == n
        story.answer("retry")


@pytest.mark.parametrize("shape", [1, 2])
def test_accepted_work_is_restored_and_the_task_is_completed_with_waivers(shape: int) -> None:
    story = failed(shape)
    rescue = story.phase().rescue
    assert story.when_answered("accept")[-2:] == ["phase.accepted", "restore.requested"]
    assert story.last(RestoreRequested).rescue == rescue
    story.ends("completed_with_waivers")
    story.in_order("restore.completed", "phase.result_saved", "checkpoint.requested", "phase.waived")
    (waived,) = story.all(PhaseWaived)
    assert waived.phase == "1" and "tests:0" in waived.reason
    assert next(c for c in story.all(CheckpointRequested) if c.phase == "1").waived
    end = story.last(TaskCompletedWithWaivers)
    assert end.waived == ("1",) and "p1.c1" in end.unproven, "what failed proves nothing"


def test_what_was_waived_is_not_asked_of_the_whole_again() -> None:
    story = given(plan(1, 1)).check("tests:0", "failed", times=3, phase="1").ran()
    story.answer("accept")
    story.check("tests:0", "failed", phase=None).ends("completed_with_waivers")
    assert not [r for r in story.all(AgentRequested) if r.phase is None and r.role == FIX]
    whole = next(r for r in story.all(ChecksRequested) if r.phase is None)
    assert {c.key: c.blocking for c in whole.checks}["tests:0"] is False
    assert all(c.blocking for c in whole.checks if c.kind not in ("tests", "tested"))


def test_a_whole_whose_only_tests_were_waived_needs_nothing_else_to_pass() -> None:
    """The other checks do not apply to it: what would have tested it is what a person waived."""
    story = given(plan(1)).check("tests:0", "failed", times=3, phase="1")
    for key in ("files", "imports", "lint", "leftovers"):
        story.check(key, "not_applicable", times=ALWAYS)
    story.ran().answer("accept")
    story.check("tests", "failed", phase=None).ends("completed_with_waivers")
    assert not [q for q in story.all(QuestionAsked) if q.question.phase is None], "nobody is asked about the whole"


@pytest.mark.parametrize("kind", ["tool", "effect", "correction"])
def test_a_hint_that_would_reach_nobody_is_refused(kind: str) -> None:
    story = given(plan(1))
    match kind:
        case "tool":
            story.check("tests:0", "unavailable", phase="1")
        case "effect":
            story.breaks(AgentRequested, times=3)
        case _:
            story.agent(IMPLEMENT, corrections=(CORE,))
    story.ran()
    asked = story.question(kind)
    assert "would not reach any agent" in story.refused(QuestionAnswered(asked.id, asked.choices[0], "a hint"))


def test_accepted_modules_that_were_never_merged_are_merged() -> None:
    story = given(plan(2)).check("files", "failed", times=3, module="m0").ran()
    assert not story.all(MergeRequested)
    story.answer("accept")
    story.ends("completed_with_waivers")
    assert {m.module for m in story.all(MergeRequested)} == {"m0", "m1"}


def test_accepting_an_unresolved_conflict_gives_its_resolution_another_chance() -> None:
    story = given(plan(2)).conflict(module="m1", times=2).agent(SYNTHESIS, times=2, verdict="FAIL").ran()
    story.answer("accept", "theirs is right")
    story.ends("completed_with_waivers")
    assert [r.hint for r in story.all(AgentRequested) if r.role == SYNTHESIS] == ["", "", "theirs is right"]


def test_accepted_work_that_cannot_be_merged_comes_back_to_the_person() -> None:
    story = given(plan(2)).conflict(times=ALWAYS).ran()
    story.answer("accept")
    story.ran()
    assert story.question("escalation").id == "q2" and story.phase().status == "escalated"


def test_a_skipped_phase_is_a_waiver() -> None:
    story = failed()
    assert story.when_answered("skip", "not needed")[:3] == ["question.answered", "task.unblocked", "phase.skipped"]
    assert story.last(PhaseSkipped).reason == "skipped by a person: not needed"
    story.ends("completed_with_waivers")
    assert story.last(TaskCompletedWithWaivers).waived == ("1",)


def test_abandoning_ends_the_task_and_whatever_was_open() -> None:
    story = failed()
    assert story.when_answered("abandon") == ["question.answered", "task.abandoned"]
    assert story.state.status == "abandoned" and not story.state.open and not story.state.questions


# ---- the final validation ------------------------------------------------------------------------------------------


def unfinished() -> Story:
    return given(plan(1, 1)).check("tests", "failed", times=3, phase=None).ran()


def test_a_failing_final_validation_is_fixed_twice_then_asked_about_and_nothing_is_rolled_back() -> None:
    story = unfinished()
    assert story.agents().count((FIX, None, None)) == 2
    question = story.question("validation")
    assert question.choices == ("retry", "accept", "abandon") and "1 (phase 1), 2 (phase 2)" in question.text
    assert story.all(RollbackRequested) == [] and [c.number for c in story.state.checkpoints] == [0, 1, 2]


def test_retrying_the_final_validation_gives_fresh_fixes_with_the_hint() -> None:
    story = unfinished()
    story.check("tests", "failed", phase=None)
    story.answer("retry", "mind the locale")
    story.ends("completed")
    assert [r.hint for r in story.all(AgentRequested) if r.role == FIX] == ["", "", "mind the locale"]


def test_accepting_the_final_validation_is_a_waiver() -> None:
    story = unfinished()
    story.answer("accept")
    story.ends("completed_with_waivers")
    assert story.last(TaskCompletedWithWaivers).waived == ("final",) and story.last(CheckpointRequested).waived


def test_a_review_of_the_whole_that_always_blocks_ends_before_a_person() -> None:
    story = given(plan(1)).agent(REVIEW, times=ALWAYS, blocking=("no",)).ran()
    assert "review: no" in story.question("validation").text


def test_the_last_checkpoint_holds_the_tree_that_was_validated_even_if_paused_on_the_way() -> None:
    story = given(plan(1)).until(CheckpointRequested, phase=None)
    held = story.open(CheckpointRequested)
    story.claim(held.request.effect)
    story.say(TaskPaused())
    story.perform(story.open(CheckpointRequested))
    runs = len(story.all(ChecksRequested))
    story.say(TaskResumed())
    assert story.ends("completed") and len(story.all(ChecksRequested)) == runs
    assert story.state.checkpoints[-1].commit == story.state.head


# ---- delivery ------------------------------------------------------------------------------------------------------


def test_the_finished_branch_is_merged_when_the_settings_or_a_person_say_so() -> None:
    story = given(plan(1), settings=Settings(merge=True)).ran()
    assert story.told[-3:] == ["task.completed", "delivery.requested", "delivery.completed"]
    story = given(plan(1)).ran()
    assert story.when(DeliveryAsked()) == ["delivery.asked", "delivery.requested"]
    assert (story.last(DeliveryRequested).commit, story.last(DeliveryRequested).into) == (story.state.head, "main")
    story.ran()
    assert story.state.delivered == story.last(DeliveryCompleted).commit
    assert "already merged into main" in story.refused(DeliveryAsked())


def test_a_refused_delivery_may_be_asked_for_again() -> None:
    story = given(plan(1), settings=Settings(merge=True)).refusal().ran()
    assert story.state.delivery_refused == "the base has moved" and not story.state.open
    story.when(DeliveryAsked())
    story.ran()
    assert story.state.delivered and not story.state.delivery_refused


def test_a_delivery_that_keeps_breaking_is_given_up_and_may_be_asked_for_again() -> None:
    story = given(plan(1), settings=Settings(merge=True)).breaks(DeliveryRequested, times=3).ran()
    assert story.state.status == "completed" and not story.state.open and story.state.delivery_refused == "broke"
    story.when(DeliveryAsked())
    story.ran()
    assert story.state.delivered


def test_without_a_branch_to_merge_into_nothing_is_delivered() -> None:
    story = given(plan(1), base_branch=None, settings=Settings(merge=True)).ran()
    assert story.state.status == "completed" and not story.all(DeliveryRequested)
    assert "detached" in story.refused(DeliveryAsked())
