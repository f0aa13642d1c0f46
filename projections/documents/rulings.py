"""How rulings on the specification become entries: corrections, amendments, and ambiguities with their answers."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from conductor.events import (
    Correction,
    CorrectionAccepted,
    CorrectionRefused,
    QuestionAnswered,
    QuestionAsked,
    SpecAmended,
)
from conductor.text import one_line
from projections.documents.entries import add, change, details, mark, plain
from projections.documents.findings import AMBIGUITY, CORRECTION, FINAL, Entry, Findings, Proposed, Source

replace = msgspec.structs.replace


def proposed(view: Findings, corrections: Iterable[Correction], source: Source) -> Findings:
    """An agent's corrections are kept until there is a ruling."""
    new = (Proposed(c.original, c.reality, source, c.nature == "unclear") for c in corrections)
    return replace(view, proposed=(*view.proposed, *new))


def accepted(view: Findings, version: int, body: CorrectionAccepted) -> Findings:
    ruling = f"accepted by a person ({body.approved_by})" if body.approved_by else "accepted"
    view = change(view, lambda e: _on(e, body.correction.original) and _other(e, body.correction), superseded=version)
    amends = body.approved_by and body.correction.impact == "core"  # the proposal is needed again for the amendment
    view, source = _ruled(view, body, version, keep=bool(amends))
    entry = _entry(body.correction, ruling, source)
    return add(view, replace(entry, holds=True, question=body.approved_by))


def known(view: Findings, correction: Correction, question: str) -> bool:
    """Whether the view already has its acceptance by that question."""
    return any(_on(e, correction.original) and e.holds and e.question == question for e in view.entries)


def refused(view: Findings, version: int, body: CorrectionRefused) -> Findings:
    view, source = _ruled(view, body, version)
    return add(view, _entry(body.correction, f"refused: {body.reason}", source))


def amended(view: Findings, version: int, body: SpecAmended) -> Findings:
    """An approved correction is now part of the specification; findings of the same report may now count as core."""
    amendment = body.amendment
    report = next((p for p in view.proposed if p.original == amendment.old), None)
    if report is not None:
        view = replace(view, proposed=tuple(p for p in view.proposed if p is not report))
        view = mark(view, lambda s: s.version == report.source.version, amendment=amendment.id)

    def mine(entry: Entry) -> bool:
        return entry.kind == CORRECTION and entry.holds and entry.question == amendment.approved_by

    def replaced(entry: Entry) -> bool:
        return bool(entry.amendment) and not mine(entry) and plain(entry.details["Reality"]) == plain(amendment.old)

    view = change(view, replaced, superseded=version)
    source = Source(version, amendment.phase or FINAL, amendment.module or "")
    entries = (replace(e, amendment=amendment.id, sources=(*e.sources, source)) if mine(e) else e for e in view.entries)
    return replace(view, entries=tuple(entries))


def asked(view: Findings, version: int, body: QuestionAsked) -> Findings:
    """An ambiguity is recorded with its question; the answer comes later, or never."""
    question = body.question
    if question.kind != AMBIGUITY:
        return view
    text = one_line(question.text)  # it quotes the original on separate lines
    about = next((p for p in view.proposed if p.unclear and one_line(p.original) in text), None)
    source = Source(version, question.phase or FINAL, question.module or "")
    if about is None:
        said = details(Question=question.text)
    else:
        view = replace(view, proposed=tuple(p for p in view.proposed if p is not about))
        source = replace(source, effect=about.source.effect)
        said = details(**{"The specification says": about.original, "It can be read as": about.reality})
    title = about.original if about else question.text
    said |= {"Asked as": question.id, "Answer": "none yet"}
    return add(view, Entry(AMBIGUITY, title, (source,), "", said, question=question.id, affects=question.affects))


def answered(view: Findings, version: int, body: QuestionAnswered) -> Findings:
    entry = next((e for e in view.entries if e.kind == AMBIGUITY and e.question == body.question), None)
    if entry is None:
        return view
    left = "a person leaves it to the agent: the plainest reading"
    said = {**entry.details, "Answer": body.hint or left}
    source = replace(entry.sources[-1], version=version, effect="")
    return change(view, lambda e: e is entry, details=said, holds=True, sources=(*entry.sources, source))


def _ruled(
    view: Findings, body: CorrectionAccepted | CorrectionRefused, version: int, *, keep: bool = False
) -> tuple[Findings, Source]:
    """The source of a ruling: its own event, named by the effect whose report brought the correction."""
    source = Source(version, body.phase or FINAL, body.module or "")
    mine = (p for p in view.proposed if p.original == body.correction.original)
    report = next((p for p in mine if p.source.phase == source.phase and p.source.module == source.module), None)
    if report is None:
        return view, source
    left = view if keep else replace(view, proposed=tuple(p for p in view.proposed if p is not report))
    return left, replace(source, effect=report.source.effect)


def _on(entry: Entry, original: str) -> bool:
    return entry.kind == CORRECTION and plain(entry.title) == plain(original)


def _other(entry: Entry, correction: Correction) -> bool:
    """Whether an acceptance replaces this ruling: a refusal of the same, or the acceptance of something else."""
    return not entry.holds or plain(entry.details["Reality"]) != plain(correction.reality)


def _entry(correction: Correction, ruling: str, source: Source) -> Entry:
    said = {
        "Original spec": correction.original,
        "Reality": correction.reality,
        "Evidence": correction.evidence or "none was given",
        "Action taken": correction.action or "none",
        "Impact": correction.impact,
        "Why it is a fact": correction.why_fact,
        "Ruling": ruling,
    }
    entry = Entry(CORRECTION, correction.original, (source,), details=details(**said))
    return replace(entry, about=correction.about, affects=correction.affects)
