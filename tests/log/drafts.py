"""Events to append, and what is read back of them."""

from __future__ import annotations

from conductor.envelope import Draft, Recorded
from conductor.events import TaskPaused


def paused(reason: str = "", request: str | None = None) -> Draft:
    return Draft(TaskPaused(reason), "person:ann", request=request)


def reasons(events: list[Recorded]) -> list[str]:
    return [event.body.reason for event in events if isinstance(event.body, TaskPaused)]
