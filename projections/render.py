"""Renders what was learned as Markdown: the same view is always the same text. Writes no file.

Each text begins with the heading of the file under which it belongs; `sections.weave` puts it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor.text import clean, one_line
from projections import markdown
from projections.learned import CORRECTION, ROLLBACK, WAIVER, Entry, Learned, Source

DISCOVERIES, ARCHITECTURE = "DISCOVERIES.md", "ARCHITECTURE.md"
PARTS = {
    "discovery": "Discoveries",
    CORRECTION: "Specification corrections",
    "performance": "Performance",
    "security": "Security",
    WAIVER: "Waivers",
    ROLLBACK: "Rollbacks",
}
TITLE_LIMIT, DETAIL_LIMIT = 120, 4000  # characters


def render_documents(view: Learned) -> dict[str, str]:
    """File name -> the section's text. A document with nothing to say is left out."""
    texts = {DISCOVERIES: _discoveries(view), ARCHITECTURE: _gotchas(view)}
    return {name: text for name, text in texts.items() if text}


def _discoveries(view: Learned) -> str:
    parts = []
    for kind, heading in PARTS.items():
        if entries := [e for e in view.entries if e.kind == kind]:
            parts += [f"### {heading}", *(_entry(e) for e in entries)]
    if not parts:
        return ""
    return _joined("# Discoveries", f"## {markdown.inline(view.title, TITLE_LIMIT)}", _origin(), *parts)


def _gotchas(view: Learned) -> str:
    entries = [e for e in view.entries if e.kind == "gotcha"]
    if not entries:
        return ""
    return _joined("## Known Gotchas", _origin(), "\n".join(_gotcha(e) for e in entries))


def _origin() -> str:
    return (
        "Written by Conductor; each entry names the effect that it comes from (`conduct events --effect NAME`). "
        "What is changed by hand between the markers is kept, and no longer updated."
    )


def _entry(entry: Entry) -> str:
    blocks = [f"#### {markdown.inline(entry.title, TITLE_LIMIT)}"]
    if entry.abandoned:
        blocks.append("**Abandoned:** the work that this comes from was rolled back.")
    if entry.text.strip():
        blocks.append(markdown.prose(entry.text))
    if entry.details:
        blocks.append("\n".join(_details(entry)))
    return _joined(*blocks, f"From {_events(entry.sources)}").rstrip("\n")


def _details(entry: Entry) -> Iterator[str]:
    for label, text in entry.details.items():
        if "\n" in clean(text).strip():
            yield f"- **{label}:**\n\n{markdown.block(text, indent=6)}\n"
        else:
            yield f"- **{label}:** {markdown.inline(text, DETAIL_LIMIT)}"


def _gotcha(entry: Entry) -> str:
    parts = [f"- **{markdown.inline(entry.title, TITLE_LIMIT)}**"]
    if entry.text.strip():
        parts = [f"{parts[0]}: {markdown.inline(entry.text, DETAIL_LIMIT)}"]
    parts += [f"{label}: {markdown.inline(text, DETAIL_LIMIT)}" for label, text in entry.details.items()]
    if entry.abandoned:
        parts.append("(Abandoned: the work that this comes from was rolled back.)")
    return " ".join([*parts, f"({_events(entry.sources)})"])


def _events(sources: Iterable[Source]) -> str:
    return "; ".join(_event(source) for source in sources)


def _event(source: Source) -> str:
    told = []
    if source.phase:
        told.append("final validation" if source.phase == "final" else f"phase {markdown.inline(source.phase)}")
    if source.abandoned:
        told.append("rolled back")
    effect = one_line(source.effect or "", markdown.LINE_LIMIT).replace("`", "'")
    name = f"`{effect}`" if source.effect else f"event {source.version}"
    return ", ".join([name, *told])


def _joined(*blocks: str) -> str:
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"
