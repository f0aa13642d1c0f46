"""What events add up to, folded at once: a task's state, its documents, and all views of a store."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.core.evolve import evolve
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.envelope import Recorded
from projections.documents.projection import Documents
from projections.documents.render import render_documents
from projections.engine import Engine
from projections.view import build


def fold(task: str, events: Iterable[Recorded], state: TaskState | None = None) -> TaskState:
    """The state that `events` add up to, from the beginning or from `state`."""
    state = state or TaskState(task)
    for event in events:
        state = evolve(state, Fact.of(event))
    return state


def render_task(events: Iterable[Recorded]) -> dict[str, str]:
    """File name -> text of the documents that a task's events, from the first one on, add up to. Raises Unfoldable."""
    events = list(events)
    return render_documents(build(Documents(), events[0].envelope.task, events)) if events else {}


def caught_up(engine: Engine) -> None:
    """Fold what is new on the feed for every projection: to ask one for anything does it for that one."""
    for name in engine.names:
        engine.folded(name, ())
