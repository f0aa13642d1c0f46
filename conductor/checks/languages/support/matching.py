"""Matches of a pattern in code, outside strings and comments, on added lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from conductor.checks.comments import Parts


def matching(pattern: re.Pattern[str], text: str, parts: Parts, lines: Collection[int]) -> Iterator[tuple[int, str]]:
    """(line, "a stub (the text)") of each match that starts in code on one of `lines`."""
    for match in pattern.finditer(parts.uncommented):
        number = text.count("\n", 0, match.start()) + 1
        if number in lines and parts.code[match.start()] == text[match.start()]:
            yield number, f"a stub ({' '.join(match[0].split())})"
