"""A check that something else ended says nothing of the work: it runs once more, then a person is asked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from conductor.config.settings import Settings
from conductor.core import lifecycle
from conductor.core.rules.subtasks import waiting
from conductor.core.state import TargetState
from conductor.events import (
    AgentRequested,
    CheckObserved,
    ChecksRequested,
    MergeRequested,
    PhaseFailed,
    PhaseFixStarted,
    QuestionAnswered,
    QuestionAsked,
    RollbackRequested,
)
from tests.support.simulation.laws import Laws
from tests.support.simulation.story import ALWAYS, FIX, Story, given
from tests.support.simulation.world import CUT, large, plan

WHERE = [(1, "1", None), (2, "1", "m1"), (2, "1", None), (1, None, None)]  # shape, phase, module


def ended(shape: int, phase: str | None, module: str | None, times: int = 1) -> Story:
    """Given a test run of this target that something ends, `times` times."""
    return given(plan(shape)).check(key(phase, module), "unfinished", times=times, phase=phase, module=module)


def key(phase: str | None, module: str | None) -> str:
    """Of a check that such a target has: its tests, of a module what its suite begins with."""
    return "files" if module else "tests:0" if phase else "tests"


def unhelped(story: Story) -> bool:
    """No fixer was asked, and nothing was rolled back."""
    kinds = (PhaseFixStarted, PhaseFailed, RollbackRequested)
    return not [a for a in story.agents() if a[0] == FIX] and not any(story.all(kind) for kind in kinds)


@pytest.mark.parametrize(("shape", "phase", "module"), WHERE)
def test_it_runs_once_more_alone_and_what_the_others_showed_stands(
    shape: int, phase: str | None, module: str | None
) -> None:
    story = ended(shape, phase, module).ran()
    assert story.state.status == "completed" and unhelped(story) and not story.all(QuestionAsked)
    (again,) = [r for r in story.all(ChecksRequested) if r.again]
    assert (again.phase, again.module) == (phase, module)
    assert [c.key for c in again.checks] == [key(phase, module)]
    (before,) = [r for r in story.all(ChecksRequested) if (r.phase, r.module, r.again) == (phase, module, False)]
    assert (again.commit, again.since) == (before.commit, before.since) and again.checks[0] in before.checks
    seen = [c for c in story.all(CheckObserved) if c.effect in (before.effect, again.effect)]
    assert [c.status for c in seen if c.key == key(phase, module)] == ["unfinished", "passed"]


@pytest.mark.parametrize(("shape", "phase", "module"), WHERE)
def test_when_it_is_ended_again_a_person_is_asked_and_not_a_fixer(
    shape: int, phase: str | None, module: str | None
) -> None:
    story = ended(shape, phase, module, times=2).ran()
    question = story.question("check")
    assert (question.phase, question.module) == (phase, module) and question.choices == ("retry", "fail", "abandon")
    assert f"{key(phase, module)}: it unfinished" in question.text and "Something other than the work" in question.text
    assert unhelped(story)
    assert story.state.status == "awaiting_answer"
    story.when_answered("retry")
    story.ends("completed")
    assert unhelped(story)


def test_a_retry_is_one_more_run_and_then_the_person_is_asked_again() -> None:
    story = ended(1, "1", None, times=ALWAYS).ran()
    for n in range(1, 4):
        assert story.question("check").id == f"q{n}"
        assert len([c for c in story.all(CheckObserved) if c.status == "unfinished"]) == n + 1
        story.answer("retry")
        story.ran()
    assert unhelped(story)


@pytest.mark.parametrize(("shape", "phase", "module"), WHERE)
def test_a_person_may_take_it_for_failed_work(shape: int, phase: str | None, module: str | None) -> None:
    story = ended(shape, phase, module, times=2).ran()
    batch = story.when_answered("fail", "it needs 30 GB")
    assert "agent.requested" in batch
    fix = story.last(AgentRequested)
    assert (fix.role, fix.phase, fix.module) == (FIX, phase, module)
    assert fix.because == (f"{key(phase, module)}: it unfinished",) and fix.hint == "it needs 30 GB"
    story.ends("completed")


def test_a_person_may_give_up() -> None:
    story = ended(1, "1", None, times=2).ran()
    story.answer("abandon")
    assert story.state.status == "abandoned"


def test_what_failed_beside_it_waits_for_the_run_that_comes_to_its_end() -> None:
    story = given(plan(1)).check("tests:0", "unfinished", phase="1").check("lint", "failed", phase="1").ran()
    kinds = [(type(f.body).__name__, getattr(f.body, "again", None)) for f in story.facts]
    assert kinds.index(("ChecksRequested", True)) < kinds.index(("PhaseFixStarted", None))
    (fix,) = [r for r in story.all(AgentRequested) if r.role == FIX]
    assert fix.because == ("lint: it failed",) and story.state.status == "completed"


def test_work_that_fails_when_it_runs_again_is_failed_work() -> None:
    story = ended(1, "1", None).check("tests:0", "failed", phase="1").ran()
    assert [f.attempt for f in story.all(PhaseFixStarted)] == [1] and story.state.status == "completed"


def test_each_commit_has_its_own_second_run() -> None:
    story = given(plan(1))
    story.check("tests:0", "unfinished", phase="1").check("tests:0", "failed", phase="1")
    story.check("tests:0", "unfinished", phase="1").ran()
    assert story.state.status == "completed" and len([r for r in story.all(ChecksRequested) if r.again]) == 2
    assert not story.all(QuestionAsked)


def test_a_missing_tool_beside_it_is_asked_for_first() -> None:
    story = given(plan(1)).check("tests:0", "unfinished", times=2, phase="1").check("lint", "unavailable", phase="1")
    question = story.ran().question("tool")
    assert "lint: it unavailable" in question.text and "tests:0: it unfinished" in question.text
    story.answer("retry")
    story.ends("completed")


def test_one_that_does_not_block_holds_nothing_up() -> None:
    story = given(plan(1)).check("tested", "unfinished", times=ALWAYS).ran()
    assert story.state.status == "completed" and not [r for r in story.all(ChecksRequested) if r.again]


def test_while_it_runs_again_no_module_is_merged() -> None:
    story = ended(2, "1", "m0").until(ChecksRequested, again=True)
    assert not story.all(MergeRequested)
    assert story.phase().modules["m0"].target.again
    assert "files" not in story.phase().modules["m0"].target.checks


def test_a_target_that_nothing_disturbed_remembers_nothing() -> None:
    story = given(plan(2)).ran()
    targets: list[TargetState] = [story.state.whole, story.phase().target]
    assert not any(t.again for t in (*targets, *(m.target for m in story.phase().modules.values())))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@drawn(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(["tests:0", "tests", "files", "lint", "leftovers"]), st.integers(1, 5))),
    st.sampled_from([Settings(), Settings(fix_tries=0), CUT]),
    st.randoms(use_true_random=False),
)
def test_whatever_ends_checks_no_work_is_blamed_and_every_task_is_completed(
    shape: list[int], ends: list[tuple[str, int]], how: Settings, chance: object
) -> None:
    """As long as a person has them run again."""
    story = Story(large(*shape), seed=chance.randrange(10**6), settings=how)  # type: ignore[attr-defined]
    for name, times in ends:
        story.check(name, "unfinished", times=times)
    for _ in range(60):
        story.run()
        while waiting(story.state):
            story.below()
            story.run()
        for name, asked in list(story.state.questions.items()):
            assert asked.question.kind == "check"
            story.say(QuestionAnswered(name, "retry"))
        if story.state.status in lifecycle.ENDED:
            break
    assert story.state.status == "completed"
    assert unhelped(story)
    Laws().read(story.facts)
