"""Tools for the record itself: facts in, events out."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec
from pydantic import Field

from conductor.doors.facts import fact
from conductor.doors.mcp import calls, view
from conductor.doors.mcp.arguments import TaskId, ToolContext, session
from conductor.doors.mcp.results import EventPage, EventRow, EventTaken, NextCall
from conductor.errors import Refused
from conductor.events import QuestionAnswered
from replay.describe import describe

MOST = 100  # events of a page


async def emit_event(
    ctx: ToolContext,
    task_id: TaskId,
    type: Annotated[str, Field(description='An input such as "driver.changed", or "namespace.name" of your own.')],
    data: Annotated[dict[str, Any] | None, Field(description="Its fields, as a JSON object.")] = None,
) -> EventTaken:
    """Append a fact to a task's record. Use it for what no other tool covers; errors list the types and fields.

    It cannot give the user's answers: ask_user records those.
    """
    held = session(ctx)
    state = held.known(task_id)
    body = fact(type, msgspec.json.encode(data or {}))
    if isinstance(body, QuestionAnswered):
        raise Refused(
            "only the user answers questions",
            hint=f'ask_user(task_id="{state.id}", question_id="{body.question[:20]}") puts it to them',
        )
    result = await held.submit(state.id, body, actor=calls.actor(ctx), request=calls.request_key(ctx))
    return EventTaken(**view.fields(result.state, result.events), version=result.events[0].version, type=type)


async def get_events(
    ctx: ToolContext,
    task_id: TaskId,
    after_version: Annotated[int, Field(description="Only events after this version.", ge=0)] = 0,
    type: Annotated[str, Field(description="Only event types that match this pattern, such as phase.*")] = "*",
    limit: Annotated[int, Field(description="At most this many events.", ge=1, le=MOST)] = 50,
) -> EventPage:
    """Read a task's history in order, one line per event. `next` gives the following page."""
    state = session(ctx).known(task_id)
    found = [e for e in session(ctx).events(state.id, after=after_version) if fnmatchcase(e.type, type)]
    rows = [
        EventRow(version=e.version, time=e.envelope.time, actor=e.envelope.actor, type=e.type, says=describe(e))
        for e in found[:limit]
    ]
    following = None
    if len(found) > limit:
        more = {"task_id": state.id, "after_version": rows[-1].version, "type": type, "limit": limit}
        following = NextCall(tool="get_events", arguments=more)
    return EventPage(task_id=state.id, events=rows, latest_version=state.version, next=following)
