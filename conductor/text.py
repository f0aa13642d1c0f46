"""Text from outside (agents, programs, files) made safe to record and to show. It changes nothing else.

What a document, a commit or a terminal needs beyond that is theirs: Markdown is escaped in `projections.markdown`.
"""

from __future__ import annotations

import re

# Terminal sequences; control characters except tab and newline; separators that end a line for some readers; marks
# that reorder text; halves of surrogate pairs.
_UNSAFE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str, limit: int | None = None) -> str:
    """`text` without control characters, lines ending in a newline, at most `limit` characters; a cut shows as `…`."""
    return _cut(_UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), limit)


def one_line(text: str, limit: int | None = None) -> str:
    """The same on one line, without blanks around it and with single ones in it."""
    return _cut(" ".join(clean(text).split()), limit)


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"
