"""Adds and changes entries of a view: entries that say the same become one, which names all its sources."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import msgspec

from projections.documents.findings import FINDING_KINDS, Entry, Findings, Source

replace = msgspec.structs.replace


def add(view: Findings, entry: Entry) -> Findings:
    """`view` with an entry added, or its sources added to the entry that says the same."""
    for n, known in enumerate(view.entries):
        if _same(known, entry):
            return replace(view, entries=(*view.entries[:n], _merged(known, entry), *view.entries[n + 1 :]))
    return replace(view, entries=(*view.entries, entry))


def change(view: Findings, fits: Callable[[Entry], bool], **fields: object) -> Findings:
    """`view` with these fields set on every entry that fits."""
    return replace(view, entries=tuple(replace(e, **fields) if fits(e) else e for e in view.entries))


def mark(view: Findings, fits: Callable[[Source], bool], **fields: object) -> Findings:
    """`view` with these fields set on every source that fits."""

    def marked(entry: Entry) -> Entry:
        return replace(entry, sources=tuple(replace(s, **fields) if fits(s) else s for s in entry.sources))

    return replace(view, entries=tuple(map(marked, view.entries)))


def details(**labelled: str) -> dict[str, str]:
    """Label -> text, without empty texts."""
    return {label: text for label, text in labelled.items() if text.strip()}


def plain(text: str) -> str:
    """`text` normalized: equal for two texts that say the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".!:; ")


def _same(one: Entry, other: Entry) -> bool:
    """Findings are the same if their titles are; other entries have to agree in details and question too."""
    alike = one.kind == other.kind and plain(one.title) == plain(other.title)
    return alike and (one.kind in FINDING_KINDS or (one.details == other.details and one.question == other.question))


def _merged(known: Entry, entry: Entry) -> Entry:
    """What one event says twice appears once, with the first weight that it claims."""
    sources = list(known.sources)
    for source in entry.sources:
        there = next((n for n, s in enumerate(sources) if s.version == source.version), None)
        if there is None:
            sources.append(source)
        elif not sources[there].claim:
            sources[there] = source
    return replace(
        known,
        sources=tuple(sources),
        text=known.text or entry.text,
        details=known.details or entry.details,
        affects=tuple(dict.fromkeys((*known.affects, *entry.affects))),
    )
