"""A task's state inside a view: folded by the core, and whole again after it was JSON."""

from __future__ import annotations

import msgspec

from conductor.core.evolve import evolve
from conductor.core.state import TaskState, replace
from conductor.core.steps.step import Fact
from conductor.envelope import Recorded
from conductor.events import REGISTRY, Body, Request, type_of


class Named(msgspec.Struct, frozen=True):
    """A request with the name of its type, without which JSON cannot tell requests apart."""

    type: str
    data: msgspec.Raw

    @classmethod
    def of(cls, request: Request) -> Named:
        return cls(type_of(request), msgspec.Raw(msgspec.json.encode(request)))

    def request(self) -> Body:
        return msgspec.json.decode(self.data, type=REGISTRY[self.type].body)


class Memory(msgspec.Struct, frozen=True):
    """`requests` holds the open requests: read from JSON, those in `state` have lost what makes them different."""

    state: TaskState
    requests: dict[str, Named] = {}

    def after(self, event: Recorded) -> Memory:
        """The memory after `event`. Raises IllegalFact."""
        state = evolve(self.whole(), Fact.of(event))
        requests = {k: self.requests.get(k) or Named.of(held.request) for k, held in state.open.items()}
        return Memory(state, requests)

    def whole(self) -> TaskState:
        """The state, with its open requests as they were folded."""
        lost = {k: held for k, held in self.state.open.items() if type(held.request) is Request}
        if not lost:
            return self.state
        found = {k: replace(held, request=self.requests[k].request()) for k, held in lost.items()}
        return replace(self.state, open={**self.state.open, **found})
