"""What goes wrong, and where it ends: fixed, or rolled back, kept, and put before a person. Never an endless loop."""

from __future__ import annotations

import pytest

from conductor.config.settings import Settings
from conductor.events import (
    AgentRequested,
    CheckpointRequested,
    ChecksRequested,
    DocumentsRequested,
    EffectFailed,
    IntegrationRequested,
    MergeRequested,
    PhaseFailed,
    PhaseFixStarted,
    Request,
    RestoreRequested,
    RollbackRequested,
    WorkspaceRequested,
)
from tests.support.simulation.story import ALWAYS, FIX, IMPLEMENT, REVIEW, SYNTHESIS, Story, given
from tests.support.simulation.world import plan

# ---- failing checks ------------------------------------------------------------------------------------------------


def test_a_failed_check_goes_to_fix_executor_with_what_failed_and_its_commit_is_checked_anew() -> None:
    story = given(plan(1)).check("tests:0", "failed").ran()
    story.in_order("phase.fix_started", "agent.requested", "agent.reported", "phase.validation_started")
    (fix,) = [r for r in story.all(AgentRequested) if r.role == FIX]
    assert fix.because == ("tests:0: it failed",) and (fix.phase, fix.module) == ("1", None)
    assert story.state.status == "completed"


def test_after_two_fixes_the_phase_is_rolled_back_its_work_kept_and_a_person_asked() -> None:
    story = given(plan(1)).check("tests:0", "failed", times=3).ran()
    assert [f.attempt for f in story.all(PhaseFixStarted)] == [1, 2]
    story.in_order("phase.failed", "rollback.requested", "phase.rolled_back", "question.asked", "task.blocked")
    assert story.last(RollbackRequested).commit == "base" == story.state.head
    question = story.question("escalation")
    assert question.choices == ("retry", "accept", "skip", "abandon") and question.phase == "1"
    assert "tests:0: it failed" in question.text and story.phase().rescue in question.text
    assert story.phase().status == "escalated" and story.state.status == "awaiting_answer"


def test_several_reasons_stand_in_lines_of_their_own_and_what_they_go_on_with_below_them() -> None:
    settings = Settings(fix_tries=0)
    story = given(plan(1), settings=settings).check("tests:0", "failed").check("lint", "failed")
    story.agent(IMPLEMENT, verdict="FAIL", summary="I could not.\nTask t is completed.").ran()
    assert story.last(PhaseFailed).reason.split("\n") == [
        "tests:0: it failed",
        "lint: it failed",
        "the agent's verdict: FAIL I could not.",
        "  Task t is completed.",
    ]
    assert story.question("escalation").text.split("\n")[:-1] == [
        "Phase 1 (Phase 1) failed:",
        "    tests:0: it failed",
        "    lint: it failed",
        "    the agent's verdict: FAIL I could not.",
        "      Task t is completed.",
    ]


def test_how_often_a_fix_is_tried_is_a_setting() -> None:
    story = given(plan(1), settings=Settings(fix_tries=0)).check("tests:0", "failed").ran()
    assert story.all(PhaseFixStarted) == [] and story.question("escalation")


def test_a_phase_goes_back_to_the_last_good_checkpoint_only() -> None:
    story = given(plan(1, 1)).check("lint", "failed", times=3, phase="2").ran()
    assert story.last(RollbackRequested).checkpoint == 1 and story.phase("1").status == "completed"
    assert "back at checkpoint 1" in story.question("escalation").text


def test_a_module_is_fixed_in_its_own_worktree_and_the_others_finish_before_the_phase_fails() -> None:
    story = given(plan(2)).check("files", "failed", times=3, module="m0").ran()
    assert [a for a in story.agents() if a[0] == FIX] == [(FIX, "1", "m0")] * 2
    assert story.last(PhaseFailed).module == "m0" and "files" in story.last(PhaseFailed).reason
    assert story.agents().count((IMPLEMENT, "1", "m1")) == 1
    assert not story.all(MergeRequested) and not [o for o in story.state.open.values() if not o.blocked_by]


# ---- words are not proof -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["FAIL", "NO_REPORT"])
@pytest.mark.parametrize("shape", [1, 2])
def test_passing_checks_do_not_outweigh_a_missing_or_bad_report(verdict: str, shape: int) -> None:
    story = given(plan(shape)).agent(IMPLEMENT, verdict=verdict, where={"module": "m0"})
    story.agent(FIX, times=ALWAYS, verdict=verdict).ran()
    assert story.phase().status == "escalated" and verdict in story.question("escalation").text
    assert not story.all(CheckpointRequested)


def test_a_passing_verdict_does_not_outweigh_failing_checks() -> None:
    story = given(plan(1)).agent(IMPLEMENT, verdict="PASS").agent(FIX, times=ALWAYS, verdict="PASS")
    story.check("lint", "failed", times=ALWAYS).ran()
    assert story.phase().status == "escalated" and "phase.result_saved" not in story.told


def test_a_bad_verdict_is_mended_by_a_fixer_that_passes() -> None:
    story = given(plan(1)).agent(IMPLEMENT, verdict="NO_REPORT", summary="ran out of turns").ran()
    (fix,) = [r for r in story.all(AgentRequested) if r.role == FIX]
    assert fix.because == ("the agent's verdict: NO_REPORT ran out of turns",)
    assert story.state.status == "completed"


def test_checks_that_all_do_not_apply_prove_nothing() -> None:
    story = given(plan(1))
    for key in ("files", "tests:0", "imports", "lint", "leftovers"):
        story.check(key, "not_applicable", phase="1")
    story.ran()
    assert "no check applies" in story.question("tool").text
    story.answer("retry")
    assert story.ends("completed")


# ---- reviews -------------------------------------------------------------------------------------------------------


def test_what_a_review_finds_blocking_goes_to_a_fixer_and_the_fix_is_reviewed_again() -> None:
    story = given(plan(2)).agent(REVIEW, blocking=("a race", "a leak"), where={"phase": "1"}).ran()
    (fix,) = [r for r in story.all(AgentRequested) if r.role == FIX]
    assert fix.because == ("review: a race", "review: a leak")
    assert story.agents().count((REVIEW, "1", None)) == 2 and story.state.status == "completed"


def test_a_review_that_always_blocks_ends_before_a_person() -> None:
    story = given(plan(2)).agent(REVIEW, times=ALWAYS, blocking=("never good enough",), where={"phase": "1"}).ran()
    assert "review: never good enough" in story.question("escalation").text


@pytest.mark.parametrize("verdict", ["FAIL", "NO_REPORT"])
def test_a_missing_review_is_asked_for_again_and_then_a_person(verdict: str) -> None:
    story = given(plan(2)).agent(REVIEW, times=3, verdict=verdict, where={"phase": "1"}).ran()
    assert story.agents().count((REVIEW, "1", None)) == 3
    assert "no readable review in 3 runs" in story.question("tool").text
    story.answer("retry")
    story.ends("completed")


# ---- tools ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "module"), [(1, None), (2, "m1")])
def test_an_unavailable_tool_is_a_persons_to_install_and_the_checks_run_again(shape: int, module: str | None) -> None:
    story = given(plan(shape)).check("lint", "unavailable", phase="1", module=module).ran()
    question = story.question("tool")
    assert (question.phase, question.module) == ("1", module) and "lint: it unavailable" in question.text
    assert not [a for a in story.agents() if a[0] == FIX], "no fixer can install a tool"

    assert "checks.requested" in story.when_answered("retry")
    story.ends("completed")


def test_a_tool_that_never_comes_is_asked_for_each_time() -> None:
    story = given(plan(1)).check("lint", "unavailable", times=ALWAYS)
    for n in range(1, 4):
        story.ran()
        assert story.question("tool").id == f"q{n}"
        story.answer("retry")


def test_an_unavailable_tool_stops_the_final_validation_too() -> None:
    story = given(plan(1)).check("tests", "unavailable", phase=None).ran()
    assert story.question("tool").phase is None
    story.answer("retry")
    story.ends("completed")


# ---- conflicts -----------------------------------------------------------------------------------------------------


def test_a_conflict_goes_to_synthesis_architect_and_its_resolution_is_merged() -> None:
    story = given(plan(2)).conflict(module="m1", files=("a.py", "b.py")).ran()
    (ask,) = [r for r in story.all(AgentRequested) if r.role == SYNTHESIS]
    (place,) = story.all(IntegrationRequested)
    assert (place.phase, place.module) == ("1", "m1")
    assert (ask.phase, ask.module, ask.because) == ("1", "m1", ("conflict: a.py", "conflict: b.py"))
    first, again = [m for m in story.all(MergeRequested) if m.module == "m1"]
    assert first.resolution is None and again.resolution and again.theirs == first.theirs == place.theirs
    assert story.state.status == "completed"


def test_a_conflict_that_two_runs_do_not_resolve_fails_the_phase() -> None:
    story = given(plan(2)).conflict(module="m1").agent(SYNTHESIS, times=2, verdict="FAIL", commit="", tree="").ran()
    assert len([a for a in story.agents() if a[0] == SYNTHESIS]) == 2
    story.in_order("merge.conflicted", "phase.failed", "phase.rolled_back", "question.asked")
    assert "conflict in x.py was not resolved" in story.question("escalation").text


@pytest.mark.parametrize("verdict", ["FAIL", "NO_REPORT"])
def test_a_resolution_without_a_passing_report_is_none(verdict: str) -> None:
    story = given(plan(2)).conflict(module="m0").agent(SYNTHESIS, times=2, verdict=verdict).ran()
    assert story.question("escalation") and all(m.resolution is None for m in story.all(MergeRequested))


def test_resolutions_that_conflict_again_and_again_end_before_a_person() -> None:
    for files in (("x.py",), ()):
        story = given(plan(2)).conflict(times=ALWAYS, files=files).ran()
        assert story.question("escalation") and len(story.all(MergeRequested)) < 5


# ---- effects that break --------------------------------------------------------------------------------------------

BREAKABLE = [WorkspaceRequested, AgentRequested, ChecksRequested, MergeRequested, DocumentsRequested]
BREAKABLE += [CheckpointRequested, RollbackRequested, RestoreRequested]


@pytest.mark.parametrize("request_type", BREAKABLE)
def test_an_effect_that_breaks_three_times_is_put_before_a_person_and_tried_again_at_their_word(
    request_type: type[Request],
) -> None:
    story = given(plan(2)).check("tests:0", "failed", times=3).breaks(request_type, times=3)
    _answered_until(story, "effect")
    question = story.question("effect")
    assert question.choices == ("retry", "abandon") and "broke 3 times: broke" in question.text
    assert story.state.status == "awaiting_answer"
    held = story.open(request_type)
    assert held.blocked_by and held.request.effect in question.text
    story.answer("retry")
    assert not story.open(request_type).blocked_by and story.state.status != "awaiting_answer"
    _answered_until(story, "")
    assert story.state.status == "completed_with_waivers"


def _answered_until(story: Story, kind: str) -> None:
    """Accept what fails until a question of `kind` is open, or the task is done."""
    for _ in range(9):
        story.ran()
        if not story.state.questions or any(a.question.kind == kind for a in story.state.questions.values()):
            return
        story.answer("accept")


def test_while_one_module_is_stuck_the_other_goes_on() -> None:
    story = given(plan(2)).breaks(AgentRequested, times=3).ran()
    assert story.question("effect").module in ("m0", "m1")
    other = "m1" if story.question("effect").module == "m0" else "m0"
    assert [r.module for r in story.all(ChecksRequested)] == [other]


def test_fewer_failures_than_that_are_nobodys_business() -> None:
    story = given(plan(1)).breaks(AgentRequested, times=2).ran()
    assert story.state.status == "completed" and "question.asked" not in story.told


@pytest.mark.parametrize("request_type", [AgentRequested, ChecksRequested])
def test_where_trying_again_cannot_help_a_person_is_asked_at_once(request_type: type[Request]) -> None:
    story = given(plan(1)).breaks(request_type, final=True).ran()
    question = story.question("effect")
    assert len(story.all(EffectFailed)) == 1
    assert question.text == f"{story.open(request_type).request.effect} cannot go on: broke"
    story.breaks(request_type)  # an ordinary failure, after the answer, is one of three again
    story.answer("retry")
    story.ends("completed")
