"""Finds the phases of a document by trying one form after the other. It does not read their contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from conductor.reading.dialects import inline_phases, numbered, rows
from conductor.reading.dialects.inline_phases import Spot
from conductor.reading.markdown.document import Block, List, Section
from conductor.reading.outline import merge
from conductor.reading.outline.families import choose, untitled
from conductor.reading.outline.found import Candidate, LineSet
from conductor.reading.outline.found import Found as Found
from conductor.reading.outline.found import Warn as Warn
from conductor.reading.outline.heading import is_phase, other_of, read_heading, sort_key
from conductor.reading.vocabulary import labels

_TASKS = 5  # from this rank on, headings are as often parts of phases as phases
_STEPS = 6  # from this rank on, headings are more often from a manual than a plan


def find(root: Section, warn: Warn) -> tuple[Section, list[Found]]:
    """The tree in which phases are sections, and the phases in its order, with unique numbers.

    The first form that exists counts: headings with a keyword and a number; paragraphs and items of that form; table
    rows; numbered checklists; headings and lists below `Implementation Phases` or the like; numbered headings.
    """
    root = inline_phases.apart(root)
    headings = choose(untitled(list(_keyworded(root, warn))))
    said = list(inline_phases.spots(root))
    if headings and headings[0].heading.rank >= _TASKS and (holders := _holders(root, headings, warn)):
        return root, [_ticked(_without_others(found)) for found in merge.unique(holders, warn)]
    weak = headings and (headings[0].heading.rank >= _STEPS or all(c.wish for c in headings))
    if headings and not (weak and _rank(said) == 0):
        root, candidates = _completed(root, headings, said, warn)
    else:
        root, candidates = _without_headings(root, said, warn)
    if _is_title(candidates):
        other, better = _without_headings(root, [], warn)
        if len(better) > 1:
            root, candidates = other, better
    return root, [_ticked(_without_others(found)) for found in merge.unique(candidates, warn)]


def _keyworded(section: Section, warn: Warn, aside: bool = False) -> Iterator[Candidate]:
    for child in section.sections:
        if labels.is_excluded(child.title):
            if held := [s for s in child.walk() if is_phase(s.title)]:
                warn(held[0].line, f"phases below {child.title!r} are not taken as phases of this plan")
            continue
        if heading := read_heading(child.title):
            named = heading.rank in labels.ranks_in(section.title)
            wish = labels.is_wishes(section.title)
            yield Candidate(heading, child, aside, parent=section.line, named=named, wish=wish)
        field = labels.field_of(child.title)
        label = field is not None and field != "goals" and not labels.is_container(child.title)
        yield from _keyworded(child, warn, aside or label or labels.is_per_phase(child.title))


def _completed(
    root: Section, headings: list[Candidate], said: Sequence[Spot], warn: Warn
) -> tuple[Section, list[Candidate]]:
    """The phases of headings, plus those only in a paragraph or table row outside them."""
    known = {candidate.key for candidate in headings}
    rank = headings[0].heading.rank
    inside = LineSet((c.line, c.section.last) for c in headings if c.section.level > 1 or len(headings) > 1)
    outside = {
        spot.line: spot
        for spot in said
        if not spot.plain
        and spot.heading.rank == rank
        and spot.heading.name
        and spot.heading.number.casefold() not in known
        and spot.line not in inside
        and not _before_title(spot, headings)
    }
    distinct: dict[str, Spot] = {}
    for spot in outside.values():
        distinct.setdefault(spot.heading.number.casefold(), spot)
    candidates = list(headings)
    if distinct:
        chosen = {spot.line: spot for spot in distinct.values()}
        root = inline_phases.promote(root, chosen)
        candidates = sorted([*_resolve(root, headings), *_spoken(root, chosen)], key=lambda candidate: candidate.line)
        known |= set(distinct)
    for table in rows.plans(root, inside):
        own = {row.key for row in table.rows}
        if known <= own:
            added = [row for row in table.rows if row.key not in known]
            for row in added:
                warn(row.line, f"phase {row.heading.number} appears only in a table")
            names = {row.key: row.heading.name for row in table.rows}
            candidates = [c if c.heading.name else _renamed(c, names.get(c.key, "")) for c in candidates]
            places = {row.key: n for n, row in enumerate(table.rows)}
            candidates = sorted([*candidates, *added], key=lambda candidate: places[candidate.key])
            known |= own
    return root, candidates


def _renamed(candidate: Candidate, name: str) -> Candidate:
    return msgspec.structs.replace(candidate, heading=msgspec.structs.replace(candidate.heading, name=name))


def _before_title(spot: Spot, headings: Sequence[Candidate]) -> bool:
    """Whether a document that is one phase (`# Story 1.5: Name`) mentions an earlier one."""
    title = headings[0]
    if len(headings) > 1 or title.section.level > 1:
        return False
    own, other = sort_key(title.heading.number), sort_key(spot.heading.number)
    return own is not None and other is not None and other < own


def _resolve(root: Section, headings: Sequence[Candidate]) -> Iterator[Candidate]:
    """The same candidates, with their sections from another tree."""
    lines = {section.line: section for section in root.walk() if section.level}
    return (msgspec.structs.replace(c, section=lines[c.line]) for c in headings)


def _spoken(root: Section, chosen: dict[int, Spot]) -> Iterator[Candidate]:
    for section in root.walk():
        if section.level and (spot := chosen.get(section.line)):
            yield Candidate(spot.heading, section, inline=True)


def _without_headings(root: Section, said: Sequence[Spot], warn: Warn) -> tuple[Section, list[Candidate]]:
    if _rank(said) == _STEPS and (holders := _holding(root, said)):
        return root, holders
    for plain in (False, True):
        if not plain and (tables := list(rows.plans(root, LineSet()))) and not [s for s in said if not s.plain]:
            break
        strong = [spot for spot in said if plain or not spot.plain]
        if strong and (not plain or len({spot.heading.number for spot in strong}) > 1):
            rank = _rank(strong)
            lists = {(spot.heading.number, spot.listed) for spot in strong}
            numbers = {number for number, _ in lists}

            outer = {spot.line: spot.heading.number.rpartition(".")[0] for spot in strong}
            whole = (  # `1.1` is in `1`, unless both are items of one list
                spot
                for spot in strong
                if outer[spot.line] not in numbers or (spot.listed and (outer[spot.line], spot.listed) in lists)
            )
            chosen = {spot.line: spot for spot in whole if spot.heading.rank == rank}
            promoted = inline_phases.promote(root, chosen)
            return promoted, list(_spoken(promoted, chosen))
    else:
        tables = []
    if tables:
        table = max(tables, key=lambda plan: len(plan.rows))
        return rows.without(root, {table.line}), list(table.rows)
    promoted, found = numbered.boxes(root)
    if found:
        return promoted, found
    if found := numbered.titled(root) or numbered.contained(root, warn):
        return root, found
    promoted, found = numbered.listed(root, warn)
    if found:
        return promoted, found
    found = numbered.worded(root, warn) or numbered.identified(root, warn) or numbered.siblings(root, warn)
    if found := found or numbered.contained(root, warn, title=True):
        return root, found
    if tables := list(rows.plans(root, LineSet(), unnumbered=True)):
        table = max(tables, key=lambda plan: len(plan.rows))
        return rows.without(root, {table.line}), list(table.rows)
    return numbered.listed(root, warn, anywhere=True)


def _holding(root: Section, said: Sequence[Spot]) -> list[Candidate]:
    """The headings below a container, if every mentioned `Step 1` is a part of one: `Fix 5 — Name`."""
    found = numbered.contained(root, lambda line, message: None)
    inside = LineSet((candidate.line, candidate.section.last) for candidate in found)
    return found if len(found) > 1 and all(spot.line in inside for spot in said) else []


def _holders(root: Section, tasks: Sequence[Candidate], warn: Warn) -> list[Candidate]:
    """`Session 1: Name` and the like, if each contains tasks and every task is in one; else none."""
    found = numbered.worded(root, lambda line, message: None)
    spans = [LineSet([(candidate.line, candidate.section.last)]) for candidate in found]
    held = [{task.line for task in tasks if task.line in span} for span in spans]
    if len(found) < 2 or not all(held) or sum(map(len, held)) != len(tasks):
        return []
    return numbered.worded(root, warn)


def _rank(said: Sequence[Spot]) -> int:
    return min((spot.heading.rank for spot in said), default=_STEPS + 2)


def _is_title(candidates: Sequence[Candidate]) -> bool:
    """Whether the only phase is the document's title, which calls it a plan or contains phases."""
    if len(candidates) != 1 or candidates[0].section.level > 1:
        return False
    section = candidates[0].section
    own = any(labels.normalise(inner.title) in ("subphases", "sub-phases") for inner in section.walk())
    return own or "plan" in section.title.lower()


def _without_others(found: Found) -> Found:
    """The phase without sections about another one: `Optional (Phase 3+)`, `After Phase 2`."""

    def own(section: Section) -> Section:
        kept = tuple(
            own(child)
            for child in section.sections
            if other_of(child.title, found.heading.rank) in (None, found.number.casefold())
        )
        return msgspec.structs.replace(section, sections=kept)

    return msgspec.structs.replace(found, sections=tuple(own(section) for section in found.sections))


def _ticked(found: Found) -> Found:
    """The phase, done if it has checkboxes and all are ticked."""
    ticks = [tick for section in found.sections for part in section.walk() for tick in _ticks(part.blocks)]
    if not ticks or not all(ticks):
        return found
    return msgspec.structs.replace(found, heading=msgspec.structs.replace(found.heading, done=True))


def _ticks(blocks: Sequence[Block]) -> Iterator[bool]:
    for block in blocks:
        for item in block.items if isinstance(block, List) else ():
            if item.ticked is not None:
                yield item.ticked
            yield from _ticks(item.blocks)
