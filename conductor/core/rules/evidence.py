"""Finds in the text of an agent's evidence where it can be checked. Checks nothing itself."""

from __future__ import annotations

import re

from conductor.events import Reference

_PROMPT = "$ "
# `parser.py:12: text of that line`, with or without backticks; no absolute paths, and none that lead outside.
_PLACE = re.compile(
    r"(?<![\w./:-])`?(?P<file>(?!/)[\w.-]+(?:/[\w.-]+)*\.\w+):(?P<line>[1-9]\d{0,6})`?"
    r"(?::[ \t]*(?P<quote>[^\n]*))?(?![\w:])"
)


def reference(evidence: str) -> Reference | None:
    """A command (`$ command`, then its output) or a line of a file (`path:12`, `path:12: text`); None: neither.

    Prose and links are evidence as well, but Conductor cannot check them itself.
    """
    lines = [line for line in evidence.strip().splitlines() if not line.lstrip().startswith("```")]
    for n, line in enumerate(lines):
        if line.lstrip().startswith(_PROMPT):
            command = line.lstrip()[len(_PROMPT) :].strip()
            return Reference(command=command, output="\n".join(lines[n + 1 :]).strip()) if command else None
    place = _PLACE.search(evidence)
    if place is None or ".." in place["file"].split("/"):
        return None
    return Reference(file=place["file"], line=int(place["line"]), quote=(place["quote"] or "").strip(" `"))
