"""Tools for what is learned and what is asked: findings, corrections, questions, answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Elicit, Resolve
from pydantic import BaseModel, Field, create_model

from conductor.core.decide import awaited, decide
from conductor.core.questions import KINDS
from conductor.core.state import Asked, TaskState
from conductor.decoding import prepared
from conductor.doors.mcp import calls, view
from conductor.doors.mcp.arguments import (
    LearnedNote,
    ModuleName,
    SpecificationError,
    TaskId,
    ToolContext,
    session,
)
from conductor.doors.mcp.guide import instruction
from conductor.doors.mcp.results import AnswerList, CorrectionRuling, FindingTaken, GivenAnswer, QuestionPut
from conductor.doors.mcp.rulings import awaits_evidence, ruled
from conductor.doors.mcp.texts import OUTPUT, cut
from conductor.doors.person import person
from conductor.errors import Refused, UsageError
from conductor.events import Correction, Finding, FindingReported, QuestionAnswered, QuestionAsked, WorkReported
from conductor.text import one_line


async def record_finding(
    ctx: ToolContext,
    task_id: TaskId,
    finding: Annotated[
        LearnedNote | None, Field(description="A discovery, gotcha, performance or security note.")
    ] = None,
    correction: Annotated[
        SpecificationError | None, Field(description="A statement of READY.md that is wrong. Give one of the two.")
    ] = None,
    phase: Annotated[str | None, Field(description="The phase's number that it is about.")] = None,
    module: ModuleName = None,
) -> FindingTaken:
    """Record something learned, or ask whether a correction of the specification would be allowed.

    A finding is recorded at once, and later agents read it. A correction is answered allow (build on it),
    block (follow the specification) or ask (the user decides); it is recorded with the report of the agent that found
    it, so pass it in `corrections` of agent_reported, too.
    """
    held = session(ctx)
    state = held.known(task_id)
    if (finding is None) == (correction is None):
        raise UsageError("exactly one of finding and correction is required", allowed="finding or correction")
    number = None
    if phase is not None and (meant := calls.phase_of(state, phase)):
        number = meant.number
    if correction is not None:
        ruling = _rehearsed(state, correction, number, module, calls.actor(ctx))
        return FindingTaken(**view.fields(state), recorded=False, ruling=ruling.ruling, reason=ruling.reason)
    assert finding is not None
    body = FindingReported(msgspec.convert(finding.model_dump(), prepared(Finding)), number)
    result = await held.submit(state.id, body, actor=calls.actor(ctx), request=calls.request_key(ctx))
    return FindingTaken(**view.fields(result.state, result.events), recorded=True, ruling="recorded", reason="")


async def get_answers(ctx: ToolContext, task_id: TaskId) -> AnswerList:
    """Get a task's open questions to the user, and the answers given so far."""
    state = session(ctx).known(task_id)
    asked, answered = {}, []
    for event in session(ctx).events(state.id):
        if isinstance(event.body, QuestionAsked):
            asked[event.body.question.id] = event.body.question.text
        elif isinstance(event.body, QuestionAnswered):
            body = event.body
            text = cut(asked.get(body.question, ""), OUTPUT, "get_events has it")
            by = event.envelope.actor
            answered.append(
                GivenAnswer(question_id=body.question, text=text, choice=body.choice, hint=body.hint, by=by)
            )
    return AnswerList(task_id=state.id, open=view.questions(state), answered=answered[-20:], next=instruction(state))


# ---- asking the user ---------------------------------------------------------------------------------------------


class UserAnswer(BaseModel):
    """What the user chose; `choice` "" where the client cannot ask."""

    choice: str = ""
    hint: str = ""


async def _put(ctx: ToolContext, task_id: str, question_id: str) -> UserAnswer | Elicit[BaseModel]:
    """The question as a form of the client's, where it has forms."""
    state = session(ctx).known(task_id)
    asked = _open(state, question_id)
    able = ctx.client_capabilities
    if able is None or able.elicitation is None:
        return UserAnswer()
    return Elicit(f"{state.title}\n\n{asked.question.text}", _form(asked))


async def ask_user(
    ctx: ToolContext,
    task_id: TaskId,
    question_id: Annotated[str, Field(description="From `questions`.")],
    answer: Annotated[ElicitationResult[BaseModel], Resolve(_put)],
) -> QuestionPut:
    """Put one of the task's open questions to the user, and record their answer. Never answer it yourself.

    If this client cannot show the question, `choice` is empty: show the user the question and the command that answers
    it in a terminal, wait until they have run it, then call next_step.
    """
    held = session(ctx)
    state = held.known(task_id)
    given = answer.data if isinstance(answer, AcceptedElicitation) else UserAnswer()
    choice, hint = str(getattr(given, "choice", "")), str(getattr(given, "hint", ""))
    if not choice:
        return QuestionPut(**view.fields(state), question_id=question_id, choice="", hint="")
    body = QuestionAnswered(question_id, choice, hint)
    result = await held.submit(state.id, body, actor=person(), request=calls.request_key(ctx))
    return QuestionPut(**view.fields(result.state, result.events), question_id=question_id, choice=choice, hint=hint)


def _open(state: TaskState, question: str) -> Asked:
    if question not in state.questions:
        there = ", ".join(state.questions) or "none"
        raise Refused(f"question {one_line(question, 60)!r} is not open in task {state.id}", allowed=f"open: {there}")
    return state.questions[question]


def _form(asked: Asked) -> type[BaseModel]:
    choices: Any = Literal.__getitem__(asked.question.choices)
    fields: dict[str, Any] = {"choice": (choices, Field(description="What should be done?"))}
    if KINDS[asked.question.kind].takes_hint:
        fields["hint"] = (str, Field(default="", description="A hint for the agents that continue."))
    return create_model("Answer", **fields)


# ---- corrections -------------------------------------------------------------------------------------------------


def _rehearsed(
    state: TaskState, correction: SpecificationError, phase: str | None, module: str | None, actor: str
) -> CorrectionRuling:
    """What the core would rule, if the agent that is at work there reported this now. Appends nothing."""
    due = [w for w in awaited(state) if phase in (None, w.phase) and module in (None, w.module)]
    if not due:
        raise calls.not_yet(state, "no agent is at work there that could report this correction")
    said = msgspec.convert(correction.model_dump(), prepared(Correction))
    work = due[0]
    body = WorkReported(work.role, work.phase, work.module, "NO_REPORT", corrections=(said,))
    bodies = decide(state, body, actor=actor, now=state.updated_at).bodies
    if found := ruled(bodies):
        return found[0]
    if awaits_evidence(bodies):
        reason = "Conductor checks the evidence once it is reported; if it holds, minor: allow, core: ask"
        return CorrectionRuling(original=correction.original, ruling="pending", reason=reason)
    reason = "another correction is ruled on first"
    return CorrectionRuling(original=correction.original, ruling="pending", reason=reason)
