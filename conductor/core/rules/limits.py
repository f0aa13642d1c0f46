"""When tries, allowances or budgets are used up, a person is asked or warned."""

from __future__ import annotations

from conductor.core import budget
from conductor.core.questions import about, ask
from conductor.core.state import TaskState
from conductor.events import Body, BudgetWarned


def broken(state: TaskState) -> Body | None:
    """A question about an effect that failed too often, or for good: trying again would only repeat it."""
    for effect, held in state.open.items():
        if held.given_up(state.settings.effect_tries):
            broke = "cannot go on" if held.rejected else f"broke {held.failures} times"
            return ask(state, "effect", about(f"{effect} {broke}", held.error), held.request.target, effect=effect)
    return None


def exhausted(state: TaskState) -> Body | None:
    """A question about an agent whose allowance ran out: it waits between two turns until a person grants more."""
    for effect, held in state.open.items():
        if held.exhausted and not held.blocked_by:
            text = (
                f"{effect} has used up what it was allowed: {', '.join(held.exhausted)}. Extend it by the same amount?"
            )
            return ask(state, "budget", text, held.request.target, effect=effect)
    return None


def neared(state: TaskState) -> Body | None:
    """A warning about the first budget of which four fifths are used."""
    current = state.current()
    found = budget.neared(state, current.number if current else None)
    return BudgetWarned(*found) if found else None
