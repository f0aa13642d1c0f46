"""Fold one recorded fact into a task's state. Pure; raises IllegalFact if the lifecycle does not allow the fact."""

from __future__ import annotations

from conductor.core.machine import TABLES, IllegalFact, Mover, consume
from conductor.core.outcomes import misfit
from conductor.core.state import Open, TaskState, put_open, replace
from conductor.core.steps import corrections, effects, phase, spending, subtasks, task, workspace
from conductor.core.steps.step import Fact, Step
from conductor.events import Body, EffectStarted, Outcome, Request, TaskCreated, type_of

STEPS: dict[type[Body], Step] = {
    **task.STEPS,
    **corrections.STEPS,
    **phase.STEPS,
    **effects.STEPS,
    **spending.STEPS,
    **workspace.STEPS,
    **subtasks.STEPS,
}


def evolve(state: TaskState, fact: Fact, mover: Mover = TABLES) -> TaskState:
    """The state after `fact`; `mover` advances the lifecycles. Raises IllegalFact."""
    try:
        return _evolved(state, fact, mover)
    except IllegalFact:
        raise
    except Exception as error:  # a forged fact may name a phase, a module or an effect that does not exist
        raise IllegalFact(f"version {fact.version}: {type_of(fact.body)} cannot follow: {error!r}") from error


def _evolved(state: TaskState, fact: Fact, mover: Mover) -> TaskState:
    body = fact.body
    _check_place(state, fact)
    state = consume(state, fact.version, body, mover)
    step = STEPS.get(type(body))
    if step is not None:
        state = step(state, fact, body)
    elif isinstance(body, Request):
        state = put_open(state, Open(body, fact.version))
    return replace(state, version=fact.version, updated_at=fact.time)


def _check_place(state: TaskState, fact: Fact) -> None:
    """Versions have no gaps, the creation comes first and once, outcomes only come under the current claim."""
    body = fact.body
    if fact.version != state.version + 1:
        raise IllegalFact(f"version {fact.version} follows {state.version}")
    what = f"version {fact.version}: {type_of(body)}"
    if (state.version == 0) != isinstance(body, TaskCreated):
        raise IllegalFact(f"{what} is not possible here: task.created is first, and happens once")
    if isinstance(body, Outcome | EffectStarted):
        held = state.open.get(body.effect)
        if held is None:
            raise IllegalFact(f"{what} for effect {body.effect!r}, which is not open")
        if isinstance(body, Outcome) and (wrong := misfit(held, body)):
            raise IllegalFact(f"{what} for effect {body.effect!r} under claim {body.claim}: {wrong}")
