"""How agents' use of time, tokens and money changes a task's state."""

from __future__ import annotations

from datetime import datetime

from conductor.core.state import Open, Spent, TaskState, put_open, replace
from conductor.core.steps.step import Fact, Step
from conductor.events import AgentReported, Body, BudgetExhausted, BudgetWarned


def given_back(held: Open, fact: Fact) -> Open:
    """`held` without its claim; the time under the claim is added."""
    return replace(held, claim=None, claim_version=0, claimed_at="", worked=held.worked + _minutes(held, fact))


def reported(state: TaskState, fact: Fact, body: AgentReported) -> TaskState:
    """Add what an agent used; it counts whatever becomes of its work."""
    held = state.open[body.effect]
    used = Spent(body.usage.total, body.money, body.turns, held.worked + _minutes(held, fact))
    scope = held.request.phase or ""
    return replace(state, spent={**state.spent, scope: state.spent.get(scope, Spent()) + used})


def _exhausted(state: TaskState, fact: Fact, body: BudgetExhausted) -> TaskState:
    return put_open(state, replace(given_back(state.open[body.effect], fact), exhausted=body.what))


def _warned(state: TaskState, fact: Fact, body: BudgetWarned) -> TaskState:
    return replace(state, warned=(*state.warned, warning(body.scope, body.what, state.extended)))


def warning(scope: str, what: str, extended: int) -> str:
    """The key of a warning: one is given for each limit, and another after each extension."""
    return f"{scope}/{what}/{extended}"


def _minutes(held: Open, fact: Fact) -> float:
    if not held.claimed_at:
        return 0.0
    seconds = (datetime.fromisoformat(fact.time) - datetime.fromisoformat(held.claimed_at)).total_seconds()
    return max(seconds, 0.0) / 60


STEPS: dict[type[Body], Step] = {
    BudgetExhausted: _exhausted,
    BudgetWarned: _warned,
}
