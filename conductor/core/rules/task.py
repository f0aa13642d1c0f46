"""What a task calls for next: its phases in order, then the final validation, then its end."""

from __future__ import annotations

from conductor.core import budget
from conductor.core.lifecycle import ACTIVE, DONE, ENDED, PHASE_DONE, WAITING
from conductor.core.questions import APPROVALS, about, ask, items, quoted
from conductor.core.rules import checks, corrections, phase, subtasks
from conductor.core.rules.target import Standing, busy, examine, fix, reasons, unjudged
from conductor.core.state import TaskState, replace
from conductor.events import (
    Body,
    BudgetWarned,
    CheckpointRequested,
    ContextClearSuggested,
    DeliveryRequested,
    DocumentsRequested,
    PhaseReopened,
    RollbackRequested,
    SubtaskNewsRequested,
    TaskAbandoned,
    TaskApprovalAwaited,
    TaskBlocked,
    TaskBudgetExhausted,
    TaskCompleted,
    TaskCompletedWithWaivers,
    TaskRateLimited,
    TaskSubtasksAwaited,
    TaskUnblocked,
    TaskValidationStarted,
    WorkspaceRequested,
)

CLEAR_EVERY = 3  # finished phases between suggestions to clear the context


def advance(state: TaskState, now: str) -> Body | None:
    """The next decision, None when everything waits. Folding it and asking again ends after finitely many steps."""
    if state.status in ENDED:
        return _deliver(state)
    if state.abandon_asked:
        return TaskAbandoned("a person's answer")
    if state.stale:
        return PhaseReopened(state.stale[0])
    if ruling := corrections.judge(state):
        return ruling
    if question := _broken_effect(state) or _exhausted(state):
        return question
    if warning := _neared(state):
        return warning
    if state.status in (*ACTIVE, *WAITING) and (news := subtasks.news(state)):
        return news
    if state.status in ACTIVE:
        return _work(state, now) or _block(state, now)
    if state.status in ("awaiting_answer", "awaiting_approval", "awaiting_subtasks", "budget_exhausted"):
        answered = state.status != "awaiting_subtasks" and not state.questions
        return TaskUnblocked() if answered or _goes_on(replace(state, status="running"), now) else None
    if state.status == "rate_limited":
        passed = not _deferred(state) or _goes_on(replace(state, status="running"), now)
        return TaskUnblocked() if passed else None
    if state.status == "rolling_back":
        return _block(state, now) if state.open or state.questions else _roll_back(state)
    return None


def _work(state: TaskState, now: str) -> Body | None:
    if any(isinstance(o.request, RollbackRequested) and o.request.phase is None for o in state.open.values()):
        return None
    if state.unapproved:
        return None if state.questions or state.open else _show_commands(state)
    if not state.path:
        if state.open:
            return None
        if parts := subtasks.decomposed(state):
            return parts
        return WorkspaceRequested(effect="all:-:workspace:1", branch=state.branch, base=state.base_commit)
    if state.status == "validating":
        return _validate(state)
    finished = sum(1 for p in state.phases.values() if p.status in PHASE_DONE)
    current = state.current()
    if current is not None and finished and finished % CLEAR_EVERY == 0 and finished > state.suggested:
        return ContextClearSuggested(_last_finished(state))
    if current is None:
        return None if state.questions or state.open else TaskValidationStarted(state.head)
    return phase.next_of(state, current, now)


def _show_commands(state: TaskState) -> Body:
    """A specification is untrusted text: what it has us run is shown before anything is run."""
    listed = quoted(items(state.unapproved))
    return ask(state, "commands", f"The specification names commands that checks would run here:\n{listed}\nMay they?")


def _last_finished(state: TaskState) -> str:
    return [n for n, p in state.phases.items() if p.status in PHASE_DONE][-1]


def _goes_on(state: TaskState, now: str) -> bool:
    """Whether there is work in spite of open questions: an effect's, a rule's, or in assisted driving a client's.

    A word to a subtask is none: it is passed on while the task waits, and nothing follows from it here.
    """
    if any(o.ready and not isinstance(o.request, SubtaskNewsRequested) for o in state.open.values()):
        return True
    return _work(replace(state, driver="conductor"), now) is not None


def _block(state: TaskState, now: str) -> Body | None:
    """Wait for a rate limit to pass, for a person, here or at subtasks, only when nothing else can go on."""
    waiting_below, deferred = subtasks.waiting(state), _deferred(state)
    if not (state.questions or waiting_below or deferred) or _goes_on(state, now):
        return None
    if deferred:
        return TaskRateLimited(min(deferred))
    if not state.questions:
        return TaskSubtasksAwaited(tuple(subtask.id for subtask in waiting_below))
    kinds = {a.question.kind for a in state.questions.values()}
    if kinds == {"budget"}:
        return TaskBudgetExhausted(", ".join(state.questions))
    waiting = TaskApprovalAwaited if kinds <= APPROVALS else TaskBlocked
    return waiting(tuple(state.questions))


def _exhausted(state: TaskState) -> Body | None:
    """An agent whose allowance ran out waits between two turns until a person has granted more."""
    for effect, held in state.open.items():
        if held.exhausted and not held.stuck:
            text = (
                f"{effect} has used up what it was allowed: {', '.join(held.exhausted)}. Extend it by its own amount?"
            )
            return ask(state, "budget", text, held.request.phase, held.request.module)
    return None


def _neared(state: TaskState) -> Body | None:
    current = state.current()
    found = budget.neared(state, current.number if current else None)
    return BudgetWarned(*found) if found else None


def _deferred(state: TaskState) -> list[str]:
    return [o.deferred for o in state.open.values() if o.deferred]


def _broken_effect(state: TaskState) -> Body | None:
    """An effect that broke too often, or for good, is a person's matter; trying on would only repeat it."""
    if state.status not in (*ACTIVE, *WAITING, "rolling_back"):
        return None
    for effect, held in state.open.items():
        if held.given_up(state.settings.effect_tries):
            broke = "cannot go on" if held.rejected else f"broke {held.failures} times"
            return ask(state, "effect", about(f"{effect} {broke}", held.error), held.request.phase, held.request.module)
    return None


def _validate(state: TaskState) -> Body | None:
    if busy(state, None, None) or state.questions:
        return None
    if state.whole_accepted or state.sealed:
        return _finish(state)
    match examine(state, None, None, checks.of_whole(state)):
        case Standing.PROVEN:
            return _finish(state)
        case Standing.UNAVAILABLE:
            return unjudged(state, None, None)
        case Standing.FAILING:
            step = fix(state, None, None)
            if isinstance(step, Body):
                return step
            return None if step is Standing.BUSY else _failed_validation(state)
        case Standing.BUSY:
            return None
        case request:
            return request


def _failed_validation(state: TaskState) -> Body:
    points = ", ".join(f"{c.number} (phase {c.phase})" if c.phase else str(c.number) for c in state.checkpoints)
    then = f"Nothing was rolled back; `conduct rollback` can return to checkpoint {points}."
    return ask(state, "validation", about("The final validation failed", items(reasons(state.whole)), then))


def _finish(state: TaskState) -> Body | None:
    if state.open or state.questions:
        return None
    if not state.documented:
        return DocumentsRequested(effect=f"all:-:documents:{state.version}")
    if not state.sealed:
        return CheckpointRequested(
            effect=f"all:-:checkpoint:{state.version}",
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


def _roll_back(state: TaskState) -> Body | None:
    if state.rollback_to is None:
        return None
    point = next(c for c in state.checkpoints if c.number == state.rollback_to)
    return RollbackRequested(
        effect=f"all:-:rollback:{state.version}", checkpoint=point.number, commit=point.commit, reason=state.hint
    )


def _deliver(state: TaskState) -> Body | None:
    if not state.deliver or state.open or state.base_branch is None or state.status not in DONE:
        return None
    return DeliveryRequested(effect=f"all:-:delivery:{state.version}", commit=state.head, into=state.base_branch)
