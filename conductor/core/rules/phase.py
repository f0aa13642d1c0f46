"""What a phase calls for in each state of its lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from conductor.core.names import slug
from conductor.core.questions import about, ask, asked, items
from conductor.core.rules import checks, subtasks
from conductor.core.rules.merging import merge, unresolved
from conductor.core.rules.rule import Decision
from conductor.core.rules.target import agent, busy, collect, examine, fix, reasons, unjudged
from conductor.core.rules.verdict import WAIT, Conclusion, Verdict, Wait
from conductor.core.state import PhaseState, TaskState
from conductor.core.steps.effects import IMPLEMENT
from conductor.core.targets import direct
from conductor.events import (
    Body,
    CheckpointRequested,
    DocumentsRequested,
    PhaseAccepted,
    PhaseCompleted,
    PhaseFailed,
    PhaseFixStarted,
    PhaseMergeStarted,
    PhaseResultSaved,
    PhaseRetried,
    PhaseSkipped,
    PhaseStarted,
    PhaseValidationStarted,
    PhaseWaived,
    PhaseWaveStarted,
    RestoreRequested,
    RollbackRequested,
    Target,
    WorkspaceRequested,
)
from conductor.ids import Branch
from conductor.plan.model import Phase

PhaseRule = Callable[[TaskState, Phase, PhaseState, str], Conclusion]


def advance(state: TaskState, phase: PhaseState, now: str) -> Decision | None:
    """The next decision for a phase; None while it waits for an outcome or a person. `now` is RFC 3339 UTC."""
    found = RULES[phase.status](state, state.planned(phase.number), phase, now)
    return Decision(f"phase-{phase.status.replace('_', '-')}", found) if isinstance(found, Body) else None


def _pending(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if plan.status == "done":
        return PhaseSkipped(plan.number, "done according to the specification")
    if _held_back(state, plan):
        return WAIT
    return PhaseStarted(plan.number)


# ---- building ----------------------------------------------------------------------------------------------------


def _building(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if direct(plan):
        return _build_direct(state, plan, phase)
    if checks.cut(state, plan):
        return _build_subplans(state, plan, phase)
    found: dict[str, Verdict | Wait] = {}
    for name in plan.waves()[phase.wave]:
        step = _build_module(state, plan, phase, name)
        if isinstance(step, Body):
            return step
        found[name] = step
    # If a module failed for good, the others finish first, so that their work is rescued complete.
    if WAIT in found.values():
        return WAIT
    failed = next((n for n, s in found.items() if s is Verdict.FAILING), None)
    if failed is not None:
        return PhaseFailed(plan.number, items(reasons(phase.modules[failed].target)), module=failed)
    return PhaseMergeStarted(plan.number, phase.wave)


def _build_direct(state: TaskState, plan: Phase, phase: PhaseState) -> Conclusion:
    """One module: its agent works on the task branch, and the phase's validation is its check."""
    name = plan.modules[0].name
    if busy(state, Target(plan.number)) or asked(state, Target(plan.number, name)):
        return WAIT
    if collecting := collect(state, Target(plan.number)):
        return collecting
    if not phase.target.verdict:
        return agent(state, IMPLEMENT, Target(plan.number, name), hint=phase.target.hint or phase.hint)
    return PhaseValidationStarted(plan.number, state.head)


def _build_subplans(state: TaskState, plan: Phase, phase: PhaseState) -> Conclusion:
    """A decomposed plan: its subplans are built by subtasks and merged one by one as they end."""
    step = subtasks.build(state, plan, phase)
    if step is Verdict.FAILING:
        return _unmerged(plan, phase, subtasks.unmergeable(state, phase))
    return PhaseValidationStarted(plan.number, state.head) if step is Verdict.PROVEN else step


def _build_module(state: TaskState, plan: Phase, phase: PhaseState, name: str) -> Conclusion:
    target, held = Target(plan.number, name), phase.modules[name].target
    if busy(state, target) or asked(state, target):
        return WAIT
    if not held.path:
        return WorkspaceRequested(
            effect=target.effect("workspace", phase.round),
            phase=plan.number,
            module=name,
            branch=Branch(f"{state.branch}.{_place(state, plan, name)}-{phase.round}"),
            base=state.head,
        )
    if not held.verdict:
        return agent(state, IMPLEMENT, target, hint=held.hint or phase.hint)
    step = examine(state, target, checks.of_module(state, plan, name))
    if step is Verdict.UNAVAILABLE:
        return unjudged(state, target)
    return fix(state, target) if step is Verdict.FAILING else step


def _place(state: TaskState, plan: Phase, name: str) -> str:
    """A unique name for a module. Slugs of different names may be equal; positions never are."""
    position = next(i for i, m in enumerate(plan.modules) if m.name == name)
    return f"p{state.plan.phases.index(plan)}m{position}-{slug(name)}"


# ---- merging -----------------------------------------------------------------------------------------------------


def _merging(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if busy(state, Target(plan.number)):
        return WAIT
    waves = plan.waves()
    for name in waves[phase.wave]:
        if not phase.modules[name].merged:
            step = merge(state, plan, phase, name)
            return _unmerged(plan, phase, name) if step is Verdict.FAILING else step
    if phase.wave + 1 < len(waves):
        return PhaseWaveStarted(plan.number, phase.wave + 1)
    return PhaseValidationStarted(plan.number, state.head)


def _unmerged(plan: Phase, phase: PhaseState, name: str) -> PhaseFailed:
    return PhaseFailed(plan.number, unresolved(phase.modules[name]), module=name)


# ---- validating --------------------------------------------------------------------------------------------------


def _validating(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if busy(state, Target(plan.number)) or _held_back(state, plan):
        return WAIT
    step = examine(state, Target(plan.number), checks.of_phase(state, plan))
    if step is Verdict.UNAVAILABLE:
        return unjudged(state, Target(plan.number))
    if step is Verdict.FAILING:
        if phase.target.fixes < state.settings.fix_tries:
            return PhaseFixStarted(plan.number, phase.target.fixes + 1)
        return PhaseFailed(plan.number, items(reasons(phase.target)))
    if step is Verdict.PROVEN:
        return _result(state, plan, phase, now)
    return step


def _fixing(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    """A fixer's commit clears the earlier checks, so their absence means that it has reported."""
    if busy(state, Target(plan.number)) or _held_back(state, plan):
        return WAIT
    if collecting := collect(state, Target(plan.number)):
        return collecting
    if phase.target.checks:
        return fix(state, Target(plan.number))
    return PhaseValidationStarted(plan.number, state.head)


def _held_back(state: TaskState, plan: Phase) -> bool:
    """Whether a question is open about the merged tree or about one of its modules."""
    return asked(state, Target(plan.number)) or any(asked(state, Target(plan.number, m.name)) for m in plan.modules)


def _result(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> PhaseResultSaved:
    seen = phase.target.checks
    tests = [c for c in seen.values() if c.kind == "tests"]
    return PhaseResultSaved(
        phase=plan.number,
        files_created=phase.files_created,
        tests_passing=bool(tests) and all(c.status == "passed" for c in tests),
        validation_output=tuple(c.output for c in seen.values() if c.output),
        gotchas_encountered=phase.gotchas,
        duration_minutes=round(_seconds(phase.started_at, now) / 60, 2),
        proofs=checks.proofs(plan.success_criteria, seen),
    )


# ---- the end of a phase ------------------------------------------------------------------------------------------


def _checkpointing(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if busy(state, Target(plan.number)):
        return WAIT
    if not phase.documented:
        return DocumentsRequested(effect=Target(plan.number).effect("documents", state.version), phase=plan.number)
    if phase.checkpoint is None:
        return CheckpointRequested(
            effect=Target(plan.number).effect("checkpoint", state.version),
            phase=plan.number,
            number=state.next_checkpoint,
            checked_tree=state.tree,
            waived=phase.accepted,
        )
    if phase.accepted:
        return PhaseWaived(plan.number, phase.checkpoint, phase.failure)
    return PhaseCompleted(plan.number, phase.checkpoint)


def _rolling_back(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if busy(state, Target(plan.number)):
        return WAIT
    last = state.checkpoints[-1]
    return RollbackRequested(
        effect=Target(plan.number).effect("rollback", phase.round, state.version),
        phase=plan.number,
        checkpoint=last.number,
        commit=last.commit,
        reason=phase.failure,
    )


def _escalated(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    if not phase.asked:
        kept = f"The failed work is kept under {phase.rescue}. " if phase.rescue else ""
        kept += "".join(f"Ignored files of it were moved aside: {moved}. " for moved in phase.set_aside)
        then = f"{kept}The tree is back at checkpoint {state.checkpoints[-1].number}."
        text = about(f"Phase {plan.number} ({plan.name}) failed", phase.failure, then)
        return ask(state, "escalation", text, Target(plan.number))
    match phase.answer:
        case "retry":
            return PhaseRetried(plan.number, phase.hint)
        case "accept":
            return PhaseAccepted(plan.number, phase.rescue)
        case "skip":
            return PhaseSkipped(plan.number, "skipped by a person" + (f": {phase.hint}" if phase.hint else ""))
    return WAIT


def _restoring(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    """Failing work that a person accepted: first the task branch's own, then what modules had not merged yet."""
    if busy(state, Target(plan.number)):
        return WAIT
    if phase.rescue:
        return RestoreRequested(
            effect=Target(plan.number).effect("restore", phase.round, state.version),
            phase=plan.number,
            rescue=phase.rescue,
        )
    if checks.cut(state, plan):  # what is not built yet is built, as the person wants the rest too
        step = _build_subplans(state, plan, phase)
        return _result(state, plan, phase, now) if isinstance(step, PhaseValidationStarted) else step
    for name, part in phase.modules.items():
        if not part.merged and part.target.commit:
            step = merge(state, plan, phase, name)
            return _unmerged(plan, phase, name) if step is Verdict.FAILING else step
    return _result(state, plan, phase, now)


def _finished(state: TaskState, plan: Phase, phase: PhaseState, now: str) -> Conclusion:
    return WAIT


RULES: dict[str, PhaseRule] = {
    "pending": _pending,
    "building": _building,
    "merging": _merging,
    "validating": _validating,
    "fixing": _fixing,
    "checkpointing": _checkpointing,
    "rolling_back": _rolling_back,
    "escalated": _escalated,
    "restoring": _restoring,
    "completed": _finished,
    "waived": _finished,
    "skipped": _finished,
}


def _seconds(start: str, end: str) -> float:
    if not start or not end:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
