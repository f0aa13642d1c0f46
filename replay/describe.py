"""One short sentence for each type of event. Text by agents and people is cleaned and truncated, not escaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conductor.envelope import Recorded
from conductor.events import Custom
from conductor.text import headline, in_a_row, one_line

LIMIT = 160  # characters of a sentence


def describe(event: Recorded) -> str:
    """An event in words, on one line without control characters, at most LIMIT characters."""
    if isinstance(event.body, Custom):
        return one_line(f"{event.type}: {bytes(event.body.data).decode(errors='replace')}", LIMIT)
    sentence = SENTENCES.get(event.type)
    said = sentence(event.body) if sentence else event.type
    return one_line(said + "".join(f"; moved aside: {s.names}" for s in getattr(event.body, "set_aside", ())), LIMIT)


def _at(b: Any) -> str:
    """Which target a request, question or report is about."""
    if b.phase is None:
        return "for the whole"
    return f"for phase {b.phase}" + (f", module {b.module}" if getattr(b, "module", None) else "")


def _commit(commit: str) -> str:
    return commit[:10]


def _said(text: str) -> str:
    return f": {in_a_row(text)}" if text.strip() else ""


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _refs(refs: tuple[str, ...]) -> str:
    return f"; kept under {', '.join(refs)}" if refs else ""


def _correction(b: Any) -> str:
    return f"{b.correction.original!r} is {b.correction.reality!r}"


def _report(b: Any) -> str:
    told = [f"{b.role} says {b.verdict}{_said(b.summary)}"]
    for what, items in (("finding", b.findings), ("correction", b.corrections), ("blocking point", b.blocking)):
        if items:
            told.append(_many(len(items), what))
    return "; ".join(told)


def _created(b: Any) -> str:
    modules = sum(len(p.modules) for p in b.plan.phases)
    plan = f"{_many(len(b.plan.phases), 'phase')}, {_many(modules, 'module')}"
    return f"task {b.title!r} from {b.spec_path}: {plan}, on branch {b.branch}"


def _proofs(b: Any) -> str:
    proven = sum(1 for p in b.proofs if p.checks)
    return f"{proven} of {_many(len(b.proofs), 'criterion').replace('criterions', 'criteria')} proven"


def _checked(b: Any) -> str:
    exit_code = "" if b.exit_code in (None, 0) else f" (exit code {b.exit_code})"
    status = "did not finish" if b.status == "unfinished" else b.status
    return f"check {b.key} on {_commit(b.commit)}: {status}{exit_code}{_said(b.summary)}"


def _documents(b: Any) -> str:
    edited = f"; edited by hand and left alone: {', '.join(b.edited)}" if b.edited else ""
    return f"documents written: {', '.join(b.written) or 'none'}{edited}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    # what people and clients say
    "task.created": _created,
    "task.started": lambda b: "the task was started",
    "task.paused": lambda b: f"paused{_said(b.reason)}",
    "task.resumed": lambda b: "resumed",
    "task.abandoned": lambda b: f"abandoned{_said(b.reason)}",
    "driver.changed": lambda b: (
        "from now on a client drives" if b.driver == "assisted" else "from now on Conductor drives"
    ),
    "plan.adopted": lambda b: f"a changed specification was adopted: {_many(len(b.plan.phases), 'phase')}",
    "question.answered": lambda b: f"{b.question} answered: {b.choice}" + (f" ({b.hint})" if b.hint else ""),
    "finding.reported": lambda b: f"{b.finding.kind} reported: {b.finding.title}",
    "work.reported": lambda b: f"{_report(b)} {_at(b)}",
    "rollback.asked": lambda b: f"a return to checkpoint {b.checkpoint} was asked for{_said(b.reason)}",
    "delivery.asked": lambda b: "the merge into the base branch was asked for",
    # what the core decides for the whole
    "task.blocked": lambda b: f"waiting for answers to {', '.join(b.questions)}",
    "task.approval_awaited": lambda b: f"waiting for approval: {', '.join(b.questions)}",
    "task.rate_limited": lambda b: f"waiting for a rate limit until {b.until}",
    "task.budget_exhausted": lambda b: f"stopped: the budget {b.budget} ran out",
    "budget.warned": lambda b: f"{b.used:g} of {b.limit:g} {b.what} are used ({b.scope})",
    "task.subtasks_awaited": lambda b: f"waiting for {', '.join(b.subtasks)}",
    "task.decomposed": lambda b: (
        f"decomposed into {_many(len(b.parts), 'subplan')}: {', '.join(p.name for p in b.parts)}"
    ),
    "task.unblocked": lambda b: "work continues",
    "task.validation_started": lambda b: f"final validation of {_commit(b.commit)}",
    "task.completed": lambda b: f"completed; {_proofs(b)}",
    "task.completed_with_waivers": lambda b: f"completed with waivers for {', '.join(b.waived)}; {_proofs(b)}",
    "question.asked": lambda b: f"{b.question.id} asked {_at(b.question)}: {headline(b.question.text)}",
    "correction.accepted": lambda b: f"correction accepted: {_correction(b)}",
    "correction.refused": lambda b: f"correction refused ({b.reason}): {_correction(b)}",
    "spec.amended": lambda b: f"amended ({b.amendment.id}): {b.amendment.old!r} now reads {b.amendment.new!r}",
    "context.clear_suggested": lambda b: f"after phase {b.after_phase} it is a good time to clear the context",
    # phases
    "phase.started": lambda b: f"phase {b.phase} started",
    "phase.wave_started": lambda b: f"phase {b.phase}: wave {b.wave + 1} of modules",
    "phase.merge_started": lambda b: f"phase {b.phase}: wave {b.wave + 1} is merged",
    "phase.validation_started": lambda b: f"phase {b.phase}: {_commit(b.commit)} is validated",
    "phase.fix_started": lambda b: f"phase {b.phase}: fix {b.attempt}",
    "phase.result_saved": lambda b: (
        f"phase {b.phase}: result saved, tests {'pass' if b.tests_passing else 'do not pass'}, {_proofs(b)}"
    ),
    "phase.completed": lambda b: f"phase {b.phase} completed at checkpoint {b.checkpoint}",
    "phase.waived": lambda b: f"phase {b.phase} accepted as it is, at checkpoint {b.checkpoint}{_said(b.reason)}",
    "phase.failed": lambda b: f"phase {b.phase} failed{_said(b.reason)}",
    "phase.retried": lambda b: f"phase {b.phase} starts again{_said(b.hint)}",
    "phase.accepted": lambda b: f"phase {b.phase}: a person accepts the failing work",
    "phase.reopened": lambda b: f"phase {b.phase} is built again: its section of the specification changed",
    "phase.skipped": lambda b: f"phase {b.phase} skipped{_said(b.reason)}",
    # effects
    "effect.started": lambda b: (
        f"{b.effect} started by process {b.claim.pid} on {b.claim.host}"
        + (f", taken over from claim {b.takes_over}" if b.takes_over else "")
    ),
    "effect.released": lambda b: f"{b.effect} released{_said(b.reason)}",
    "effect.deferred": lambda b: f"{b.effect} waits until {b.until} ({b.kind}){_said(b.reason)}",
    "budget.exhausted": lambda b: f"{b.effect} has used up its allowance: {', '.join(b.what)}",
    "effect.failed": lambda b: f"{b.effect} failed{_said(b.error)}",
    "workspace.requested": lambda b: f"a worktree is needed {_at(b)}: {b.branch}",
    "workspace.prepared": lambda b: f"worktree of {b.branch} at {_commit(b.commit)}",
    "workspace.cleared": lambda b: f"worktrees removed: {', '.join(b.removed)}{_refs(b.rescued)}",
    "agent.requested": lambda b: f"{b.role}, attempt {b.attempt}, is needed {_at(b)}",
    "agent.reported": lambda b: f"{_report(b)}, leaving {_commit(b.commit)}",
    "subtask.requested": lambda b: f"subtask {b.subtask} is needed for {b.module}, on {_commit(b.base)}",
    "subtask.ended": lambda b: (
        f"subtask {b.subtask} is {b.status.replace('_', ' ')}" + (f", at {_commit(b.commit)}" if b.commit else "")
    ),
    "subtask.waits": lambda b: (
        f"subtask {b.subtask} waits ({b.status.replace('_', ' ')})"
        + (f" for answers to {', '.join(b.questions)}" if b.questions else "")
    ),
    "subtask.amended": lambda b: f"amended in subtask {b.subtask} ({b.amendment.id}): {_correction(b)}",
    "subtask.news_requested": lambda b: f"subtask {b.subtask} is to be informed of amendment {b.amendment.id}",
    "subtask.told": lambda b: (
        f"subtask {b.subtask} was informed of amendment {b.amendment}"
        if b.version
        else f"subtask {b.subtask} did not need amendment {b.amendment}"
    ),
    "amendment.received": lambda b: f"amended elsewhere: {b.amendment.old!r} now reads {b.amendment.new!r}",
    "subtask.changed": lambda b: f"subtask {b.subtask} is now {b.status.replace('_', ' ')}",
    "collect.requested": lambda b: f"what {b.role} left is to be committed {_at(b)}",
    "collect.completed": lambda b: f"committed as {_commit(b.commit)}, {_many(len(b.files), 'file')} changed",
    "evidence.requested": lambda b: (
        f"evidence {_at(b)} is checked: {b.reference.command or f'{b.reference.file}:{b.reference.line}'}"
    ),
    "evidence.observed": lambda b: f"the evidence {b.status}{_said(b.summary)}",
    "checks.requested": lambda b: (
        f"{_many(len(b.checks), 'check')} of {_commit(b.commit)} {_at(b)}" + (", again" if b.again else "")
    ),
    "check.observed": _checked,
    "merge.requested": lambda b: f"{_commit(b.theirs)} is to be merged {_at(b)}",
    "merge.completed": lambda b: f"merged ({b.how}) as {_commit(b.commit)}",
    "merge.conflicted": lambda b: f"merge conflict in {', '.join(b.files)}",
    "integration.requested": lambda b: f"a worktree for the conflict is needed {_at(b)}: {b.branch}",
    "integration.prepared": lambda b: f"worktree of {b.branch}, in conflict: {', '.join(b.files)}",
    "documents.requested": lambda b: f"documents are to be written {_at(b)}",
    "documents.written": _documents,
    "checkpoint.requested": lambda b: f"checkpoint {b.number} is to be made {_at(b)}",
    "checkpoint.created": lambda b: f"checkpoint {b.number}: {_commit(b.commit)}{_refs(b.rescued)}",
    "rollback.requested": lambda b: f"back to checkpoint {b.checkpoint} {_at(b)}{_said(b.reason)}",
    "phase.rolled_back": lambda b: (
        f"phase {b.phase} rolled back to checkpoint {b.checkpoint}{_refs(tuple(filter(None, (b.rescue, *b.rescued))))}"
    ),
    "task.rolled_back": lambda b: f"task rolled back to checkpoint {b.checkpoint}{_refs(b.rescued)}",
    "restore.requested": lambda b: f"{b.rescue} is to be restored {_at(b)}",
    "restore.completed": lambda b: f"restored as {_commit(b.commit)}",
    "delivery.requested": lambda b: f"{_commit(b.commit)} is to be merged into {b.into}",
    "delivery.completed": lambda b: f"merged into {b.into} as {_commit(b.commit)}",
    "delivery.refused": lambda b: f"not merged into the base branch{_said(b.reason)}",
    # transcripts
    "attempt.started": lambda b: f"{b.agent} starts as {b.role}, attempt {b.attempt}, {_at(b)}",
    "attempt.resumed": lambda b: f"resumed before turn {b.turn}",
    "program.started": lambda b: f"a program is started{_said(b.why)}",
    "program.ended": lambda b: f"the program ended: {b.result}{_said(b.error)}",
    "result.diverged": lambda b: f"turn {b.turn}: {b.call} returned a different result than before",
    "try.started": lambda b: f"turn {b.turn}: {b.model} is asked" + (f", try {b.number}" if b.number > 1 else ""),
    "try.failed": lambda b: f"turn {b.turn}: try {b.number} failed ({b.kind}){_said(b.error)}",
    "tool.started": lambda b: f"turn {b.turn}: {b.call} started",
    "context.compacted": lambda b: f"the model's context was compacted up to turn {b.upto}",
    "turn.said": lambda b: f"turn {b.turn}",
    "tool.returned": lambda b: f"turn {b.turn}: {b.call} {'failed' if b.error else 'returned'}",
    "agent.told": lambda b: f"after turn {b.turn}: it is sent {'new rulings' if b.upto else 'a warning to finish'}",
    "attempt.ended": lambda b: f"ended with {b.verdict} after {_many(b.turns, 'turn')}{_said(b.reason)}",
}
