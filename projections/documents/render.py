"""Renders what was learned as Markdown, deterministically. Writes no files.

Each text begins with the heading of the file under which it belongs; `sections.weave` puts it there.
"""

from __future__ import annotations

from collections.abc import Iterator

from conductor.text import clean
from projections.documents import markdown
from projections.documents.findings import AMBIGUITY, CORRECTION, FINDING_KINDS, ROLLBACK, WAIVER, Entry, Findings
from projections.documents.lines import from_events, headline, joined, origin
from projections.documents.notes import notes, patterns
from projections.documents.ranking import ARCHITECTURE, CLAUDE, DISCOVERIES, READY, Rank, places, rank_of

PARTS = {
    "discovery": "Discoveries",
    "gotcha": "Gotchas",
    CORRECTION: "Specification corrections",
    AMBIGUITY: "Ambiguities",
    "performance": "Performance",
    "security": "Security",
    WAIVER: "Waivers",
    ROLLBACK: "Rollbacks",
}
TITLE_LIMIT, DETAIL_LIMIT = 120, 4000  # characters


def render_documents(view: Findings) -> dict[str, str]:
    """File name -> the section's text. A document with nothing to say is left out.

    READY.md stands for the specification, wherever it is. At the end of a task obsolete entries are in the archive.
    """
    put_away = tuple(e for e in view.entries if view.completing and e.obsolete and places(e))
    shown = [e for e in view.entries if e not in put_away]
    texts = {
        DISCOVERIES: _discoveries(view, [e for e in shown if places(e)[:1] == (DISCOVERIES,)], put_away),
        ARCHITECTURE: _architecture(view, [e for e in shown if ARCHITECTURE in places(e)], put_away),
        READY: notes([e for e in shown if READY in places(e)]),
        CLAUDE: patterns([e for e in shown if CLAUDE in places(e)]),
        archive(view): _archive(view, put_away),
    }
    return {name: text for name, text in texts.items() if text}


def archive(view: Findings) -> str:
    """The path, relative to DISCOVERIES.md, of the file that keeps obsolete entries."""
    return f"archive/DISCOVERIES-{view.section}.md"


def _discoveries(view: Findings, entries: list[Entry], put_away: tuple[Entry, ...]) -> str:
    minor = [e for e in entries if e.kind in FINDING_KINDS and rank_of(e) is Rank.MINOR]
    parts = list(_parts([e for e in entries if e not in minor]))
    if minor:
        parts += ["### Minor details", "\n".join(_line(e) for e in minor)]
    parts += _pointer(view, put_away)
    if not parts:
        return ""
    return joined("# Discoveries", f"## {markdown.inline(view.title, TITLE_LIMIT)}", origin(), *parts)


def _architecture(view: Findings, entries: list[Entry], put_away: tuple[Entry, ...]) -> str:
    """Gotchas, then the changes of the architecture that a person approved."""
    gotchas = "\n".join(_line(e) for e in entries if e.kind == "gotcha")
    changes = [_entry(e) for e in entries if e.kind != "gotcha"]
    if changes:
        changes.insert(0, "### Approved changes of the architecture")
    pointer = _pointer(view, tuple(e for e in put_away if ARCHITECTURE in places(e)))
    if not (gotchas or changes or pointer):
        return ""
    return joined("## Known Gotchas", origin(), *filter(None, [gotchas]), *changes, *pointer)


def _archive(view: Findings, entries: tuple[Entry, ...]) -> str:
    if not entries:
        return ""
    told = f"What no longer holds of what was learned. {origin()}"
    return joined("# Archive", f"## {markdown.inline(view.title, TITLE_LIMIT)}", told, *_parts(entries))


def _pointer(view: Findings, put_away: tuple[Entry, ...]) -> list[str]:
    if not put_away:
        return []
    what = "entry that no longer holds is" if len(put_away) == 1 else "entries that no longer hold are"
    return [f"{len(put_away)} {what} kept in `{archive(view)}`."]


def _parts(entries: list[Entry] | tuple[Entry, ...]) -> Iterator[str]:
    """Entries under the headings of their kinds."""
    for kind, heading in PARTS.items():
        if of_kind := [e for e in entries if e.kind == kind]:
            yield f"### {heading}"
            yield from map(_entry, of_kind)


def _entry(entry: Entry) -> str:
    blocks = [f"#### {markdown.inline(entry.title, TITLE_LIMIT)}", *_obsolete(entry)]
    if entry.text.strip():
        blocks.append(markdown.prose(entry.text))
    if entry.details:
        blocks.append("\n".join(_details(entry)))
    return joined(*blocks, f"From {from_events(entry)}").rstrip("\n")


def _obsolete(entry: Entry) -> Iterator[str]:
    if entry.superseded:
        yield "**Superseded:** a later ruling took its place."
    elif entry.obsolete:
        yield "**Abandoned:** the work that this comes from was rolled back."


def _details(entry: Entry) -> Iterator[str]:
    labelled = {**entry.details, **({"Amendment": entry.amendment} if entry.amendment else {})}
    if entry.affects:
        labelled["Concerns"] = ", ".join(entry.affects)
    for label, text in labelled.items():
        if "\n" in clean(text).strip():
            yield f"- **{label}:**\n\n{markdown.block(text, indent=6)}\n"
        else:
            yield f"- **{label}:** {markdown.inline(text, DETAIL_LIMIT)}"


def _line(entry: Entry) -> str:
    """An entry as one line of a list."""
    parts = [f"- {headline(entry, TITLE_LIMIT, DETAIL_LIMIT)}"]
    parts += [f"{label}: {markdown.inline(text, DETAIL_LIMIT)}" for label, text in entry.details.items()]
    if entry.abandoned:
        parts.append("(Abandoned: the work that this comes from was rolled back.)")
    return " ".join([*parts, f"({from_events(entry)})"])
