"""What agents have used, what they may still use, and what is reserved for those at work. Pure arithmetic.

Limits apply to an agent, a phase and the task. An agent is requested with an allowance, which stays reserved until the
agent reports, so that agents working in parallel cannot spend the same money.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from conductor.config.settings import Budget, Limits
from conductor.core.state import Open, Spent, TaskState
from conductor.core.steps.spending import warning
from conductor.events import AgentRequested

WHOLE = ""  # takes the place of a phase number for work on the whole
WARN_AT = 0.8  # fraction of a limit at which a warning is given
TURNS = 200  # default limit for an agent without one


def spent(state: TaskState, phase: str | None = None, *, whole_task: bool = False) -> Spent:
    """What the agents that have reported used: in one phase, on the whole, or in total."""
    if whole_task:
        return total(state.spent.values())
    return state.spent.get(phase or WHOLE, Spent())


def total(parts: Iterable[Spent]) -> Spent:
    result = Spent()
    for part in parts:
        result = result + part
    return result


def allowance(state: TaskState, phase: str | None, peers: int) -> Limits:
    """What the next agent of a phase may use: the limit per agent, or less if less is left. <= 0: nothing is left.

    Without a limit per agent, what is left is shared among `peers`, the agents of the phase still to be requested.
    """
    budget, times = state.settings.budget, 1 + state.extended
    scopes = (
        (budget.task, total([spent(state, whole_task=True), *_set_aside(state, None)])),
        (budget.phase, total([spent(state, phase), *_set_aside(state, phase or WHOLE)])),
    )
    left: dict[str, float | None] = {}
    for name in Limits.__struct_fields__:
        own = getattr(budget.agent, name)
        limits = [(getattr(limit, name), getattr(used, name) or 0) for limit, used in scopes]
        remaining = [limit * times - used for limit, used in limits if limit is not None]
        share = min(remaining) / max(peers, 1) if remaining else None
        found = [value for value in (own, share if own is None else min(remaining, default=None)) if value is not None]
        left[name] = min(found) if found else None
    return Limits(
        tokens=_whole_number(left["tokens"]),
        money=left["money"],
        turns=_whole_number(left["turns"]),
        minutes=left["minutes"],
    )


def exhausted(limits: Limits) -> tuple[str, ...]:
    """The names of the limits of which nothing is left."""
    return tuple(n for n in Limits.__struct_fields__ if (value := getattr(limits, n)) is not None and value <= 0)


def neared(state: TaskState, phase: str | None) -> tuple[str, str, float, float] | None:
    """A limit of the task or phase that has reached WARN_AT without a warning: scope, what, used, limit. None: none."""
    budget, times = state.settings.budget, 1 + state.extended
    scopes = (
        ("task", budget.task, spent(state, whole_task=True)),
        (f"phase {phase}" if phase else "the whole", budget.phase, spent(state, phase)),
    )
    for scope, limits, used in scopes:
        for what in Limits.__struct_fields__:
            limit, value = getattr(limits, what), getattr(used, what) or 0
            known = warning(scope, what, state.extended) in state.warned
            if limit is not None and value >= WARN_AT * limit * times and not known:
                return scope, what, float(value), float(limit * times)
    return None


def _set_aside(state: TaskState, phase: str | None) -> list[Spent]:
    """The reserved allowances of agents that have not reported yet: all, or those of one phase."""
    agents = [o for o in state.open.values() if isinstance(o.request, AgentRequested)]
    return [_reserved(o) for o in agents if phase is None or (o.request.phase or WHOLE) == phase]


def _reserved(held: Open) -> Spent:
    assert isinstance(held.request, AgentRequested)
    limits, times = held.request.allowance, 1 + held.extended
    return Spent(
        tokens=int(limits.tokens or 0) * times,
        money=(limits.money or 0.0) * times,
        turns=int(limits.turns or 0) * times,
        minutes=(limits.minutes or 0.0) * times,
    )


def extended(limits: Limits, times: int) -> Limits:
    """What an agent may use: its allowance, extended `times` times by its own amount.

    Without a limit on turns it gets TURNS, so that no agent runs forever unnoticed.
    """
    limits = msgspec.structs.replace(limits, turns=limits.turns or TURNS)
    grown = {n: None if (v := getattr(limits, n)) is None else v * (1 + times) for n in Limits.__struct_fields__}
    return msgspec.structs.replace(limits, **grown)


def divided(budget: Budget, parts: int) -> Budget:
    """The budget of each subtask: an equal share of the task's limits; the limits per agent and phase are unchanged."""
    whole = budget.task
    share = Limits(
        tokens=whole.tokens and max(1, whole.tokens // parts),
        money=whole.money and whole.money / parts,
        turns=whole.turns and max(1, whole.turns // parts),
        minutes=whole.minutes and whole.minutes / parts,
    )
    return msgspec.structs.replace(budget, task=share)


def _whole_number(value: float | None) -> int | None:
    return None if value is None else int(value)
