"""Turns candidates into phases with unique numbers: duplicates are merged, the others renumbered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from conductor.reading.markdown.document import List, Section
from conductor.reading.outline.found import Candidate, Found, Warn
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.mentions import name_words


def unique(candidates: Sequence[Candidate], warn: Warn) -> list[Found]:
    """Each number once, in the document's order."""
    found: dict[str, Found] = {}
    spare: dict[str, Iterator[str]] = {}
    taken = {candidate.key for candidate in candidates}
    parents: dict[str, int] = {}
    told = {candidate.key for candidate in candidates if not candidate.aside}
    for candidate in candidates:
        heading, section, key = candidate.heading, candidate.section, candidate.key
        first = found.get(key)
        if candidate.aside and key in told:
            continue  # `### Phase 1` below `## Success Criteria` is about phase 1, and is not one
        parents.setdefault(key, candidate.parent)
        if first is None:
            found[key] = Found(heading.number, heading, (section,))
        elif not heading.name and candidate.parent != parents[key] and _lists(first.sections[0]):
            warn(
                section.line,
                f"{section.title!r} is read as being about phase {heading.number} (line {first.line}): not taken",
            )
        elif _same(heading.name, first.heading.name, apart=parents[key] != candidate.parent):
            warn(section.line, f"phase {heading.number} is described twice: merged with line {first.line}")
            found[key] = _merged(first, candidate)
        elif candidate.inline or labels.field_of(heading.name) or (first.heading.apart and not heading.apart):
            warn(
                section.line,
                f"{heading.name!r} is not taken as a phase: phase {heading.number} is at line {first.line}",
            )
        else:
            numbers = spare.setdefault(key, _next_numbers(heading.number))
            free = next(n for n in numbers if n.casefold() not in taken)
            taken.add(free.casefold())
            message = f"phase number {heading.number} is used twice (line {first.line}): this one is read as {free}"
            warn(section.line, message)
            found[free.casefold()] = Found(free, heading, (section,))
    return list(found.values())


def _merged(first: Found, again: Candidate) -> Found:
    """Both merged, the longer section first: it names the phase."""
    one, two = first.heading, again.heading
    longer = again.section.last - again.line > first.last - first.line
    lead, other = (two, one) if longer else (one, two)
    heading = msgspec.structs.replace(
        lead,
        name=lead.name or other.name,
        duration=one.duration or two.duration,
        done=one.done or two.done,
        needs=one.needs or two.needs,
        stubs=one.stubs or two.stubs,
    )
    sections = (again.section, *first.sections) if longer else (*first.sections, again.section)
    return Found(first.number, heading, sections)


def _same(one: str, two: str, *, apart: bool) -> bool:
    """Whether two names mean one phase: one is empty, or they are equal; if `apart`, half of their words suffice."""
    a, b = set(name_words(one)), set(name_words(two))
    return not a or not b or a == b or (apart and (a <= b or b <= a or 2 * len(a & b) >= len(a | b)))


def _lists(section: Section) -> bool:
    """Whether a phase's section itself says what to do."""
    return any(isinstance(block, List) for part in section.walk() for block in part.blocks)


def _next_numbers(number: str) -> Iterator[str]:
    yield from (f"{number}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")
    n = 2
    while True:
        yield f"{number}.{n}"
        n += 1
