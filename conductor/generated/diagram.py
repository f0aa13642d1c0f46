"""`make diagram`: the lifecycles, drawn into the README from their tables."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from conductor.core.lifecycle import diagram

BEGIN, END = "<!-- diagram:{} -->", "<!-- /diagram:{} -->"


def draw(text: str) -> str:
    """`text` with both diagrams between their markers. Raises ValueError when a marker is missing."""
    for name in ("task", "phase"):
        begin, end = BEGIN.format(name), END.format(name)
        if begin not in text or end not in text:
            raise ValueError(f"no {begin} … {end} in the text")
        block = f"{begin}\n```mermaid\n{diagram(name)}\n```\n{end}"
        text = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _, b=block: b, text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(draw(readme.read_text(encoding="utf-8")), encoding="utf-8")
