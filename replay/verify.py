"""Whether a task's record is intact, legal and backed by evidence. Reads everything, trusts and repairs nothing."""

from __future__ import annotations

import msgspec

from conductor.decoding import prepared
from conductor.errors import UsageError
from conductor.inspection import Inspection
from conductor.log.store import EventStore
from projections.engine import Engine, rebuilt
from projections.registry import PROJECTIONS
from projections.view import Unfoldable, View
from replay import evidence, legality, record
from replay.evidence import GitWitness
from replay.record import StoredRecord


class Verification(msgspec.Struct, frozen=True):
    """The results. `head` is the chain's head that was verified: compare it with one noted elsewhere."""

    task: str
    version: int
    head: str
    rows: tuple[Inspection, ...]

    @property
    def ok(self) -> bool:
        return all(row.ok for row in self.rows)


def verify(store: EventStore, task: str, witness: GitWitness | None = None) -> Verification:
    """Inspect a task's record in every respect; without `witness`, git is left out. Raises UsageError for no such task.

    A failing row never hides the others.
    """
    read = record.read(store, task)
    if not read.wires and task not in store.tasks():
        raise UsageError(f"there is no task {task!r}", hint="`conduct list` shows the tasks")
    rows = [
        record.versions(read),
        record.chain(read, store),
        record.feed(read, store),
        legality.transitions(read),
        legality.actors(read),
        legality.claims(read),
        legality.causes(read),
        evidence.phases(read),
        evidence.blobs(read, store),
        projections(read, store),
    ]
    if witness is not None:
        rows.append(evidence.git(read, witness))
    last = read.events[-1] if read.events else None
    return Verification(task, last.version if last else 0, last.head if last else "", tuple(rows))


def projections(read: StoredRecord, store: EventStore) -> Inspection:
    """The stored views are, byte for byte, what a rebuild from the stream would store."""
    engine = Engine(store, PROJECTIONS)
    for projection in PROJECTIONS:
        stored = engine.stored(projection.name, read.task)
        if held := next((q for q in engine.quarantined(projection.name) if q.task == read.task), None):
            return Inspection(
                "projections", False, f"{projection.name} could not fold version {held.version}: {held.error}"
            )
        if stored is None:
            return Inspection("projections", False, f"{projection.name} has no view")
        try:
            version = msgspec.json.decode(stored, type=prepared(View)).version
        except msgspec.MsgspecError as error:
            return Inspection("projections", False, f"the view of {projection.name} cannot be read: {error}")
        try:
            anew = rebuilt(projection, read.task, read.events[:version])
        except Unfoldable as error:
            return Inspection(
                "projections", False, f"{projection.name} cannot fold version {error.version}: {error.error}"
            )
        if anew != stored:
            return Inspection("projections", False, f"{projection.name} at version {version} differs from a rebuild")
    return Inspection("projections", True, f"{', '.join(p.name for p in PROJECTIONS)}: live equals rebuilt")
