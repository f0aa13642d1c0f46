"""The projection of what was learned: findings, corrections, waivers, rollbacks. Nothing learned is ever dropped.

What comes from work that was rolled back stays, marked as abandoned. Entries that say the same are one, naming all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from conductor.envelope import Recorded
from conductor.events import (
    AgentReported,
    AgentRequested,
    Body,
    CheckpointRequested,
    Correction,
    CorrectionAccepted,
    CorrectionRefused,
    Finding,
    FindingReported,
    PhaseRetried,
    PhaseRolledBack,
    PhaseSkipped,
    PhaseStarted,
    PhaseWaived,
    RollbackRequested,
    TaskCompletedWithWaivers,
    TaskCreated,
    TaskRolledBack,
    WorkReported,
)
from projections.learned import CORRECTION, FINAL, FINDINGS, ROLLBACK, WAIVER, Entry, Learned, Source
from projections.render import render_documents
from projections.view import build

replace = msgspec.structs.replace


class Documents:
    name, version, view = "documents", 1, Learned

    def start(self, task: str) -> Learned:
        return Learned(task=task)

    def fold(self, view: Learned, event: Recorded) -> Learned:
        step = STEPS.get(type(event.body))
        if step is None:
            return view
        view = step(view, event.version, event.body)
        effect = event.envelope.correlation
        return _named(view, event.version, effect) if effect else view


def render_task(events: Iterable[Recorded]) -> dict[str, str]:
    """File name -> text of the documents that a task's events, from the first one on, add up to. Raises Unfoldable."""
    events = list(events)
    return render_documents(build(Documents(), events[0].envelope.task, events)) if events else {}


# ---- findings and corrections ------------------------------------------------------------------------------------


def _reported(view: Learned, version: int, body: AgentReported) -> Learned:
    phase = view.asked.get(body.effect, FINAL)
    return _found(_closed(view, body.effect), body.findings, Source(version, phase))


def _work_reported(view: Learned, version: int, body: WorkReported) -> Learned:
    return _found(view, body.findings, Source(version, body.phase or FINAL))


def _told(view: Learned, version: int, body: FindingReported) -> Learned:
    return _found(view, (body.finding,), Source(version, body.phase or ""))


def _found(view: Learned, findings: Iterable[Finding], source: Source) -> Learned:
    for finding in findings:
        kind = finding.kind if finding.kind in FINDINGS else FINDINGS[0]
        view = _with(view, Entry(kind, finding.title, (source,), finding.text, _details(Evidence=finding.evidence)))
    return view


def _accepted(view: Learned, version: int, body: CorrectionAccepted) -> Learned:
    ruling = f"accepted by a person ({body.approved_by})" if body.approved_by else "accepted"
    return _with(view, _correction(body.correction, ruling, Source(version, body.phase or FINAL)))


def _refused(view: Learned, version: int, body: CorrectionRefused) -> Learned:
    return _with(view, _correction(body.correction, f"refused: {body.reason}", Source(version, body.phase or FINAL)))


def _correction(correction: Correction, ruling: str, source: Source) -> Entry:
    details = {
        "Original spec": correction.original,
        "Reality": correction.reality,
        "Evidence": correction.evidence or "none was given",
        "Action taken": correction.action or "none",
        "Impact": correction.impact,
        "Why it is a fact": correction.why_fact,
        "Ruling": ruling,
    }
    return Entry(CORRECTION, correction.original, (source,), details=_details(**details))


# ---- waivers and rollbacks ---------------------------------------------------------------------------------------


def _waived(view: Learned, version: int, body: PhaseWaived) -> Learned:
    entry = Entry(WAIVER, f"Phase {body.phase} was accepted though it failed", (Source(version, body.phase),))
    return _with(view, replace(entry, details=_details(Reason=body.reason)))


def _skipped(view: Learned, version: int, body: PhaseSkipped) -> Learned:
    if body.phase not in view.began:  # it was done before the task began
        return view
    entry = Entry(WAIVER, f"Phase {body.phase} was skipped", (Source(version, body.phase),))
    return _with(view, replace(entry, details=_details(Reason=body.reason)))


def _completed(view: Learned, version: int, body: TaskCompletedWithWaivers) -> Learned:
    if FINAL not in body.waived:
        return view
    return _with(view, Entry(WAIVER, "The final validation was accepted though it failed", (Source(version, FINAL),)))


def _phase_rolled_back(view: Learned, version: int, body: PhaseRolledBack) -> Learned:
    began = view.began.get(body.phase, 0)
    view = _abandon(view, version, lambda s: s.phase == body.phase and s.version >= began)
    title = f"Phase {body.phase} was rolled back to checkpoint {body.checkpoint}"
    return _rolled_back(view, version, body.effect, title, tuple(filter(None, (body.rescue, *body.rescued))))


def _task_rolled_back(view: Learned, version: int, body: TaskRolledBack) -> Learned:
    kept = {phase: number for phase, number in view.checkpoints.items() if number <= body.checkpoint}
    view = _abandon(view, version, lambda s: bool(s.phase) and s.phase not in kept)
    title = f"The task was rolled back to checkpoint {body.checkpoint}"
    return _rolled_back(replace(view, checkpoints=kept), version, body.effect, title, body.rescued)


def _abandon(view: Learned, version: int, undone: Callable[[Source], bool]) -> Learned:
    def source(known: Source) -> Source:
        return replace(known, abandoned=version) if undone(known) and not known.abandoned else known

    return replace(view, entries=tuple(replace(e, sources=tuple(map(source, e.sources))) for e in view.entries))


def _rolled_back(view: Learned, version: int, effect: str, title: str, refs: tuple[str, ...]) -> Learned:
    details = _details(Reason=view.asked.get(effect, ""), **{"Kept under": ", ".join(refs)})
    return _with(_closed(view, effect), Entry(ROLLBACK, title, (Source(version),), details=details))


# ---- what the fold has to remember -------------------------------------------------------------------------------


def _created(view: Learned, version: int, body: TaskCreated) -> Learned:
    return replace(view, title=body.title)


def _agent(view: Learned, version: int, body: AgentRequested) -> Learned:
    return replace(view, asked={**view.asked, body.effect: body.phase or FINAL})


def _rollback(view: Learned, version: int, body: RollbackRequested) -> Learned:
    return replace(view, asked={**view.asked, body.effect: body.reason})


def _closed(view: Learned, effect: str) -> Learned:
    return replace(view, asked={k: v for k, v in view.asked.items() if k != effect})


def _began(view: Learned, version: int, body: PhaseStarted | PhaseRetried) -> Learned:
    return replace(view, began={**view.began, body.phase: version})


def _checkpoint(view: Learned, version: int, body: CheckpointRequested) -> Learned:
    return replace(view, checkpoints={**view.checkpoints, body.phase or FINAL: body.number})


# ---- entries -----------------------------------------------------------------------------------------------------


def _with(view: Learned, entry: Entry) -> Learned:
    """`view` with an entry, or with its events added to the entry that says the same."""
    for n, known in enumerate(view.entries):
        if _same(known, entry):
            sources = known.sources if entry.sources[0] in known.sources else (*known.sources, *entry.sources)
            merged = replace(
                known, sources=sources, text=known.text or entry.text, details=known.details or entry.details
            )
            return replace(view, entries=(*view.entries[:n], merged, *view.entries[n + 1 :]))
    return replace(view, entries=(*view.entries, entry))


def _same(one: Entry, other: Entry) -> bool:
    """Findings are the same by their title alone; the rest has to agree in every part."""
    alike = one.kind == other.kind and _plain(one.title) == _plain(other.title)
    return alike and (one.kind in FINDINGS or one.details == other.details)


def _named(view: Learned, version: int, effect: str) -> Learned:
    """`view` with the sources that are the event `version` named by its effect."""

    def named(entry: Entry) -> Entry:
        sources = tuple(replace(s, effect=effect) if s.version == version else s for s in entry.sources)
        return replace(entry, sources=sources)

    return replace(view, entries=tuple(map(named, view.entries)))


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split()).rstrip(".!:; ")


def _details(**labelled: str) -> dict[str, str]:
    return {label: text for label, text in labelled.items() if text.strip()}


STEPS: dict[type[Body], Callable[[Learned, int, Any], Learned]] = {
    TaskCreated: _created,
    AgentRequested: _agent,
    AgentReported: _reported,
    WorkReported: _work_reported,
    FindingReported: _told,
    CorrectionAccepted: _accepted,
    CorrectionRefused: _refused,
    PhaseStarted: _began,
    PhaseRetried: _began,
    PhaseWaived: _waived,
    PhaseSkipped: _skipped,
    PhaseRolledBack: _phase_rolled_back,
    CheckpointRequested: _checkpoint,
    RollbackRequested: _rollback,
    TaskRolledBack: _task_rolled_back,
    TaskCompletedWithWaivers: _completed,
}
