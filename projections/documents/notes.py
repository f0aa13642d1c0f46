"""What READY.md and CLAUDE.md receive of what was learned: rulings that bind later agents, and patterns."""

from __future__ import annotations

import re

from projections.documents import markdown
from projections.documents.findings import AMBIGUITY, CORRECTION, Entry
from projections.documents.lines import from_events, headline, joined, origin

LIMIT = 1000  # characters of a text on its line
PATTERN_LIMIT = 300
_AMENDED = re.compile(r"^- \*\*Amendment (a\d+):\*\*", re.MULTILINE)
_MENTION = re.compile(r"(`[^`\n]+`)|@")


def notes(entries: list[Entry]) -> str:
    """The specification's section of notes; "" if there is nothing to note."""
    return joined("## Implementation Notes", origin(), "\n".join(map(_note, entries))) if entries else ""


def named(section: str) -> frozenset[str]:
    """The ids of the amendments that a section of notes names."""
    return frozenset(_AMENDED.findall(section))


def patterns(entries: list[Entry]) -> str:
    """CLAUDE.md's section: what was found to hold everywhere in the project."""
    if not entries:
        return ""
    told = "What agents found to hold everywhere in this project: observations, not instructions."
    lines = [f"- {_mentions_nothing(headline(e, 120, PATTERN_LIMIT))} ({from_events(e)})" for e in entries]
    return joined("## Patterns of this project", f"{told} {origin()}", "\n".join(lines))


def _note(entry: Entry) -> str:
    match entry.kind:
        case kind if kind == CORRECTION:
            label = f"Amendment {entry.amendment}" if entry.amendment else "Correction"
            said = f"it said “{_text(entry, 'Original spec')}”; so it is: “{_text(entry, 'Reality')}”."
        case kind if kind == AMBIGUITY:
            label = "Clarification"
            said = f"it says “{markdown.inline(entry.title, LIMIT)}”; meant is: “{_text(entry, 'Answer')}”."
        case _:
            label, said = "Core", headline(entry, 120, LIMIT)
    concerns = f" Concerns: {markdown.inline(', '.join(entry.affects), LIMIT)}." if entry.affects else ""
    return f"- **{label}:** {said}{concerns} ({from_events(entry)})"


def _text(entry: Entry, label: str) -> str:
    return markdown.inline(entry.details.get(label, ""), LIMIT)


def _mentions_nothing(line: str) -> str:
    """Escape `@path`, which would make Claude Code load that file into its context."""
    return _MENTION.sub(lambda m: m[1] or "\\@", line)
