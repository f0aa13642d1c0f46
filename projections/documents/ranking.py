"""How much each thing learned weighs, and which documents it goes into: fixed rules. Pure.

A finder's weight is only a claim. The first rule that fits a finding decides:

1. core: claimed as core, and the same report also brought a correction that a person approved as an amendment.
2. minor: claimed only as minor; or without text and evidence, except gotchas (a title often suffices) and security.
3. pattern: found in two phases or modules; or claimed as a pattern, with evidence.
4. important: everything else. Security issues are at least important, as are claims of core without an amendment.

A correction is core if it amended the specification, important if a person approved it or others depend on it, else
minor. The same goes for the answer to an ambiguity. Waivers and rollbacks are important: they say what applies.

DISCOVERIES.md holds everything but important gotchas, which go into ARCHITECTURE.md; a minor finding without text and
evidence is in no document (its event stays). In addition, core entries and rulings that others depend on go into
READY.md, approved changes of the architecture into ARCHITECTURE.md, and patterns into CLAUDE.md. Obsolete entries are
in none of these three, and at the task's end only in the archive.
"""

from __future__ import annotations

from enum import Enum

from projections.documents.findings import AMBIGUITY, CORRECTION, FINAL, FINDING_KINDS, Entry

DISCOVERIES, ARCHITECTURE, READY, CLAUDE = "DISCOVERIES.md", "ARCHITECTURE.md", "READY.md", "CLAUDE.md"


class Rank(Enum):
    CORE = "core"
    PATTERN = "pattern"
    IMPORTANT = "important"
    MINOR = "minor"


def rank_of(entry: Entry) -> Rank:
    """The weight of an entry. Sources that were rolled back count only if there are no others."""
    if entry.kind in FINDING_KINDS:
        return _finding(entry)
    if entry.amendment:
        return Rank.CORE
    if entry.kind in (CORRECTION, AMBIGUITY):
        counts = entry.holds and bool(entry.affects or (entry.question and entry.kind == CORRECTION))
        return Rank.IMPORTANT if counts else Rank.MINOR
    return Rank.IMPORTANT


def places(entry: Entry) -> tuple[str, ...]:
    """The documents that an entry goes into before it is archived, its main one first; empty: none."""
    rank, rules = rank_of(entry), entry.kind in (CORRECTION, AMBIGUITY)
    if rank is Rank.MINOR and entry.kind in FINDING_KINDS and _claims(entry) == {"minor"} and _bare(entry):
        return ()
    found = [ARCHITECTURE if entry.kind == "gotcha" and rank is not Rank.MINOR else DISCOVERIES]
    if entry.obsolete:
        return tuple(found)
    if rank is Rank.CORE or (rules and rank is Rank.IMPORTANT and entry.affects):
        found.append(READY)
    if rules and entry.holds and entry.question and entry.about == "architecture":
        found.append(ARCHITECTURE)
    if rank is Rank.PATTERN:
        found.append(CLAUDE)
    return tuple(found)


def _finding(entry: Entry) -> Rank:
    claims = _claims(entry)
    if any(s.claim == "core" and s.amendment for s in entry.live):
        return Rank.CORE
    if claims == {"minor"} and entry.kind != "security":
        return Rank.MINOR
    if _bare(entry) and entry.kind not in ("gotcha", "security"):
        return Rank.MINOR
    if _spread(entry) > 1 or ("pattern" in claims and entry.details.get("Evidence")):
        return Rank.PATTERN
    return Rank.IMPORTANT


def _claims(entry: Entry) -> set[str]:
    return {s.claim for s in entry.live if s.claim}


def _bare(entry: Entry) -> bool:
    return not entry.text.strip() and not entry.details


def _spread(entry: Entry) -> int:
    """In how many phases, or modules of a phase, it was found. The final validation does not count as a phase."""
    phases = {s.phase for s in entry.live} - {"", FINAL}
    modules = {(s.phase, s.module) for s in entry.live if s.module}
    return max(len(phases), len(modules))
