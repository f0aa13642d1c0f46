"""What an error reported by Claude Code calls for: waiting, a person, or another try. Pure except for the clock.

The program reports limits in prose, with the result `success`: https://github.com/anthropics/claude-code/issues/79500
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from conductor.agents.contract.assignment import AgentBroke, AgentRejected, Waiting
from conductor.agents.runners.claude_code.stream import SessionResult
from conductor.text import one_line

UNKNOWN = 300.0  # seconds to wait if it does not say how long
SHORT = 60.0  # seconds to wait if the time it names has passed
LONGEST = 8 * 86_400  # seconds; a weekly limit resets within

_LIMIT = re.compile(r"hit your .{0,40}limit|limit reached|rate.?limit", re.IGNORECASE)
_OVERLOADED = re.compile(r"overloaded", re.IGNORECASE)
_PERSON = re.compile(
    r"/login|not logged in|api key|oauth|authenticat|credit balance|billing|disabled|does not (exist|have access)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\|(\d{10})\b")
_RESETS = re.compile(
    r"resets?\s+(?:at\s+)?(?:(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}),?\s+(?:at\s+)?)?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?P<half>am|pm)(?:\s+\((?P<zone>[\w/+-]+)\))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def failure(end: SessionResult, limited: float | None, now: float) -> AgentBroke | Waiting:
    """The error to raise for a failed run. `limited`: when a limit reported earlier ends."""
    what = one_line(end.text, 300)
    if end.status == 429 or limited is not None or (end.status is None and _LIMIT.search(what)):
        until = limited if limited is not None else resets(what, now)
        if until is None:
            until = now + UNKNOWN
        elif not now < until < now + LONGEST:
            until = now + SHORT
        return Waiting("rate_limit", until, f"Claude Code: {what}")
    if end.status == 529 or (end.status is None and _OVERLOADED.search(what)):
        return Waiting("overloaded", now + SHORT, f"Claude Code: {what}")
    if end.status in (400, 401, 402, 403, 404) or (end.status is None and _PERSON.search(what)):
        return AgentRejected(
            f"Claude Code: {what}", hint="see what `claude` says in a terminal, then `conduct continue`"
        )
    return AgentBroke(f"Claude Code: {what}")


def resets(text: str, now: float) -> float | None:
    """The Unix time at which a limit ends, according to the text; None if it does not say."""
    if epoch := _EPOCH.search(text):
        return float(epoch[1])
    said = _RESETS.search(text)
    if said is None:
        return None
    try:
        here = datetime.fromtimestamp(now, ZoneInfo(said["zone"]) if said["zone"] else UTC)
        here = here if said["zone"] else here.astimezone()  # it means the user's local time
        hour = int(said["hour"]) % 12 + (12 if said["half"] == "pm" else 0)
        moment = here.replace(hour=hour, minute=int(said["minute"] or 0), second=0, microsecond=0)
        if said["month"]:
            moment = moment.replace(month=_MONTHS.index(said["month"]) + 1, day=int(said["day"]))
            if moment < here - timedelta(days=180):
                moment = moment.replace(year=moment.year + 1)
        elif moment <= here:
            moment += timedelta(days=1)
    except (ValueError, KeyError, OSError):  # no such zone, hour or day
        return None
    return moment.timestamp()
