"""What the generated documents have in common: the origin of an entry, and entries on one line. Pure."""

from __future__ import annotations

from conductor.text import one_line
from projections.documents import markdown
from projections.documents.findings import FINAL, Entry, Source


def origin() -> str:
    """What each generated section says about itself."""
    return (
        "Written by Conductor; each entry names the effect that it comes from (`conduct events --effect NAME`). "
        "What is changed by hand between the markers is kept, and no longer updated."
    )


def from_events(entry: Entry) -> str:
    """The effects, or events, that an entry comes from."""
    return "; ".join(_event(source) for source in entry.sources)


def headline(entry: Entry, title: int, text: int) -> str:
    """The title and the text on one line, of at most `title` and `text` characters."""
    bold = f"**{markdown.inline(entry.title, title)}**"
    return f"{bold}: {markdown.inline(entry.text, text)}" if entry.text.strip() else bold


def joined(*blocks: str) -> str:
    """Blocks with a blank line in between, ending in one newline."""
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _event(source: Source) -> str:
    told = []
    if source.phase:
        told.append("final validation" if source.phase == FINAL else f"phase {markdown.inline(source.phase)}")
    if source.abandoned:
        told.append("rolled back")
    named = one_line(source.effect, markdown.LINE_LIMIT).replace("`", "'")
    return ", ".join([f"`{named}`" if named else f"event {source.version}", *told])
