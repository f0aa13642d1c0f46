"""Whether decisions rest on evidence: observed checks, the texts that digests name, commits in git."""

from __future__ import annotations

from typing import Protocol

from conductor.core.rules.checks import PASSING
from conductor.errors import CorruptLog
from conductor.events import (
    CheckObserved,
    CheckpointCreated,
    ChecksRequested,
    DocumentsWritten,
    PhaseCompleted,
    digests,
)
from conductor.inspection import Inspection
from conductor.log.store import EventStore
from conductor.text import one_line
from projections.checkpoints import CheckpointRecord, Checkpoints
from projections.documents.markdown import LINE_LIMIT
from projections.view import Unfoldable, build
from replay.record import StoredRecord

TRAILER = "Conductor-Chain"


class GitWitness(Protocol):
    """What verification needs from the repository, read-only. Commits and trees are hex object ids."""

    def tree_of(self, commit: str) -> str | None:
        """The tree of a commit; None if the commit does not exist."""

    def message(self, commit: str) -> str | None:
        """The whole message of a commit; None if the commit does not exist."""

    def diff_paths(self, tree_a: str, tree_b: str) -> tuple[str, ...]:
        """The paths in which two trees differ."""


def phases(record: StoredRecord) -> Inspection:
    """For each completed phase, a check passed on exactly the tree of its checkpoint, and no blocking check failed."""
    asked: dict[str, ChecksRequested] = {}
    # (phase, tree) -> check -> its latest observation there, and whether it blocks
    seen: dict[tuple[str | None, str], dict[str, tuple[CheckObserved, bool]]] = {}
    checked: dict[int, str] = {}  # checkpoint -> the tree it was checked on
    count = 0
    for event in record.events:
        match event.body:
            case ChecksRequested() as body:
                asked[body.effect] = body
            case CheckObserved() as body if body.effect in asked:
                request = asked[body.effect]
                if request.module is None:
                    blocking = any(c.key == body.key and c.blocking for c in request.checks)
                    seen.setdefault((request.phase, body.tree), {})[body.key] = (body, blocking)
            case CheckpointCreated() as body:
                checked[body.number] = body.checked_tree
            case PhaseCompleted() as body:
                count += 1
                tree = checked.get(body.checkpoint, "")
                if wrong := _unproven(seen.get((body.phase, tree), {})):
                    where = f"version {event.version}: phase {body.phase} completed on tree {tree[:10] or 'unknown'}"
                    return Inspection("phases", False, f"{where}, where {wrong}")
    return Inspection("phases", True, f"{count} completed, each on exactly the tree that was checked")


def _unproven(seen: dict[str, tuple[CheckObserved, bool]]) -> str:
    if failed := [key for key, (check, blocking) in seen.items() if blocking and check.status not in PASSING]:
        return f"{', '.join(failed)} did not pass"
    return "" if any(check.status == "passed" for check, _ in seen.values()) else "no check passed"


def blobs(record: StoredRecord, store: EventStore) -> Inspection:
    """The texts that events name are unchanged, or have been erased."""
    named = {digest: event.version for event in record.events for digest in digests(event.body)}
    erased = 0
    for digest, version in named.items():
        try:
            erased += store.blobs.get(digest) is None
        except CorruptLog as error:
            return Inspection("texts", False, f"version {version}: {error.what}")
    return Inspection(
        "texts", True, f"{len(named) - erased} texts as they were" + (f", {erased} erased" if erased else "")
    )


def git(record: StoredRecord, witness: GitWitness) -> Inspection:
    """Checkpoint commits are in the repository as recorded, each with a link of this chain in a trailer."""
    try:
        points = build(Checkpoints(), record.task, record.events).points
    except Unfoldable as error:
        return Inspection("git", False, f"version {error.version}: {error.error}")
    gone = 0
    for point in points:
        if point.abandoned and witness.tree_of(point.commit) is None:
            gone += 1  # the rollback was recorded; abandoned commits may be cleaned up
        elif wrong := _wrong_in_git(point, record, witness):
            return Inspection("git", False, f"checkpoint {point.number} ({point.commit[:10]}): {wrong}")
    told = f"{len(points) - gone} checkpoints as they were recorded"
    return Inspection("git", True, told + (f", {gone} abandoned and gone" if gone else ""))


def _wrong_in_git(point: CheckpointRecord, record: StoredRecord, witness: GitWitness) -> str:
    tree = witness.tree_of(point.commit)
    if tree is None:
        return "the commit does not exist"
    if tree != point.tree:
        return f"its tree is {tree[:10]}, recorded is {point.tree[:10]}"
    if point.number == 0:
        return ""
    before = [event for event in record.events if event.version < point.version]
    links = {event.head for event in before}
    if _trailer(witness.message(point.commit) or "") not in links:
        return f"its trailer {TRAILER} is not a link of the chain before version {point.version}"
    generated = {path for e in before if isinstance(e.body, DocumentsWritten) for path in e.body.written}
    allowed = generated & set(point.documents)
    if others := sorted(set(witness.diff_paths(point.checked_tree, tree)) - allowed):
        told = one_line(", ".join(others), LINE_LIMIT)
        return f"it differs from what was checked in more than generated documents: {told}"
    return ""


def _trailer(message: str) -> str:
    last = message.rstrip().rpartition("\n\n")[2]
    return next(
        (value.strip() for line in last.splitlines() for key, _, value in [line.partition(":")] if key == TRAILER), ""
    )
