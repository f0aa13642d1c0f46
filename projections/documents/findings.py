"""What was learned in a task, as values: entries, and the events that each comes from."""

from __future__ import annotations

import msgspec

from conductor.core.names import slug
from projections.view import View

FINDING_KINDS = ("discovery", "gotcha", "performance", "security")
CORRECTION, AMBIGUITY, WAIVER, ROLLBACK = "correction", "ambiguity", "waiver", "rollback"
FINAL = "final"  # in place of a phase number: work on the whole after the last phase


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event that an entry comes from. `phase`: the one that it belongs to; "": none, and no rollback undoes it.

    `effect` is the effect whose outcome the event is, or follows from. Documents name the event by it, because versions
    differ between two runs that do the same work.
    """

    version: int
    phase: str = ""
    module: str = ""
    effect: str = ""
    claim: str = ""  # the weight that its finder gave it
    amendment: str = ""  # the amendment that resulted from the same report
    abandoned: int = 0  # version of the rollback that undid that work


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing learned. `kind`: one of FINDINGS, or CORRECTION, AMBIGUITY, WAIVER, ROLLBACK. `details`: label -> text.

    The fields after `details` belong to rulings: on a correction, or on an ambiguity that a person was asked about.
    """

    kind: str
    title: str
    sources: tuple[Source, ...]
    text: str = ""
    details: dict[str, str] = {}
    holds: bool = False  # accepted or answered: this is how to read the specification
    question: str = ""  # the id of the question by which a person ruled or will rule
    amendment: str = ""  # the amendment's id, if the specification was changed
    about: str = ""  # detail | requirement | architecture
    affects: tuple[str, ...] = ()  # modules and phases that depend on it
    superseded: int = 0  # version of the ruling that replaced it

    @property
    def abandoned(self) -> bool:
        """Whether all the work that this comes from was rolled back."""
        return all(source.abandoned for source in self.sources)

    @property
    def obsolete(self) -> bool:
        """Whether it no longer counts. What a person said still counts after the work behind it was rolled back."""
        return bool(self.superseded) or (self.abandoned and not (self.question and self.holds))

    @property
    def live(self) -> tuple[Source, ...]:
        """The sources that still count; all of them if none does."""
        return tuple(s for s in self.sources if not s.abandoned) or self.sources


class Proposed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A correction from an agent's report, with what the report says."""

    original: str
    reality: str
    source: Source
    unclear: bool = False


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """The work of agents on a module or a phase's merged tree: the files, and what the latest agent says about it."""

    phase: str
    module: str = ""
    files: tuple[str, ...] = ()
    says: str = ""


class Offered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of interfaces. `checkpoint`: the checkpoint's number; 0: a merge in the current phase."""

    digest: str
    checkpoint: int = 0


class Findings(View, frozen=True, kw_only=True):
    """`asked`: open effect -> the work an agent does; `reasons`: open effect -> why something is rolled back."""

    title: str = ""
    spec: str = ""  # blob digest of the specification that the task started with
    entries: tuple[Entry, ...] = ()
    completing: bool = False  # the task is at its end: obsolete entries are archived
    work: tuple[Work, ...] = ()  # not undone, oldest first
    offered: tuple[Offered, ...] = ()  # not undone, oldest first
    asked: dict[str, Source] = msgspec.field(default_factory=dict)
    reasons: dict[str, str] = msgspec.field(default_factory=dict)
    proposed: tuple[Proposed, ...] = ()  # not ruled on yet
    began: dict[str, int] = msgspec.field(default_factory=dict)  # phase -> version at which its current round started
    checkpoints: dict[str, int] = msgspec.field(default_factory=dict)  # phase -> number of its checkpoint

    @property
    def section(self) -> str:
        """The name of the section: each specification has its own, as tasks of one repository share the documents."""
        return f"{slug(self.title)}-{self.spec[:8]}"

    @property
    def superseded(self) -> frozenset[int]:
        """Versions of the rulings that no longer hold."""
        return frozenset(s.version for e in self.entries if e.obsolete for s in e.sources)
