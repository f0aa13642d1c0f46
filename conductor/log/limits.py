"""What an event may hold: valid JSON of bounded size. Long text belongs in a blob."""

from __future__ import annotations

import msgspec

from conductor.decoding import bounded
from conductor.envelope import Recorded
from conductor.errors import UsageError
from conductor.events import Custom

MAX_EVENT = 1024 * 1024  # bytes of a whole event
MAX_CUSTOM = 64 * 1024  # bytes of a custom event's data


def check(wire: bytes, event: Recorded) -> None:
    """Raises UsageError for an event that must not be appended. `wire` is the event as it would be stored."""
    data = bytes(event.envelope.data)
    custom = isinstance(event.body, Custom)
    limit = MAX_CUSTOM if custom else MAX_EVENT
    if len(data) > limit or len(wire) > MAX_EVENT:
        raise UsageError(
            f"the data of {event.type} has {len(data)} bytes",
            allowed=f"up to {limit} bytes",
            hint="put long text in a blob, and its digest in the event",
        )
    if custom:
        try:
            msgspec.json.decode(bounded(data))
        except ValueError as error:  # bad JSON, bad UTF-8, nested too deeply
            raise UsageError(f"the data of {event.type} is not JSON: {error}") from None
