"""Which headings that look like phases belong to the plan: one family of keywords, one level of nesting."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conductor.reading.outline.found import Candidate


def untitled(candidates: list[Candidate]) -> list[Candidate]:
    """Leave out a document's title that looks like a phase (`# Phase 2: Accounts`) but contains the phases."""
    titles = [candidate for candidate in candidates if candidate.section.level == 1]
    if len(titles) == 1:
        inside = [c for c in candidates if titles[0].line < c.line <= titles[0].section.last]
        if len(inside) > 1 or any(c.heading.rank <= titles[0].heading.rank for c in inside):
            candidates.remove(titles[0])
    return candidates


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates of the strongest family, without phases inside phases.

    A family with a single heading gives way to a weaker one with several headings outside it.
    """
    for rank in _families(candidates):
        own = [candidate for candidate in candidates if candidate.heading.rank == rank]
        weaker = [c for c in candidates if c.heading.rank > rank and not own[0].line <= c.line <= own[0].section.last]
        if len(own) > 1 or len(weaker) < 2:
            return _outermost(own)
    return []


def _families(candidates: Sequence[Candidate]) -> list[int]:
    """The ranks, strongest first. But if the document names a container after one (`Milestones`) and none after a
    stronger one, it comes before the stronger ones: a `Stage 1` elsewhere is then a part of something."""
    ranks = sorted({candidate.heading.rank for candidate in candidates})
    named = {rank for rank in ranks if sum(c.named for c in candidates if c.heading.rank == rank) > 1}
    if (
        named
        and ranks[0] not in named
        and not any(c.section.level < 3 for c in candidates if c.heading.rank == ranks[0])
    ):
        ranks.sort(key=lambda rank: rank not in named)
    return ranks


def _outermost(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out phases inside phases; a phase that only contains others gives way to them."""
    found: list[Candidate] = []
    end = 0
    for n, candidate in enumerate(candidates):
        if candidate.line <= end:
            continue
        last = candidate.section.last
        if not _holds_phases(candidate, _following(candidates, n, last)):
            found.append(candidate)
            end = last
    return found


def _following(candidates: Sequence[Candidate], n: int, last: int) -> list[Candidate]:
    inside = []
    for candidate in candidates[n + 1 :]:
        if candidate.line > last:
            break
        inside.append(candidate)
    return inside


def _holds_phases(candidate: Candidate, inside: Sequence[Candidate]) -> bool:
    """Whether it is a container: `Phase 3 & 4` with both, or one with nothing of its own but phases numbered apart."""
    if not inside:
        return False
    number = re.escape(candidate.key)
    if any(re.match(rf"^{number}(?:[a-z.]|-\d)", other.key) for other in inside):
        return False
    parts = set(re.findall(r"\d+[a-z]?", candidate.key))
    if len(parts) > 1 and {other.key for other in inside} <= parts:
        return True
    return not candidate.section.blocks and {id(s) for s in candidate.section.sections} == {
        id(c.section) for c in inside
    }
