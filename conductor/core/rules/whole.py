"""The final validation of the whole, and the end of the task."""

from __future__ import annotations

from conductor.core.questions import about, ask, items
from conductor.core.rules import checks
from conductor.core.rules.target import busy, examine, fix, reasons, unjudged
from conductor.core.rules.verdict import WAIT, Verdict, Wait
from conductor.core.state import TaskState
from conductor.events import (
    WHOLE,
    Body,
    CheckpointRequested,
    DocumentsRequested,
    TaskCompleted,
    TaskCompletedWithWaivers,
)


def validate(state: TaskState) -> Body | Wait:
    """From the merged whole to the end: checks, fixes, a person's answer, documents, the final checkpoint."""
    if busy(state, WHOLE) or state.questions:
        return WAIT
    if state.whole_accepted or state.final_checkpoint_made:
        return _finish(state)
    match examine(state, WHOLE, checks.of_whole(state)):
        case Verdict.PROVEN:
            return _finish(state)
        case Verdict.UNAVAILABLE:
            return unjudged(state, WHOLE)
        case Verdict.FAILING:
            step = fix(state, WHOLE)
            if isinstance(step, Body):
                return step
            return WAIT if step is WAIT else _failed(state)
        case Wait():
            return WAIT
        case request:
            return request


def _failed(state: TaskState) -> Body:
    points = ", ".join(f"{c.number} (phase {c.phase})" if c.phase else str(c.number) for c in state.checkpoints)
    then = f"Nothing was rolled back; `conduct rollback` can return to checkpoint {points}."
    return ask(state, "validation", about("The final validation failed", items(reasons(state.whole)), then))


def _finish(state: TaskState) -> Body | Wait:
    if state.open or state.questions:
        return WAIT
    if not state.documented:
        return DocumentsRequested(effect=WHOLE.effect("documents", state.version))
    if not state.final_checkpoint_made:
        return CheckpointRequested(
            effect=WHOLE.effect("checkpoint", state.version),
            number=state.next_checkpoint,
            checked_tree=state.tree,
            waived=state.whole_accepted,
        )
    proofs = [proof for p in state.phases.values() for proof in p.proofs]
    proofs += checks.proofs(state.plan.success_criteria, state.whole.checks)
    below = {name: m.subtask for p in state.phases.values() for name, m in p.modules.items() if m.subtask.id}
    unproven = (*(c for s in below.values() for c in s.unproven), *(p.criterion for p in proofs if not p.checks))
    waived = [
        n
        for n, p in state.phases.items()
        if p.status == "waived" or (p.status == "skipped" and state.planned(n).status != "done")
    ]
    waived += [name for name, subtask in below.items() if subtask.skipped or subtask.waived]
    if state.whole_accepted:
        waived.append("final")
    if waived:
        return TaskCompletedWithWaivers(tuple(waived), tuple(proofs), unproven)
    return TaskCompleted(tuple(proofs), unproven)
