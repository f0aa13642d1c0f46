"""`make diagram`: draws the lifecycles into the README from their tables."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from conductor.core.lifecycle import ACTIVE, DONE, PHASE_STATES, WAITING
from conductor.core.machine import machine

BEGIN, END = "<!-- diagram:{} -->", "<!-- /diagram:{} -->"

# States drawn as one group, because they share transitions.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "task": {"active": ACTIVE, "waiting": WAITING, "done": DONE},
    "phase": {"begun": PHASE_STATES[1:]},
}


def diagram(name: str) -> str:
    """The lifecycle as a Mermaid state diagram, read off the `transitions` machine.

    A transition that a whole group shares is drawn once. Internal transitions are left out.
    """
    built, groups = machine(name), GROUPS[name]
    lines = ["stateDiagram-v2", f"    [*] --> {built.initial}"]
    for group, states in groups.items():
        lines += [f"    state {group} {{", *(f"        {state}" for state in states), "    }"]
    for trigger, event in built.events.items():
        by_dest: dict[str, list[str]] = {}
        for source, moves in event.transitions.items():
            for move in moves:
                if move.dest is not None:
                    by_dest.setdefault(move.dest, []).append(source)
        for dest, sources in by_dest.items():
            lines += [f"    {source} --> {dest}: {trigger}" for source in _grouped(sources, groups)]
    return "\n".join(lines)


def _grouped(sources: list[str], groups: dict[str, tuple[str, ...]]) -> list[str]:
    """`sources` with the name of each complete group in place of its states."""
    for group, states in groups.items():
        if set(states) <= set(sources):
            sources = [group, *(s for s in sources if s not in states)]
    return sources


def draw(text: str) -> str:
    """`text` with both diagrams between their markers. Raises ValueError if a marker is missing."""
    for name in ("task", "phase"):
        begin, end = BEGIN.format(name), END.format(name)
        if begin not in text or end not in text:
            raise ValueError(f"the text has no {begin} … {end}")
        block = f"{begin}\n```mermaid\n{diagram(name)}\n```\n{end}"
        text = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _, b=block: b, text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(draw(readme.read_text(encoding="utf-8")), encoding="utf-8")
