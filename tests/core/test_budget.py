"""Budgets: set aside before agents fan out, warned of at four fifths, a question at the limit, never a kill."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from conductor.config.settings import Budget, Limits, Settings
from conductor.core.budget import allowance
from conductor.core.evolve import evolve
from conductor.core.steps.step import Fact
from conductor.events import AgentReported, AgentRequested, Body, BudgetWarned, EffectReleased, EffectStarted, Usage
from conductor.ids import Commit, Tree
from tests.support.simulation.story import IMPLEMENT, Story, given
from tests.support.simulation.world import CLAIM, plan

USED = Usage(input=100, output=50, cache_read=30, cache_write=20)  # 200 tokens


ALL = Limits()


def budgeted(*shape: int, agent: Limits = ALL, phase: Limits = ALL, task: Limits = ALL) -> Story:
    settings = Settings(budget=Budget(agent, phase, task), review=False, tests_required=False)
    return given(plan(*shape), settings=settings)


def allowed(story: Story) -> list[Limits]:
    return [r.allowance for r in story.all(AgentRequested)]


def test_without_a_budget_agents_use_what_they_take() -> None:
    story = given(plan(1)).agent(IMPLEMENT, usage=USED, turns=3, money=0.5).ran()
    assert set(allowed(story)) == {Limits()} and story.state.status == "completed"
    assert (story.state.spent["1"].tokens, story.state.spent["1"].turns, story.state.spent["1"].money) == (200, 3, 0.5)


def test_an_agents_limit_is_its_allowance() -> None:
    assert allowed(budgeted(1, agent=Limits(turns=30)).ran()) == [Limits(turns=30)]


def test_what_is_left_of_the_task_is_shared_among_agents_that_work_side_by_side() -> None:
    assert allowed(budgeted(4, task=Limits(tokens=1000)).until(AgentRequested))[0].tokens == 250


def test_what_one_has_set_aside_no_other_can_be_given() -> None:
    story = budgeted(4, agent=Limits(tokens=600), task=Limits(tokens=1000)).until(AgentRequested)
    story.run(until=lambda _: bool(story.state.questions))
    assert [a.tokens for a in allowed(story)][:2] == [600, 400]


def test_an_agent_uses_up_what_is_left_and_the_next_one_is_a_persons_matter() -> None:
    story = budgeted(1, 1, task=Limits(tokens=200)).agent(IMPLEMENT, usage=USED).ran()
    assert story.state.status == "budget_exhausted"
    question = story.question("budget")
    assert "tokens" in question.text and question.choices == ("extend", "abandon")
    story.answer("extend")
    story.ends("completed")
    assert allowed(story)[-1].tokens == 200


def test_a_phase_has_a_budget_of_its_own() -> None:
    story = budgeted(1, 1, phase=Limits(tokens=200)).agent(IMPLEMENT, times=2, usage=USED).ran()
    assert story.state.status == "completed"


def test_four_fifths_are_warned_of_once() -> None:
    story = budgeted(1, 1, 1, task=Limits(tokens=700)).agent(IMPLEMENT, times=3, usage=USED).ran()
    (warned,) = story.all(BudgetWarned)
    assert (warned.scope, warned.what, warned.used, warned.limit) == ("task", "tokens", 600, 700)


@pytest.mark.parametrize("scope", ["task", "phase"])
@pytest.mark.parametrize(
    ("limits", "at", "below"),
    [
        (Limits(tokens=1_000_000), {"usage": Usage(input=800_000)}, {"usage": Usage(input=799_999)}),
        (Limits(turns=1_000), {"turns": 800}, {"turns": 799}),
        (Limits(money=10.0), {"money": 8.0}, {"money": 7.99999}),
    ],
)
def test_the_warning_comes_at_four_fifths_and_not_a_hair_before(
    scope: str, limits: Limits, at: dict[str, Any], below: dict[str, Any]
) -> None:
    def warnings(used: dict[str, Any]) -> list[str]:
        story = budgeted(1, **{scope: limits}).agent(IMPLEMENT, **used).ran()
        assert story.state.status == "completed"
        return [w.scope for w in story.all(BudgetWarned)]

    assert warnings(at) == [{"task": "task", "phase": "phase 1"}[scope]]
    assert warnings(below) == []


def test_an_agent_whose_allowance_ran_out_waits_and_goes_on_where_it_was() -> None:
    story = budgeted(1, agent=Limits(tokens=100)).runs_dry().ran()
    assert story.state.status == "budget_exhausted" and "used up" in story.question("budget").text
    story.answer("extend")
    assert story.open(AgentRequested).extended == 1
    story.ends("completed")
    assert len(story.all(AgentReported)) == 1, "the same attempt"


def test_others_finish_while_one_waits_for_more() -> None:
    story = budgeted(2, agent=Limits(tokens=100)).runs_dry(module="m0").ran()
    assert story.state.phases["1"].modules["m1"].target.checks


def test_the_time_of_agents_counts_claim_by_claim() -> None:
    """One minute under a claim that was given back, a pause that counts for nothing, three minutes under the next."""
    story = budgeted(1).until(AgentRequested)
    effect = story.open(AgentRequested).request.effect
    state, claim = story.state, 0
    for minute, made in enumerate((EffectStarted, EffectReleased, None, EffectStarted, None, None, AgentReported)):
        if made is None:
            continue
        claim = state.version + 1 if made is EffectStarted else claim
        body: Body = EffectStarted(effect, CLAIM)
        if made is EffectReleased:
            body = EffectReleased(effect, claim)
        elif made is AgentReported:
            body = AgentReported(
                effect=effect, claim=claim, role=IMPLEMENT, verdict="PASS", commit=Commit("c"), tree=Tree("t")
            )
        state = evolve(state, Fact(state.version + 1, f"2026-01-01T00:0{minute}:00.000000Z", "runner:r", body))
    assert state.spent["1"].minutes == 1 + 3


amounts = st.one_of(st.none(), st.integers(1, 1000))


@drawn(amounts, amounts, amounts, st.integers(0, 2000), st.integers(1, 9))
def test_no_allowance_is_above_a_limit_or_above_what_is_left(
    agent: int | None, phase: int | None, task: int | None, used: int, peers: int
) -> None:
    story = budgeted(1, agent=Limits(tokens=agent), phase=Limits(tokens=phase), task=Limits(tokens=task))
    story.agent(IMPLEMENT, usage=Usage(input=used)).until(AgentReported)
    given_ = allowance(story.state, "1", peers).tokens
    bounds = [agent, *(limit - used for limit in (phase, task) if limit is not None)]
    assert (given_ is None) == all(bound is None for bound in bounds)
    assert all(given_ <= max(bound, 0) for bound in bounds if given_ is not None and bound is not None)
