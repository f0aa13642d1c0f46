"""The projection of what was learned: findings, rulings, waivers, rollbacks, and the current work.

Nothing learned is ever dropped: what comes from work that was rolled back is kept, marked as abandoned. `ranking`
decides which document gets what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from conductor.envelope import Recorded
from conductor.events import (
    AgentReported,
    AgentRequested,
    Amendment,
    Body,
    CheckpointCreated,
    CheckpointRequested,
    CollectCompleted,
    CollectRequested,
    CorrectionAccepted,
    CorrectionRefused,
    DocumentsRequested,
    Finding,
    FindingReported,
    MergeCompleted,
    PhaseAccepted,
    PhaseRetried,
    PhaseRolledBack,
    PhaseSkipped,
    PhaseStarted,
    PhaseWaived,
    PlanAdopted,
    QuestionAnswered,
    QuestionAsked,
    RollbackRequested,
    SpecAmended,
    SubtaskAmended,
    SubtaskEnded,
    SubtaskRequested,
    TaskCompletedWithWaivers,
    TaskCreated,
    TaskRolledBack,
    WorkReported,
)
from projections.documents import interfaces, rulings
from projections.documents.entries import add, details, mark
from projections.documents.findings import FINAL, FINDING_KINDS, ROLLBACK, WAIVER, Entry, Findings, Source, Work

replace = msgspec.structs.replace


class Documents:
    name, version, view = "documents", 3, Findings

    def start(self, task: str) -> Findings:
        return Findings(task=task)

    def fold(self, view: Findings, event: Recorded) -> Findings:
        step = STEPS.get(type(event.body))
        if step is None:
            return view
        view, effect = step(view, event.version, event.body), event.envelope.correlation
        return mark(view, lambda s: s.version == event.version and not s.effect, effect=effect) if effect else view


# ---- what agents and people say --------------------------------------------------------------------------------------


def _reported(view: Findings, version: int, body: AgentReported) -> Findings:
    asked = view.asked.get(body.effect, Source(0, FINAL))
    view = _left(_closed(view, body.effect), asked, body.files, body.summary)
    source = replace(asked, version=version)
    view = rulings.proposed(view, body.corrections, replace(source, effect=body.effect))
    return _found(view, body.findings, source)


def _work_reported(view: Findings, version: int, body: WorkReported) -> Findings:
    source = Source(version, body.phase or FINAL, body.module or "")
    view = _left(view, source, (), body.summary)
    return _found(rulings.proposed(view, body.corrections, source), body.findings, source)


def _collected(view: Findings, version: int, body: CollectCompleted) -> Findings:
    asked = view.asked.get(body.effect, Source(0, FINAL))
    return _left(_closed(view, body.effect), asked, body.files, "")


def _subtask(view: Findings, version: int, body: SubtaskEnded) -> Findings:
    """What was learned in a subtask, which does not write documents itself."""
    asked = view.asked.get(body.effect, Source(0, FINAL))
    view, source = _left(_closed(view, body.effect), asked, body.files, ""), replace(asked, version=version)
    questions = {a.old: _asked_below(source.module, a) for a in body.amendments}
    for correction in body.corrections:
        by = questions.get(correction.original, "")
        if not (by and rulings.known(view, correction, by)):
            view = rulings.accepted(view, version, CorrectionAccepted(correction, source.phase, source.module, by))
    return _found(view, body.findings, source)


def _amended_below(view: Findings, version: int, body: SubtaskAmended) -> Findings:
    """Known before the subtask ends; its end will repeat it, which adds nothing."""
    by = _asked_below(body.module, body.amendment)
    return rulings.accepted(view, version, CorrectionAccepted(body.correction, body.phase, body.module, by))


def _asked_below(part: str, amendment: Amendment) -> str:
    """A subtask's question, with the id that its parent uses."""
    return f"{part} {amendment.approved_by}"


def _told(view: Findings, version: int, body: FindingReported) -> Findings:
    return _found(view, (body.finding,), Source(version, body.phase or ""))


def _found(view: Findings, findings: Iterable[Finding], source: Source) -> Findings:
    for finding in findings:
        kind = finding.kind if finding.kind in FINDING_KINDS else FINDING_KINDS[0]
        said = details(Evidence=finding.evidence)
        view = add(view, Entry(kind, finding.title, (replace(source, claim=finding.weight),), finding.text, said))
    return view


def _left(view: Findings, asked: Source, files: tuple[str, ...], says: str) -> Findings:
    """An agent's files are added to those of earlier agents; an empty summary does not replace an earlier one."""
    phase = asked.phase or FINAL
    known = next((w for w in view.work if (w.phase, w.module) == (phase, asked.module)), Work(phase, asked.module))
    work = replace(known, files=tuple(dict.fromkeys((*known.files, *files))), says=says or known.says)
    return replace(view, work=(*(w for w in view.work if w is not known), work))


# ---- waivers and rollbacks ---------------------------------------------------------------------------------------


def _waived(view: Findings, version: int, body: PhaseWaived) -> Findings:
    entry = Entry(WAIVER, f"Phase {body.phase} was accepted though it failed", (Source(version, body.phase),))
    return add(view, replace(entry, details=details(Reason=body.reason)))


def _skipped(view: Findings, version: int, body: PhaseSkipped) -> Findings:
    if body.phase not in view.began:  # it was done before the task started
        return view
    entry = Entry(WAIVER, f"Phase {body.phase} was skipped", (Source(version, body.phase),))
    return add(view, replace(entry, details=details(Reason=body.reason)))


def _completed(view: Findings, version: int, body: TaskCompletedWithWaivers) -> Findings:
    if FINAL not in body.waived:
        return view
    return add(view, Entry(WAIVER, "The final validation was accepted though it failed", (Source(version, FINAL),)))


def _phase_rolled_back(view: Findings, version: int, body: PhaseRolledBack) -> Findings:
    began = view.began.get(body.phase, 0)
    view = _abandon(view, version, lambda s: s.phase == body.phase and s.version >= began)
    view = replace(view, work=tuple(w for w in view.work if w.phase != body.phase))
    view = interfaces.rolled_back(view, version, body)
    title = f"Phase {body.phase} was rolled back to checkpoint {body.checkpoint}"
    return _rolled_back(view, version, body.effect, title, tuple(filter(None, (body.rescue, *body.rescued))))


def _task_rolled_back(view: Findings, version: int, body: TaskRolledBack) -> Findings:
    kept = {phase: number for phase, number in view.checkpoints.items() if number <= body.checkpoint}
    view = _abandon(view, version, lambda s: bool(s.phase) and s.phase not in kept)
    title = f"The task was rolled back to checkpoint {body.checkpoint}"
    work = tuple(w for w in view.work if w.phase in kept)
    view = interfaces.rolled_back(view, version, body)
    view = replace(view, checkpoints=kept, work=work, asked={}, proposed=(), completing=False)
    return _rolled_back(view, version, body.effect, title, body.rescued)


def _abandon(view: Findings, version: int, undone: Callable[[Source], bool]) -> Findings:
    return mark(view, lambda s: undone(s) and not s.abandoned, abandoned=version)


def _restored(view: Findings, version: int, body: PhaseAccepted) -> Findings:
    """A person accepts the failed work as it is: what was learned from it counts again."""
    latest = max((s.abandoned for e in view.entries for s in e.sources if s.phase == body.phase), default=0)
    return mark(view, lambda s: s.phase == body.phase and s.abandoned == latest, abandoned=0)


def _rolled_back(view: Findings, version: int, effect: str, title: str, refs: tuple[str, ...]) -> Findings:
    said = details(Reason=view.reasons.get(effect, ""), **{"Kept under": ", ".join(refs)})
    view = replace(view, reasons={k: v for k, v in view.reasons.items() if k != effect})
    return add(view, Entry(ROLLBACK, title, (Source(version),), details=said))


# ---- what the fold has to remember -------------------------------------------------------------------------------


def _created(view: Findings, version: int, body: TaskCreated) -> Findings:
    return replace(view, title=body.title, spec=body.spec)


def _asked(view: Findings, version: int, body: AgentRequested | CollectRequested | SubtaskRequested) -> Findings:
    source = Source(0, body.phase or FINAL, body.module or "")
    return replace(view, asked={**view.asked, body.effect: source})


def _rollback(view: Findings, version: int, body: RollbackRequested) -> Findings:
    return replace(view, reasons={**view.reasons, body.effect: body.reason})


def _closed(view: Findings, effect: str) -> Findings:
    return replace(view, asked={k: v for k, v in view.asked.items() if k != effect})


def _began(view: Findings, version: int, body: PhaseStarted | PhaseRetried) -> Findings:
    return replace(view, began={**view.began, body.phase: version})


def _documents(view: Findings, version: int, body: DocumentsRequested) -> Findings:
    return replace(view, completing=body.phase is None)


def _goes_on(view: Findings, version: int, body: PlanAdopted) -> Findings:
    return replace(view, completing=False)


def _checkpoint(view: Findings, version: int, body: CheckpointRequested) -> Findings:
    return replace(view, checkpoints={**view.checkpoints, body.phase or FINAL: body.number})


STEPS: dict[type[Body], Callable[[Findings, int, Any], Findings]] = {
    TaskCreated: _created,
    AgentRequested: _asked,
    AgentReported: _reported,
    SubtaskRequested: _asked,
    SubtaskEnded: _subtask,
    SubtaskAmended: _amended_below,
    CollectRequested: _asked,
    CollectCompleted: _collected,
    WorkReported: _work_reported,
    FindingReported: _told,
    CorrectionAccepted: rulings.accepted,
    CorrectionRefused: rulings.refused,
    SpecAmended: rulings.amended,
    QuestionAsked: rulings.asked,
    QuestionAnswered: rulings.answered,
    PhaseStarted: _began,
    PhaseRetried: _began,
    PhaseWaived: _waived,
    PhaseSkipped: _skipped,
    PhaseRolledBack: _phase_rolled_back,
    PhaseAccepted: _restored,
    DocumentsRequested: _documents,
    CheckpointRequested: _checkpoint,
    CheckpointCreated: interfaces.checkpointed,
    MergeCompleted: interfaces.merged,
    RollbackRequested: _rollback,
    TaskRolledBack: _task_rolled_back,
    PlanAdopted: _goes_on,
    TaskCompletedWithWaivers: _completed,
}
