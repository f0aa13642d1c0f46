"""Which agent's work is meant by a phase, a module and a role, and what that agent was or would be asked."""

from __future__ import annotations

from conductor.core.decide import awaited
from conductor.core.rules.target import reasons
from conductor.core.state import TargetState, TaskState
from conductor.core.steps.effects import FIX, IMPLEMENT, REVIEW
from conductor.core.targets import direct, standing
from conductor.errors import UsageError
from conductor.events import AgentRequested, Target
from conductor.ids import EffectId

FINAL = "final"  # in place of a phase: the work on the whole, after the last phase


def target_at(state: TaskState, phase: str, module: str | None) -> tuple[str | None, str | None]:
    """The phase and module that are meant. Raises UsageError, listing the existing ones."""
    if phase == FINAL and phase not in state.phases:
        if module is not None:
            raise UsageError("the work on the whole has no modules")
        return None, None
    if phase not in state.phases:
        there = ", ".join((*state.phases, FINAL))
        raise UsageError(f"task {state.id} has no phase {phase!r}", allowed=there)
    modules = [m.name for m in state.planned(phase).modules]
    if module is not None and module not in modules:
        raise UsageError(f"phase {phase} has no module {module!r}", allowed=", ".join(modules))
    return phase, module


def request_at(state: TaskState, phase: str | None, module: str | None, role: str | None) -> AgentRequested:
    """What the agent at work there, or due there, was asked; else what one would be asked now. `role` None: any."""
    return _asked(state, phase, module, role) or _would_be_asked(state, phase, module, role)


def _asked(state: TaskState, phase: str | None, module: str | None, role: str | None) -> AgentRequested | None:
    """The request of the agent that is at work there, or due there."""
    alone = phase is not None and direct(state.planned(phase))
    under_way = [held.request for held in state.open.values() if isinstance(held.request, AgentRequested)]
    for request in (*under_way, *awaited(state)):
        there = request.phase == phase and (request.module == module or alone)
        if there and role in (None, request.role):
            return request
    return None


def _would_be_asked(state: TaskState, phase: str | None, module: str | None, role: str | None) -> AgentRequested:
    if phase is not None and direct(state.planned(phase)):
        module = state.planned(phase).modules[0].name
    role = role or (IMPLEMENT if phase is not None else REVIEW)
    started = phase is None or module is None or module in state.phases[phase].modules
    target = standing(state, Target(phase, module)) if started else TargetState()
    hint = target.hint or (state.phases[phase].hint if phase is not None else state.hint)
    because = reasons(target) if role == FIX else ()
    return AgentRequested(
        effect=EffectId(""),
        phase=phase,
        module=module,
        role=role,
        attempt=1,
        because=because,
        hint="" if role == REVIEW else hint,
    )
