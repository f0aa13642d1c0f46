"""A run's narration: one line for each step that matters, from the events themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.state import TaskState
from conductor.core.targets import direct
from conductor.doors.cli.render.cells import shorten
from conductor.doors.cli.render.output import Output, command, count, safe
from conductor.doors.cli.render.story import Story
from conductor.doors.cli.render.times import moment
from conductor.envelope import Recorded
from conductor.events import (
    AgentReported,
    AgentRequested,
    BudgetWarned,
    CheckObserved,
    CheckpointCreated,
    ChecksRequested,
    ContextClearSuggested,
    CorrectionAccepted,
    CorrectionRefused,
    DeliveryCompleted,
    DeliveryRefused,
    DocumentsWritten,
    EffectDeferred,
    EffectFailed,
    EvidenceObserved,
    MergeCompleted,
    MergeConflicted,
    PhaseAccepted,
    PhaseFailed,
    PhaseFixStarted,
    PhaseReopened,
    PhaseRetried,
    PhaseRolledBack,
    PhaseSkipped,
    PhaseStarted,
    PhaseValidationStarted,
    QuestionAsked,
    Request,
    SpecAmended,
    SubtaskEnded,
    SubtaskRequested,
    SubtaskTold,
    SubtaskWaits,
    TaskDecomposed,
    TaskPaused,
    TaskRolledBack,
    TaskValidationStarted,
)
from conductor.ids import EffectId

_PLAIN = re.compile(r"[\w:.-]{1,80}", re.ASCII)
TEASER = 60  # columns shown of a question, which is printed in full at the end


class Narrator:
    """Turns (event, state before, state after) into lines; gathers the checks of one target on one line."""

    def __init__(self, output: Output) -> None:
        self._out = output
        self._story = Story(output)
        self._requested: dict[str, str] = {}  # effect -> time it was requested
        self._checks: dict[str, list[tuple[str, str]]] = {}

    def __call__(self, event: Recorded, before: TaskState, after: TaskState) -> None:
        body = event.body
        if isinstance(body, Request):
            self._requested[body.effect] = event.envelope.time
        tell = TELL.get(type(body))
        if tell is not None:
            tell(self, event, body, before, after)
        for moved in getattr(body, "set_aside", ()):
            self._story.line("", f"moved aside: {safe(str(moved))}")

    def where(self, effect: EffectId, state: TaskState) -> str:
        """The module, or the tree, that an open effect is about."""
        request = state.open[effect].request
        if request.phase is None:
            return "whole"
        if request.module is not None and not direct(state.planned(request.phase)):
            return request.module
        return f"phase {request.phase}"

    def took(self, effect: str, event: Recorded) -> str:
        start = self._requested.pop(effect, "")
        if not start:
            return ""
        seconds = (datetime.fromisoformat(event.envelope.time) - datetime.fromisoformat(start)).total_seconds()
        return self._out.paint(f"{seconds:.1f} s", "dim")

    # ---- one method an event type --------------------------------------------------------------------------------

    def phase_started(self, event: Recorded, body: PhaseStarted, before: TaskState, after: TaskState) -> None:
        plan = after.planned(body.phase)
        place = after.plan.phases.index(plan) + 1
        self._out.text()
        self._out.title(f"Phase {body.phase}: {plan.name}", f"({place} of {len(after.plan.phases)})")
        together, then = (" ∥ ", " → ") if self._out.unicode else (" || ", " -> ")
        waves = then.join(together.join(wave) for wave in plan.waves())
        self._story.line("modules" if len(plan.modules) > 1 else "module", safe(waves))

    def agent_requested(self, event: Recorded, body: AgentRequested, before: TaskState, after: TaskState) -> None:
        attempt = f", attempt {body.attempt}" if body.attempt > 1 else ""
        self._story.line(self.where(body.effect, after), f"{body.role} ({after.agent}{attempt}) at work")
        for reason in body.because:
            self._story.said("", self._out.paint("because", "dim"), reason, "dim")

    def agent_reported(self, event: Recorded, body: AgentReported, before: TaskState, after: TaskState) -> None:
        colour = "green" if body.verdict == "PASS" else "red"
        says = f"{body.role} says {self._out.paint(body.verdict, colour)}"
        files = f", {count(len(body.files), 'file')} changed" if body.files else ""
        self._story.line(self.where(body.effect, before), f"{says}{files}  {self.took(body.effect, event)}")
        if body.summary:
            agent = f" {body.effect} --full" if _PLAIN.fullmatch(body.effect) else ""  # otherwise the list has it
            self._story.quote(body.summary, "dim", command(f"transcript {after.id}{agent}"))
        for point in body.blocking:
            self._story.said("", "blocking", point)

    def check(self, event: Recorded, body: CheckObserved, before: TaskState, after: TaskState) -> None:
        good = {"passed": True, "not_applicable": None, "unfinished": None}.get(body.status, False)
        row = self._checks.setdefault(body.effect, [])
        row.append((self._out.mark(good), body.kind))
        if good is False or body.status == "unfinished":
            lead = f"{self._out.mark(good)} {safe(body.key)}"
            said = f"did not finish, {body.summary}" if body.status == "unfinished" else body.summary
            self._story.said(self.where(body.effect, before), lead, said)
        if body.effect not in after.open:
            done = " ".join(_gathered(self._checks.pop(body.effect)))
            self._story.line(self.where(body.effect, before), f"checked: {done}  {self.took(body.effect, event)}")

    def again(self, event: Recorded, body: ChecksRequested, before: TaskState, after: TaskState) -> None:
        if body.again:
            keys = ", ".join(c.key for c in body.checks)
            self._story.line(self.where(body.effect, after), self._out.paint(f"again: {safe(keys)}", "yellow"))

    def merged(self, event: Recorded, body: MergeCompleted, before: TaskState, after: TaskState) -> None:
        self._story.line(self.where(body.effect, before), f"merged ({body.how})  {self.took(body.effect, event)}")

    def conflicted(self, event: Recorded, body: MergeConflicted, before: TaskState, after: TaskState) -> None:
        files = safe(", ".join(body.files))
        self._story.line(self.where(body.effect, before), self._out.paint(f"conflict in {files}", "yellow"))

    def validation(self, event: Recorded, body: Any, before: TaskState, after: TaskState) -> None:
        if isinstance(body, TaskValidationStarted):
            self._out.text()
            self._out.text(self._out.paint("Final validation", "bold"))

    def fix(self, event: Recorded, body: PhaseFixStarted, before: TaskState, after: TaskState) -> None:
        tries = after.settings.fix_tries
        self._story.line(f"phase {body.phase}", self._out.paint(f"fix {body.attempt} of {tries}", "yellow"))

    def checkpoint(self, event: Recorded, body: CheckpointCreated, before: TaskState, after: TaskState) -> None:
        self._story.line("checkpoint", f"{body.number}  {body.commit[:10]}  {self.took(body.effect, event)}")

    def documents(self, event: Recorded, body: DocumentsWritten, before: TaskState, after: TaskState) -> None:
        for path in body.edited:
            text = f"{safe(path)} was edited by hand: left as it is, the generated text is in a file beside it"
            self._story.line("documents", self._out.paint(text, "yellow"))

    def failed(self, event: Recorded, body: PhaseFailed, before: TaskState, after: TaskState) -> None:
        self._story.said(f"phase {body.phase}", self._out.paint("failed", "red"), body.reason, "red")

    def rolled_back(self, event: Recorded, body: Any, before: TaskState, after: TaskState) -> None:
        self._story.line("rolled back", f"to checkpoint {body.checkpoint}  {body.commit[:10]}")
        rescue = getattr(body, "rescue", "")
        for ref in ((rescue,) if rescue else ()) + body.rescued:
            self._story.line("", f"kept: {ref}")

    def broke(self, event: Recorded, body: EffectFailed, before: TaskState, after: TaskState) -> None:
        self._story.said(self.where(body.effect, before), self._out.paint("broke", "red"), body.error, "red")

    def correction(self, event: Recorded, body: Any, before: TaskState, after: TaskState) -> None:
        accepted = isinstance(body, CorrectionAccepted)
        what = "accepted" if accepted else f"refused ({safe(body.reason)})"
        self._story.said("spec correction", what, body.correction.reality)

    def decomposed(self, event: Recorded, body: TaskDecomposed, before: TaskState, after: TaskState) -> None:
        self._story.line("plan", f"too large for one task: decomposed into {count(len(body.parts), 'subtask')}")

    def subtask(self, event: Recorded, body: Any, before: TaskState, after: TaskState) -> None:
        match body:
            case SubtaskRequested():
                known = before.phases[body.phase or ""].modules[body.module or ""].subtask.id
                self._story.line(
                    "subtask",
                    f"{body.subtask} {'continues' if known == body.subtask else 'starts'}: {safe(body.module or '')}",
                )
            case SubtaskWaits():
                said = f"{body.subtask} is waiting for a person ({count(len(body.questions), 'question')})"
                self._story.line("subtask", self._out.paint(said, "yellow") + f"  {self.took(body.effect, event)}")
            case SubtaskEnded():
                colour = "green" if body.status == "completed" else "yellow"
                how = self._out.paint(body.status.replace("_", " "), colour)
                self._story.line("subtask", f"{body.subtask} is {how}  {self.took(body.effect, event)}")

            case SubtaskTold(version=version) if version:
                self._story.line("subtask", f"{body.subtask} receives {body.amendment}")

    def plain(self, event: Recorded, body: Any, before: TaskState, after: TaskState) -> None:
        match body:
            case PhaseSkipped():
                self._story.said(f"phase {body.phase}", "skipped", body.reason)
            case PhaseRetried():
                if body.hint:
                    self._story.said(f"phase {body.phase}", "starts over", body.hint)
                else:
                    self._story.line(f"phase {body.phase}", "starts over")
            case PhaseAccepted():
                self._story.line(f"phase {body.phase}", "accepted by a person as it is")
            case ContextClearSuggested():
                done = sum(1 for p in after.phases.values() if p.status in PHASE_DONE)
                self._story.line("suggestion", f"{done} phases are done: a good moment to clear the context")
            case DeliveryCompleted():
                self._story.line("merged", f"into {safe(body.into)}  {body.commit[:10]}")
            case DeliveryRefused():
                self._story.said("not merged", self._out.paint("because", "yellow"), body.reason, "yellow")
            case QuestionAsked():
                asked = f"{body.question.id}: {shorten(safe(_teaser(body.question.text)), TEASER)}"
                self._story.line("question", self._out.paint(asked, "yellow"))
            case PhaseReopened():
                self._story.line(f"phase {body.phase}", "to be built again: its section of the specification changed")
            case SpecAmended():
                self._story.said("spec amended", body.amendment.id, body.amendment.new)
            case EvidenceObserved():
                self._story.said("evidence", body.status, body.summary)
            case TaskPaused():
                self._story.line("paused", safe(body.reason))
            case EffectDeferred():
                said = f"waits until {moment(body.until)} ({body.kind.replace('_', ' ')})"
                self._story.line(self.where(body.effect, before), self._out.paint(said, "yellow"))
            case BudgetWarned():
                said = f"{body.scope}: {body.used:g} of {body.limit:g} {body.what} used"
                self._story.line("budget", self._out.paint(safe(said), "yellow"))


def _gathered(checks: list[tuple[str, str]]) -> list[str]:
    """`✓ files`, `✓ tests x3`: checks of one kind and one outcome are counted together."""
    counts: dict[tuple[str, str], int] = {}
    for check in checks:
        counts[check] = counts.get(check, 0) + 1
    return [f"{mark} {kind}" + (f" x{n}" if n > 1 else "") for (mark, kind), n in counts.items()]


def _teaser(text: str) -> str:
    """A question's first line, and the next one if it ends with a colon."""
    first, *more = text.split("\n")
    return f"{first} {more[0]}" if more and first.endswith(":") else first


TELL: dict[type, Callable[..., None]] = {
    PhaseStarted: Narrator.phase_started,
    AgentRequested: Narrator.agent_requested,
    AgentReported: Narrator.agent_reported,
    CheckObserved: Narrator.check,
    ChecksRequested: Narrator.again,
    MergeCompleted: Narrator.merged,
    MergeConflicted: Narrator.conflicted,
    PhaseValidationStarted: Narrator.validation,
    TaskValidationStarted: Narrator.validation,
    PhaseFixStarted: Narrator.fix,
    CheckpointCreated: Narrator.checkpoint,
    DocumentsWritten: Narrator.documents,
    PhaseFailed: Narrator.failed,
    PhaseRolledBack: Narrator.rolled_back,
    TaskRolledBack: Narrator.rolled_back,
    EffectFailed: Narrator.broke,
    TaskDecomposed: Narrator.decomposed,
    SubtaskRequested: Narrator.subtask,
    SubtaskWaits: Narrator.subtask,
    SubtaskEnded: Narrator.subtask,
    SubtaskTold: Narrator.subtask,
    CorrectionAccepted: Narrator.correction,
    CorrectionRefused: Narrator.correction,
    **dict.fromkeys(
        (
            PhaseSkipped,
            PhaseRetried,
            PhaseAccepted,
            ContextClearSuggested,
            DeliveryCompleted,
            DeliveryRefused,
            QuestionAsked,
            PhaseReopened,
            SpecAmended,
            EvidenceObserved,
            TaskPaused,
            EffectDeferred,
            BudgetWarned,
        ),
        Narrator.plain,
    ),
}
