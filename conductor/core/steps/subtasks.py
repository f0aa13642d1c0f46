"""How the subplans of a decomposed plan, and the subtasks that build them, change their parent's state."""

from __future__ import annotations

from conductor.core.state import (
    Open,
    PhaseState,
    Subtask,
    TargetState,
    TaskState,
    close,
    put_module,
    put_open,
    put_phase,
    received_key,
    replace,
)
from conductor.core.steps.corrections import next_id
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import latest
from conductor.events import (
    Amendment,
    Body,
    Question,
    QuestionAnswered,
    SubtaskAmended,
    SubtaskChanged,
    SubtaskEnded,
    SubtaskRequested,
    SubtaskTold,
    SubtaskWaits,
    TaskDecomposed,
)


def _decomposed(state: TaskState, fact: Fact, body: TaskDecomposed) -> TaskState:
    """From here on the task's own plan is to merge the subplans."""
    phases = {p.number: state.phases.get(p.number) or PhaseState(p.number) for p in body.plan.phases}
    return replace(state, plan=body.plan, subplans=body.parts, phases=phases)


def _requested(state: TaskState, fact: Fact, body: SubtaskRequested) -> TaskState:
    state = put_open(state, Open(body, fact.version))
    assert body.phase is not None and body.module is not None
    # A new subtask starts with all amendments so far; for one that continues, the count stays as it was.
    sent = {body.subtask: len(state.amendments), **state.sent_amendments}
    state = replace(state, sent_amendments=sent)
    return put_module(state, body.phase, body.module, subtask=Subtask(body.subtask))


def _ended(state: TaskState, fact: Fact, body: SubtaskEnded) -> TaskState:
    request = state.open[body.effect].request
    assert isinstance(request, SubtaskRequested) and request.phase is not None and request.module is not None
    subtask = Subtask(
        body.subtask,
        body.status,
        waived=body.waived,
        failing=body.failing,
        unproven=body.unproven,
        files=body.files,
    )
    target = TargetState()
    if body.status != "abandoned":
        target = TargetState(request.branch, start=request.base, commit=body.commit, tree=body.tree, verdict="PASS")
    state = put_module(close(state, body.effect), request.phase, request.module, subtask=subtask, target=target)
    for amendment in body.amendments:
        state = _receive(state, request.module, body.subtask, amendment)
    gotchas = tuple(f.title for f in body.findings if f.kind == "gotcha")
    return put_phase(state, latest(state.phases[request.phase], body.files_created, gotchas))


def _amended(state: TaskState, fact: Fact, body: SubtaskAmended) -> TaskState:
    return _receive(state, body.module, body.subtask, body.amendment)


def _receive(state: TaskState, subplan: str, subtask: str, amendment: Amendment) -> TaskState:
    """An amendment that a person approved in a subtask becomes part of the parent's specification, once."""
    key = received_key(subtask, amendment)
    if key in state.received_amendments:
        return state
    here = replace(
        amendment, id=next_id(state), approved_by=f"{subplan} {amendment.approved_by}", phase=None, module=None
    )
    return replace(
        state, to_amend=(*state.to_amend, here), received_amendments={**state.received_amendments, key: here.id}
    )


def _told(state: TaskState, fact: Fact, body: SubtaskTold) -> TaskState:
    place = next(n for n, amendment in enumerate(state.amendments, 1) if amendment.id == body.amendment)
    return replace(close(state, body.effect), sent_amendments={**state.sent_amendments, body.subtask: place})


def _waits(state: TaskState, fact: Fact, body: SubtaskWaits) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None and request.module is not None
    subtask = Subtask(body.subtask, body.status, body.questions)
    return put_module(close(state, body.effect), request.phase, request.module, subtask=subtask)


def _changed(state: TaskState, fact: Fact, body: SubtaskChanged) -> TaskState:
    """The subtask will be requested again; the effect finds out how far it is."""
    for phase in state.phases.values():
        for name, part in phase.modules.items():
            if part.subtask.id == body.subtask and not part.target.commit:
                state = put_module(state, phase.number, name, subtask=Subtask(body.subtask))
    return state


def answered(state: TaskState, question: Question, body: QuestionAnswered) -> TaskState:
    """An abandoned subtask: another one replaces it, or the rest continues without it."""
    assert question.phase is not None and question.module is not None
    name = question.module
    if body.choice == "retry":
        state = replace(state, restarts={**state.restarts, name: state.restarts.get(name, 0) + 1})
        return put_module(state, question.phase, name, subtask=Subtask())
    skipped = replace(state.phases[question.phase].modules[name].subtask, skipped=True)
    return put_module(state, question.phase, name, subtask=skipped)


STEPS: dict[type[Body], Step] = {
    TaskDecomposed: _decomposed,
    SubtaskRequested: _requested,
    SubtaskEnded: _ended,
    SubtaskWaits: _waits,
    SubtaskChanged: _changed,
    SubtaskAmended: _amended,
    SubtaskTold: _told,
}
