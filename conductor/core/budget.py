"""What agents have used, what they may still use, and what is set aside for those at work. Pure arithmetic.

Limits are per agent, per phase and for the task. An agent is asked for with an allowance, which is set aside until it
reports: agents that work side by side cannot spend the same money.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from conductor.config.settings import Budget, Limits
from conductor.core.state import Open, Spent, TaskState
from conductor.core.steps.spending import warning
from conductor.events import AgentRequested

WHOLE = ""  # stands for a phase, for the work on the whole
WARN_AT = 0.8  # of a limit: somebody is told before it is used up
TURNS = 200  # of an agent for which nobody has set a limit


def spent(state: TaskState, phase: str | None = None, *, whole_task: bool = False) -> Spent:
    """What the agents that have reported used: of one phase, of the work on the whole, or of all."""
    if whole_task:
        return total(state.spent.values())
    return state.spent.get(phase or WHOLE, Spent())


def total(parts: Iterable[Spent]) -> Spent:
    result = Spent()
    for part in parts:
        result = result + part
    return result


def allowance(state: TaskState, phase: str | None, peers: int) -> Limits:
    """What the next agent of a phase may use: an agent's limit, or less where less is left. Fields <= 0: nothing is.

    Without a limit per agent what is left is shared among `peers`, the agents of the phase that are still to be asked.
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
    """Names of what nothing is left of."""
    return tuple(n for n in Limits.__struct_fields__ if (value := getattr(limits, n)) is not None and value <= 0)


def neared(state: TaskState, phase: str | None) -> tuple[str, str, float, float] | None:
    """A limit of the task or of a phase that is used up to WARN_AT and was not warned of: scope, what, used, limit."""
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
    """Of agents that were asked for and have not reported; all, or those of one phase."""
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
    """What an agent may use: its allowance, after it was extended `times` times by its own amount.

    Where nothing limits its turns it has TURNS: none goes on for ever unseen.
    """
    limits = msgspec.structs.replace(limits, turns=limits.turns or TURNS)
    grown = {n: None if (v := getattr(limits, n)) is None else v * (1 + times) for n in Limits.__struct_fields__}
    return msgspec.structs.replace(limits, **grown)


def divided(budget: Budget, parts: int) -> Budget:
    """For each of the tasks that build a plan's parts: an equal share of the whole; agents and phases as ever."""
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
