"""The interfaces of the current files, as observed at each merge and each checkpoint. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from conductor.decoding import prepared
from conductor.events import CheckpointCreated, Interface, MergeCompleted, PhaseRolledBack, TaskRolledBack
from projections.documents.findings import Findings, Offered

replace = msgspec.structs.replace


class KnownInterface(msgspec.Struct, frozen=True):
    """`settled`: from a checkpoint, not from a merge in the current phase."""

    interface: Interface
    settled: bool


def merged(view: Findings, version: int, body: MergeCompleted) -> Findings:
    return _with(view, view.offered, body.interfaces, 0)


def checkpointed(view: Findings, version: int, body: CheckpointCreated) -> Findings:
    """A checkpoint covers all changes since the previous one, including merges."""
    return _with(view, _until(view, body.number), body.interfaces, body.number)


def rolled_back(view: Findings, version: int, body: PhaseRolledBack | TaskRolledBack) -> Findings:
    return replace(view, offered=_until(view, body.checkpoint))


def known(offered: Iterable[Offered], read: Callable[[str], bytes | None]) -> dict[str, KnownInterface]:
    """Path -> the file's known interface, latest first. Anything an erased record may have changed is unknown."""
    found: dict[str, KnownInterface] = {}
    for record in offered:
        try:
            told = msgspec.json.decode(read(record.digest) or b"", type=prepared(tuple[Interface, ...]))
        except msgspec.DecodeError:
            found = {}
            continue
        of_it = {i.path: KnownInterface(i, settled=record.checkpoint > 0) for i in told}
        found = {**of_it, **{path: known for path, known in found.items() if path not in of_it}}
    return found


def _until(view: Findings, checkpoint: int) -> tuple[Offered, ...]:
    return tuple(o for o in view.offered if 0 < o.checkpoint <= checkpoint)


def _with(view: Findings, before: tuple[Offered, ...], digest: str, checkpoint: int) -> Findings:
    return replace(view, offered=(*before, Offered(digest, checkpoint)) if digest else before)
