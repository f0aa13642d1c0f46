"""What a step is: (state, fact, its data) -> state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from conductor.core.state import TaskState
from conductor.envelope import Recorded
from conductor.events import Body


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What the core needs to know of an event, recorded or about to be. `time` is RFC 3339 UTC."""

    version: int
    time: str
    actor: str
    body: Body

    @classmethod
    def of(cls, event: Recorded) -> Fact:
        return cls(event.version, event.envelope.time, event.envelope.actor, event.body)


Step = Callable[[TaskState, Fact, Any], TaskState]
