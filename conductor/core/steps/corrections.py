"""How rulings on corrections, and answers to what was unclear, change a task's state."""

from __future__ import annotations

from conductor.core.state import Ruling, TargetState, TaskState, replace
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import on_target
from conductor.events import (
    Amendment,
    AmendmentReceived,
    Body,
    CorrectionAccepted,
    CorrectionRefused,
    Question,
    QuestionAnswered,
    SpecAmended,
    Target,
)


def clarified(state: TaskState, fact: Fact, question: Question, body: QuestionAnswered) -> TaskState:
    """An answer sends an agent back to work; `proceed` does so only if the agent had stopped."""
    answer = body.hint or "a person leaves it to you: take the plainest reading and go on"
    building = question.phase is not None and state.phases[question.phase].status == "building"

    def again(held: TargetState) -> TargetState:
        held = replace(held, hint=answer)
        if body.choice == "proceed" and held.verdict == "PASS":
            return held
        if building:
            return replace(held, verdict="")  # its first agent starts again, on what is there
        return replace(held, overruled=(*held.overruled, f"a person's answer is to be followed: {answer}"))

    ruling = Ruling(
        fact.version, f"{question.text} Answer: {answer}", question.phase, question.module, question.affects
    )
    state = replace(state, rulings=(*state.rulings, ruling))
    return on_target(state, question.target, again)


def _accepted(state: TaskState, fact: Fact, body: CorrectionAccepted) -> TaskState:
    """What a person approved becomes part of the specification; a minor fact is passed to the agents it affects."""
    correction = body.correction
    state = replace(state, unjudged=state.unjudged[1:])
    if body.approved_by and correction.impact == "core":
        amendment = Amendment(
            id=next_id(state),
            old=correction.original,
            new=correction.reality,
            approved_by=body.approved_by,
            about=correction.about,
            affects=correction.affects,
            phase=body.phase,
            module=body.module,
        )
        return replace(state, to_amend=(*state.to_amend, amendment))
    text = f"The specification says: {correction.original} So it is: {correction.reality}"
    ruling = Ruling(fact.version, text, body.phase, body.module, correction.affects)
    return replace(state, rulings=(*state.rulings, ruling))


def _refused(state: TaskState, fact: Fact, body: CorrectionRefused) -> TaskState:
    """The specification stands; what was already built against it has to be undone."""
    correction = body.correction
    text = f"The specification stands: {correction.original} Not: {correction.reality} ({body.reason})"
    ruling = Ruling(fact.version, text, body.phase, body.module, correction.affects)
    state = replace(state, unjudged=state.unjudged[1:], rulings=(*state.rulings, ruling))
    if not correction.applied:
        return state
    return on_target(
        state,
        Target(body.phase, body.module),
        lambda t: replace(t, overruled=(*t.overruled, f"{text} Undo: {correction.action}")),
    )


def next_id(state: TaskState) -> str:
    """The id of the next amendment."""
    return f"a{len(state.amendments) + len(state.to_amend) + 1}"


def amended(state: TaskState, version: int, amendment: Amendment) -> TaskState:
    """From here on the specification reads like this, for every agent."""
    text = f"The specification was amended ({amendment.id}). It said: {amendment.old} It says now: {amendment.new}"
    ruling = Ruling(version, text, amendment.phase, amendment.module, amendment.affects, amended=True)
    return replace(state, amendments=(*state.amendments, amendment), rulings=(*state.rulings, ruling))


def _amended(state: TaskState, fact: Fact, body: SpecAmended) -> TaskState:
    return amended(replace(state, to_amend=state.to_amend[1:]), fact.version, body.amendment)


def _received(state: TaskState, fact: Fact, body: AmendmentReceived) -> TaskState:
    """As if it had been approved here, but without a phase and module of this task."""
    here = replace(body.amendment, id=next_id(state), phase=None, module=None)
    return amended(state, fact.version, here)


STEPS: dict[type[Body], Step] = {
    CorrectionAccepted: _accepted,
    CorrectionRefused: _refused,
    SpecAmended: _amended,
    AmendmentReceived: _received,
}
