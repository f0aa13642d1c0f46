"""Rate limits: a wait on record, not a failure; it ends by itself."""

from __future__ import annotations

from typing import Any

from conductor.events import (
    AgentRequested,
    EffectDeferred,
    TaskPaused,
    TaskRateLimited,
    TaskResumed,
    TaskUnblocked,
    type_of,
)
from tests.support.simulation.story import IMPLEMENT, REVIEW, Story, given
from tests.support.simulation.world import RUNNER, plan


def limited(*shape: int, **where: Any) -> Story:
    return given(plan(*shape)).limited(**where).until(EffectDeferred)


def test_a_task_that_can_do_nothing_else_waits_until_the_limit_is_over() -> None:
    story = limited(1)
    assert story.state.status == "rate_limited"
    assert story.last(TaskRateLimited).until == "2026-01-01T01:00:00.000000Z"
    (held,) = story.state.open.values()
    assert held.deferred and not held.ready and not held.failures and not held.claim_version


def test_its_next_claim_ends_the_wait_and_no_attempt_is_used_up() -> None:
    story = limited(1)
    story.claim(story.open(AgentRequested).request.effect)
    assert story.state.status == "running" and type_of(story.facts[-1].body) == "task.unblocked"
    story.ends("completed")
    assert len([r for r in story.all(AgentRequested) if r.role == IMPLEMENT]) == 1


def test_others_go_on_while_one_waits() -> None:
    story = limited(2, module="m0")
    assert story.state.status == "running" and not story.all(TaskRateLimited)
    story.ends("completed")


def test_the_last_review_may_wait_as_well() -> None:
    story = limited(1, role=REVIEW)
    assert story.state.status == "rate_limited"
    story.ends("completed")
    assert len(story.all(TaskUnblocked)) == 1


def test_a_pause_in_the_wait_comes_back_to_it() -> None:
    story = limited(1)
    story.say(TaskPaused())
    story.say(TaskResumed())
    assert story.state.status == "rate_limited" and len(story.all(TaskRateLimited)) == 2


def test_the_outcome_of_a_claim_that_was_given_back_is_refused() -> None:
    story = limited(1)
    late = EffectDeferred(effect=story.open(AgentRequested).request.effect, claim=1, until="x", kind="rate_limit")
    assert "the effect is not claimed" in story.refused(late, RUNNER)
