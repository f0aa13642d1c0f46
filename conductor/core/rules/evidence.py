"""Where an agent's evidence can be looked at, read off its text. Looks at nothing itself."""

from __future__ import annotations

import re

from conductor.events import Reference

_PROMPT = "$ "
# `parser.py:12: what stands there`, with or without code marks; no absolute path and none that leads out.
_PLACE = re.compile(
    r"(?<![\w./:-])`?(?P<file>(?!/)[\w.-]+(?:/[\w.-]+)*\.\w+):(?P<line>[1-9]\d{0,6})`?"
    r"(?::[ \t]*(?P<quote>[^\n]*))?(?![\w:])"
)


def reference(evidence: str) -> Reference | None:
    """A command (`$ command`, then what it printed) or a file's line (`path:12`, `path:12: text`); None: neither.

    Text in words, and links, are evidence as well, but nothing that Conductor could look at for itself.
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
