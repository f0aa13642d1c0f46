"""An agent's briefing, made from the log: the projection of everything before the agent was requested."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.core.evolve import evolve
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.envelope import Recorded
from conductor.events import AgentRequested
from conductor.log.blobs import Blobs
from projections import briefing as projection
from projections.documents.projection import Documents
from projections.view import build


def briefing(events: Iterable[Recorded], request: AgentRequested, blobs: Blobs) -> str:
    """The briefing for `request` after `events`, one task's from its first; the same events give the same text."""
    events = list(events)
    task = events[0].envelope.task
    state = TaskState(task)
    for event in events:
        state = evolve(state, Fact.of(event))
    return projection.briefing(state, request, build(Documents(), task, events), blobs.get)
