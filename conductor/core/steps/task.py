"""How a task's own events change its state."""

from __future__ import annotations

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.state import Asked, PhaseState, TargetState, TaskState, close, put_open, put_phase, replace
from conductor.core.steps import subtasks
from conductor.core.steps.corrections import amended, clarified
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import on_target
from conductor.events import (
    OLDEST,
    AgentRequested,
    Body,
    ContextClearSuggested,
    DeliveryAsked,
    DeliveryCompleted,
    DeliveryRefused,
    DriverChanged,
    PlanAdopted,
    QuestionAnswered,
    QuestionAsked,
    RollbackAsked,
    TaskAbandoned,
    TaskCompleted,
    TaskCompletedWithWaivers,
    TaskCreated,
    TaskValidationStarted,
)
from conductor.plan.changes import compare
from conductor.plan.model import Plan


def _created(state: TaskState, fact: Fact, body: TaskCreated) -> TaskState:
    created = replace(
        state,
        title=body.title,
        plan=body.plan,
        settings=body.settings,
        driver=body.driver,
        agent=body.agent,
        agent_source=body.agent_source,
        repository=body.repository,
        spec=body.spec,
        spec_path=body.spec_path,
        base_commit=body.base_commit,
        base_branch=body.base_branch,
        branch=body.branch,
        created_at=fact.time,
        phases={p.number: PhaseState(p.number) for p in body.plan.phases},
        approved=body.approved,
        parent_task_id=body.parent_task_id,
        unapproved=_unapproved(body.plan, body.approved),
        origin=body.spec,
    )
    for amendment in body.amendments:
        created = amended(created, fact.version, amendment)
    return created


def _unapproved(plan: Plan, approved: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(c for c in plan.commands() if c not in approved)


def _adopted(state: TaskState, fact: Fact, body: PlanAdopted) -> TaskState:
    """Unchanged phases stay as they are; finished ones that changed are stale; the final validation comes again."""
    changes = compare(state.plan, body.plan)
    finished = [n for n in changes.changed if state.phases[n].status in PHASE_DONE]
    phases = {p.number: state.phases.get(p.number) or PhaseState(p.number) for p in body.plan.phases}
    return replace(
        state,
        plan=body.plan,
        spec=body.spec,
        phases=phases,
        stale=tuple(finished),
        unapproved=_unapproved(body.plan, state.approved),
        whole=TargetState(),
        whole_accepted=False,
        documented=False,
        final_checkpoint_made=False,
        deliver=False,
        delivered="",
        delivery_refused="",
    )


def _driver(state: TaskState, fact: Fact, body: DriverChanged) -> TaskState:
    """Open requests for agents are dropped, and with them the questions about them."""
    kept = {k: v for k, v in state.open.items() if not isinstance(v.request, AgentRequested)}
    questions = {k: v for k, v in state.questions.items() if not v.effect or v.effect in kept}
    return replace(state, driver=body.driver, open=kept, questions=questions)


def _asked(state: TaskState, fact: Fact, body: QuestionAsked) -> TaskState:
    question = body.question
    asked = Asked(question, body.effect)
    if body.effect in state.open:
        state = put_open(state, replace(state.open[body.effect], blocked_by=question.id))
    if body.correction:
        claim = next(c for c in state.unjudged if body.correction in (c.id, OLDEST))
        asked = replace(asked, correction=claim)
        state = replace(state, unjudged=tuple(c for c in state.unjudged if c is not claim))
    if question.kind == "escalation" and question.phase is not None:
        state = put_phase(state, replace(state.phases[question.phase], asked=True))
    return replace(state, questions={**state.questions, question.id: asked}, asked_count=state.asked_count + 1)


def _answered(state: TaskState, fact: Fact, body: QuestionAnswered) -> TaskState:
    """Store the answer where the next decision looks for it."""
    asked = state.questions[body.question]
    question = asked.question
    state = replace(state, questions={k: v for k, v in state.questions.items() if k != body.question})
    if body.choice == "abandon":
        return replace(state, abandon_asked=True)
    if question.kind == "effect" and asked.effect in state.open:
        return put_open(state, replace(state.open[asked.effect], blocked_by="", failures=0, rejected=False))
    if question.kind == "correction" and asked.correction is not None:
        ruled = replace(asked.correction, ruling=body.choice, ruled_by=question.id)
        return replace(state, unjudged=(*state.unjudged, ruled))
    if question.kind == "budget":
        if asked.effect not in state.open:
            return replace(state, extended=state.extended + 1)
        held = state.open[asked.effect]
        return put_open(state, replace(held, blocked_by="", exhausted=(), extended=held.extended + 1))
    if question.kind == "commands":
        return replace(state, approved=(*state.approved, *state.unapproved), unapproved=())
    if question.kind == "subtask":
        return subtasks.answered(state, question, body)
    if question.kind == "ambiguity":
        return clarified(state, fact, question, body)
    if question.kind == "escalation" and question.phase is not None:
        phase = replace(state.phases[question.phase], answer=body.choice, hint=body.hint)
        return put_phase(state, phase)
    if question.kind == "tool":

        def again(held: TargetState) -> TargetState:
            return replace(held, checks={}, review="", reviews_missing=0)

        return on_target(state, question.target, again)
    if question.kind == "check":

        def judged(held: TargetState) -> TargetState:
            failed = body.choice == "fail"
            seen = {k: replace(c, status="failed") if failed and c.unfinished else c for k, c in held.checks.items()}
            return replace(held, checks=seen, again=False, hint=body.hint or held.hint)

        return on_target(state, question.target, judged)
    if question.kind == "validation":
        if body.choice == "accept":
            return replace(state, whole_accepted=True)
        whole = replace(state.whole, fixes=0, checks={}, review="", blocking=(), reviews_missing=0)
        return replace(state, whole=whole, hint=body.hint)
    return state


def _validation(state: TaskState, fact: Fact, body: TaskValidationStarted) -> TaskState:
    whole = replace(
        state.whole, branch=state.branch, path=state.path, start=state.base_commit, commit=body.commit, tree=state.tree
    )
    if state.whole.commit != body.commit:
        whole = replace(whole, checks={}, review="", blocking=())
    return replace(state, whole=whole)


def _completed(state: TaskState, fact: Fact, body: TaskCompleted | TaskCompletedWithWaivers) -> TaskState:
    return replace(state, deliver=state.settings.merge)


def _abandoned(state: TaskState, fact: Fact, body: TaskAbandoned) -> TaskState:
    return replace(state, open={}, questions={}, unjudged=())


def _suggested(state: TaskState, fact: Fact, body: ContextClearSuggested) -> TaskState:
    done = sum(1 for p in state.phases.values() if p.status in PHASE_DONE)
    return replace(state, suggested=done)


def _rollback(state: TaskState, fact: Fact, body: RollbackAsked) -> TaskState:
    """All open requests are superseded; their late outcomes will be refused."""
    return replace(state, rollback_to=body.checkpoint, hint=body.reason, open={}, questions={}, unjudged=())


def _deliver(state: TaskState, fact: Fact, body: DeliveryAsked) -> TaskState:
    return replace(state, deliver=True, delivery_refused="")


def _delivered(state: TaskState, fact: Fact, body: DeliveryCompleted) -> TaskState:
    return replace(close(state, body.effect), delivered=body.commit, deliver=False)


def _undelivered(state: TaskState, fact: Fact, body: DeliveryRefused) -> TaskState:
    return replace(close(state, body.effect), delivery_refused=body.reason, deliver=False)


STEPS: dict[type[Body], Step] = {
    TaskCreated: _created,
    DriverChanged: _driver,
    PlanAdopted: _adopted,
    QuestionAsked: _asked,
    QuestionAnswered: _answered,
    TaskValidationStarted: _validation,
    TaskCompleted: _completed,
    TaskCompletedWithWaivers: _completed,
    TaskAbandoned: _abandoned,
    ContextClearSuggested: _suggested,
    RollbackAsked: _rollback,
    DeliveryAsked: _deliver,
    DeliveryCompleted: _delivered,
    DeliveryRefused: _undelivered,
}
