"""Data of a past schema -> data of the next one. Pure; an upcaster never changes once its schema is released."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

OLDEST = "oldest"  # names the oldest correction without a ruling

_EFFECT = re.compile(r"(.+?) (?:broke \d+ times|cannot go on|has used up what it was allowed): ", re.DOTALL)


def _question_asked_1(data: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 did not name what a question is about: its text names the effect, and the correction was the oldest."""
    question = data["question"]
    named = _EFFECT.match(question["text"]) if question["kind"] in ("effect", "budget") else None
    about = {"effect": named[1]} if named else {}
    if question["kind"] in ("correction", "ambiguity"):
        about["correction"] = OLDEST
    return {**data, **about}


UPCASTERS: dict[tuple[str, int], Upcaster] = {  # (type, from schema) -> data of the next schema
    ("question.asked", 1): _question_asked_1,
}
