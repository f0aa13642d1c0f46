"""Whether a phase may leave stubs, as stated in a field, a paragraph or a goal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor.reading.markdown.body import Field, ReadItem, SectionBody, join
from conductor.reading.markdown.document import Text
from conductor.reading.vocabulary import labels

_STUBS = re.compile(
    r"(?P<no>\b(?:no|not|never|don't|without)\s+(?:\w+\s+){0,2})?"
    r"\b(?:stubs?\s+(?:are\s+|is\s+)?(?P<also_no>not\s+)?(?:allowed|permitted|acceptable|fine|ok|okay)|(?:may\s+leave|allow(?:s|ed)?)\s+stubs?)\b",
    re.IGNORECASE,
)


def stated(body: SectionBody) -> Iterator[ReadItem]:
    texts = (block for block in body.blocks if isinstance(block, Text) and _states(block))
    return (ReadItem(join(text.lines), text.lines[0].line) for text in texts)


def _states(text: Text) -> bool:
    return len(text.lines) == 1 and _STUBS.search(text.lines[0].text) is not None


def without(goals: list[ReadItem]) -> tuple[list[ReadItem], bool]:
    """The goals without those only about stubs, and whether one of these allows them."""
    kept, allows = [], False
    for goal in goals:
        match = _STUBS.search(goal.text)
        if match:
            allows = allows or not (match["no"] or match["also_no"])
        if not match or len(goal.text) > len(match[0]) + len(" in this phase."):
            kept.append(goal)
    return kept, allows


def allowed(field: Field) -> bool:
    if labels.normalise(field.label) == "stubs":
        return re.match(r"^(?:allowed|yes|true|ok|fine|permitted)\b", field.value, re.IGNORECASE) is not None
    return not labels.NO.match(field.value)
