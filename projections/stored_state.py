"""A task's state inside a view: folded by the core, and restored completely from JSON."""

from __future__ import annotations

import msgspec

from conductor.core.evolve import evolve
from conductor.core.state import TaskState, replace
from conductor.core.steps.step import Fact
from conductor.decoding import prepared
from conductor.envelope import Recorded
from conductor.events import REGISTRY, Body, Request, type_of
from conductor.ids import EffectId


class Named(msgspec.Struct, frozen=True):
    """A request with the name of its type, which JSON does not carry."""

    type: str
    data: msgspec.Raw

    @classmethod
    def of(cls, request: Request) -> Named:
        return cls(type_of(request), msgspec.Raw(msgspec.json.encode(request)))

    def request(self) -> Body:
        return msgspec.json.decode(self.data, type=prepared(REGISTRY[self.type].body))


class StoredState(msgspec.Struct, frozen=True):
    """A state whose open requests hold only the common fields; `requests` holds them completely, by effect."""

    state: TaskState
    requests: dict[EffectId, Named] = {}

    def after(self, event: Recorded) -> StoredState:
        """The stored state after `event`. Raises IllegalFact."""
        state = evolve(self.whole(), Fact.of(event))
        requests = {k: self.requests.get(k) or Named.of(held.request) for k, held in state.open.items()}
        bare = {k: replace(held, request=_bare(held.request)) for k, held in state.open.items()}
        return StoredState(replace(state, open=bare), requests)

    def whole(self) -> TaskState:
        """The state as it was folded, with complete requests."""
        if not self.requests:
            return self.state
        whole = {k: replace(held, request=self.requests[k].request()) for k, held in self.state.open.items()}
        return replace(self.state, open=whole)


def _bare(request: Request) -> Request:
    return Request(request.effect, request.phase, request.module)
