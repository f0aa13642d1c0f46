"""What a task taught, as values: entries, and the events that each of them comes from."""

from __future__ import annotations

import msgspec

from conductor.core.names import slug
from projections.view import View

FINDING_KINDS = ("discovery", "gotcha", "performance", "security")
CORRECTION, AMBIGUITY, WAIVER, ROLLBACK = "correction", "ambiguity", "waiver", "rollback"
FINAL = "final"  # stands where a phase's number would, for the work on the whole after the last phase


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event that an entry comes from. `phase`: whose work it was part of; "": nobody's, and no rollback's matter.

    `effect` is the effect whose outcome the event is, or follows from. It names the event in documents, where its
    version would differ between two runs that did the same work.
    """

    version: int
    phase: str = ""
    module: str = ""
    effect: str = ""
    claim: str = ""  # the weight that the finding has for its finder
    amendment: str = ""  # of the specification, which what the same report brought became
    abandoned: int = 0  # version of the rollback that undid that work


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing learned. `kind`: one of FINDINGS, or CORRECTION, AMBIGUITY, WAIVER, ROLLBACK. `details`: label -> text.

    What stands below `details` is a ruling's: of a correction, or of an ambiguity that a person was asked about.
    """

    kind: str
    title: str
    sources: tuple[Source, ...]
    text: str = ""
    details: dict[str, str] = {}
    holds: bool = False  # accepted, or answered: the specification is to be read so
    question: str = ""  # the id of the question with which a person ruled, or is to rule
    amendment: str = ""  # the amendment's id, where the specification was changed
    about: str = ""  # detail | requirement | architecture
    affects: tuple[str, ...] = ()  # modules and phases that depend on it
    superseded: int = 0  # version of the ruling that took its place

    @property
    def abandoned(self) -> bool:
        """Whether all the work that this comes from was rolled back."""
        return all(source.abandoned for source in self.sources)

    @property
    def obsolete(self) -> bool:
        """Whether it no longer counts. What a person said holds though the work was rolled back that led to it."""
        return bool(self.superseded) or (self.abandoned and not (self.question and self.holds))

    @property
    def live(self) -> tuple[Source, ...]:
        """The sources that still count; all of them where none does."""
        return tuple(s for s in self.sources if not s.abandoned) or self.sources


class Proposed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A correction that an agent's report brought, and what stands in that report."""

    original: str
    reality: str
    source: Source
    unclear: bool = False


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """What agents left of a module, or of a phase's merged tree: the files, and what the latest of them says of it."""

    phase: str
    module: str = ""
    files: tuple[str, ...] = ()
    says: str = ""


class Offered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of what files offer to others. `checkpoint`: its number; 0: a merge in the phase that goes on."""

    digest: str
    checkpoint: int = 0


class Findings(View, frozen=True, kw_only=True):
    """`asked`: by open effect, whose work an agent does; `reasons`: by open effect, why something is rolled back."""

    title: str = ""
    spec: str = ""  # blob digest of the specification that the task began with
    entries: tuple[Entry, ...] = ()
    completing: bool = False  # the task is at its end: what is obsolete is put away
    work: tuple[Work, ...] = ()  # that stands, the oldest first
    offered: tuple[Offered, ...] = ()  # that stands, the oldest first
    asked: dict[str, Source] = msgspec.field(default_factory=dict)
    reasons: dict[str, str] = msgspec.field(default_factory=dict)
    proposed: tuple[Proposed, ...] = ()  # not ruled on yet
    began: dict[str, int] = msgspec.field(default_factory=dict)  # phase -> version at which its present attempt began
    checkpoints: dict[str, int] = msgspec.field(default_factory=dict)  # phase -> number of its checkpoint

    @property
    def section(self) -> str:
        """Each specification has a section of its own: another task of the same repository adds to the documents."""
        return f"{slug(self.title)}-{self.spec[:8]}"

    @property
    def superseded(self) -> frozenset[int]:
        """Versions of the rulings that no longer hold."""
        return frozenset(s.version for e in self.entries if e.obsolete for s in e.sources)
