"""Times of the log, which are RFC 3339 UTC, for people."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(time: str) -> str:
    """`2026-01-31 12:00:00Z`: UTC, like the record, to the second."""
    return f"{time[:10]} {time[11:19]}Z"


def age(time: str, now: datetime | None = None) -> str:
    """How long ago that was, in the largest unit that fits: `12 s`, `5 min`, `3 h`, `8 days`."""
    seconds = max(0, int(((now or datetime.now(UTC)) - datetime.fromisoformat(time)).total_seconds()))
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{seconds // size} {unit}"
    days = seconds // 86400
    return f"{days} day" if days == 1 else f"{days} days"
