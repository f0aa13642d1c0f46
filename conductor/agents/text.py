"""Makes text from outside safe to store and to show on a terminal. It changes nothing else."""

from __future__ import annotations

import re

# Terminal sequences; control characters except tab and newline; marks that reorder text; halves of surrogate pairs.
_UNSAFE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str, limit: int | None = None) -> str:
    """`text` without control characters, at most `limit` characters long; what was cut shows as an ellipsis."""
    text = _UNSAFE.sub("", text)
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def clean_line(text: str, limit: int) -> str:
    """The same on one line."""
    return clean(" ".join(text.split()), limit)
