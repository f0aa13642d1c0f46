"""How the work on a module is merged into the task branch; conflicts are resolved first."""

from __future__ import annotations

from conductor.core.rules.target import agent, collect
from conductor.core.rules.verdict import Conclusion, Verdict
from conductor.core.state import ModuleState, PhaseState, TaskState
from conductor.core.steps.effects import SYNTHESIS
from conductor.events import IntegrationRequested, MergeRequested, Target
from conductor.ids import Branch
from conductor.plan.model import Phase


def merge(state: TaskState, plan: Phase, phase: PhaseState, name: str) -> Conclusion:
    """What the merge of a module needs next; FAILING if its conflict was not resolved."""
    part = phase.modules[name]
    if collecting := collect(state, Target(plan.number, name)):
        return collecting
    if unresolved_conflict(state, part):
        return Verdict.FAILING
    if part.conflict and not part.resolution:
        if not part.integration:
            return IntegrationRequested(
                effect=Target(plan.number, name).effect("integration", phase.round, part.merge_tries),
                phase=plan.number,
                module=name,
                branch=Branch(f"{part.target.branch}.merge"),
                ours=state.head,
                theirs=part.target.commit,
            )
        because = tuple(f"conflict: {path}" for path in part.conflict)
        return agent(state, SYNTHESIS, Target(plan.number, name), because=because, hint=part.target.hint or phase.hint)
    return MergeRequested(
        effect=Target(plan.number, name).effect("merge", phase.round, part.merge_tries + 1),
        phase=plan.number,
        module=name,
        theirs=part.target.commit,
        resolution=part.resolution or None,
    )


def unresolved_conflict(state: TaskState, part: ModuleState) -> bool:
    """Whether the tries at resolving its conflict are used up."""
    return bool(part.conflict and not part.resolution and part.resolvers >= state.settings.fix_tries)


def unresolved(part: ModuleState) -> str:
    """Why it could not be merged."""
    return f"conflict in {', '.join(part.conflict)} was not resolved"
