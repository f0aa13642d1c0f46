"""What a task taught, as values: entries, and the events that each of them comes from."""

from __future__ import annotations

import msgspec

from projections.view import View

FINDINGS = ("discovery", "gotcha", "performance", "security")
CORRECTION, WAIVER, ROLLBACK = "correction", "waiver", "rollback"
FINAL = "final"  # stands where a phase's number would, for the work on the whole after the last phase


class Source(msgspec.Struct, frozen=True):
    """An event that an entry comes from. `phase`: whose work it was part of; "": nobody's, and no rollback's matter.

    `effect` is the effect whose outcome the event is, or follows from. It names the event in documents, where its
    version would differ between two runs that did the same work.
    """

    version: int
    phase: str = ""
    effect: str = ""
    abandoned: int = 0  # version of the rollback that undid that work


class Entry(msgspec.Struct, frozen=True):
    """One thing learned. `kind`: one of FINDINGS, or CORRECTION, WAIVER, ROLLBACK. `details`: label -> text."""

    kind: str
    title: str
    sources: tuple[Source, ...]
    text: str = ""
    details: dict[str, str] = {}

    @property
    def abandoned(self) -> bool:
        """Whether all the work that this comes from was rolled back."""
        return all(source.abandoned for source in self.sources)


class Learned(View, frozen=True, kw_only=True):
    """`asked`: by open effect, the phase of an agent's work, or the reason of a rollback."""

    title: str = ""
    entries: tuple[Entry, ...] = ()
    asked: dict[str, str] = msgspec.field(default_factory=dict)
    began: dict[str, int] = msgspec.field(default_factory=dict)  # phase -> version at which its present attempt began
    checkpoints: dict[str, int] = msgspec.field(default_factory=dict)  # phase -> number of its checkpoint
