"""Which sections are phases. Does not read what stands below their headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from conductor.spec import labels
from conductor.spec.body import join
from conductor.spec.document import Section, Text, last_line
from conductor.spec.heading import Heading, clean, is_phase, of_noise, read_heading
from conductor.spec.noise import take_off

Warn = Callable[[int, str], None]


class Found(msgspec.Struct, frozen=True):
    """A phase. `number` is the heading's own, or where another phase has that, the next free one.

    `sections` are several where the document tells of the phase in several places.
    """

    number: str
    heading: Heading
    sections: tuple[Section, ...]

    @property
    def line(self) -> int:
        return self.sections[0].line


_NUMBERED = re.compile(
    r"^(?P<number>\d{1,9}(?:\.\d{1,9})*[a-z]?)(?:\s*[:：.)]\s*|\s+[-–—]\s*|\s+)(?P<name>\S.*)$", re.IGNORECASE
)


def find(root: Section, warn: Warn) -> tuple[Section, list[Found]]:
    """The tree in which phases are sections, and the phases in its order, each number once.

    Looked for, the first that exists: headings with a keyword and a number, bold paragraphs of that form, headings
    below `Implementation Phases` or its like.
    """
    candidates = list(_keyworded(root, warn))
    if not candidates and (bold := list(_keyworded(promoted := _promote(root), warn))):
        root, candidates = promoted, bold
    if candidates:
        rank = min(heading.rank for heading, _ in candidates)
        found = _outermost([(h, s) for h, s in candidates if h.rank == rank])
    else:
        found = list(_contained(root, warn))
    return root, _unique(found, warn)


def _outermost(candidates: list[tuple[Heading, Section]]) -> list[tuple[Heading, Section]]:
    """Without phases inside phases; a phase that holds nothing of its own but phases is only their container."""
    inside = {id(section) for _, section in candidates}
    containers = {
        id(s) for _, s in candidates if not s.blocks and s.sections and all(id(child) in inside for child in s.sections)
    }
    found = []
    end = 0
    for heading, section in candidates:
        if section.line > end and id(section) not in containers:
            found.append((heading, section))
            end = section.last
    return found


def _keyworded(section: Section, warn: Warn) -> Iterator[tuple[Heading, Section]]:
    for child in section.sections:
        if labels.is_excluded(child.title):
            if held := [s for s in child.walk() if is_phase(s.title)]:
                warn(held[0].line, f"phases below {child.title!r} are not taken as phases of this plan")
            continue
        if heading := read_heading(child.title):
            yield heading, child
        yield from _keyworded(child, warn)


def _promote(section: Section) -> Section:
    """The tree with bold paragraphs of a phase's form (`**Phase 1: Name**`) as sections of their own."""
    starts = [
        (n, block.lines[0].line, join(block.lines))
        for n, block in enumerate(section.blocks)
        if isinstance(block, Text) and join(block.lines) == block.lines[0].lead and is_phase(block.lines[0].lead)
    ]
    deeper = [_promote(child) for child in section.sections]
    ends = [n for n, _, _ in starts[1:]] + [len(section.blocks)]
    promoted = [
        Section(section.level + 1, title, line, last_line(section.blocks[end - 1]), section.blocks[n + 1 : end])
        for (n, line, title), end in zip(starts, ends, strict=False)
    ]
    kept = section.blocks[: starts[0][0]] if starts else section.blocks
    return msgspec.structs.replace(section, blocks=kept, sections=(*promoted, *deeper))


def _contained(root: Section, warn: Warn) -> Iterator[tuple[Heading, Section]]:
    """Headings without a keyword right below a container: numbered ones, or where none is, all but the labelled."""
    for container in root.walk():
        if not labels.is_container(container.title):
            continue
        numbered = [(_NUMBERED.match(take_off(child.title)[0]), child) for child in container.sections]
        any_number = any(match for match, _ in numbered)
        for n, (match, child) in enumerate(numbered, 1):
            text, noise = take_off(child.title)
            if match:
                yield of_noise(noise, match["number"], match["name"]), child
            elif not any_number and not labels.field_of(child.title):
                warn(child.line, f"a heading without a keyword and a number is read as phase {n}")
                yield of_noise(noise, str(n), text), child


def _unique(candidates: Sequence[tuple[Heading, Section]], warn: Warn) -> list[Found]:
    """Each number once: the same phase told twice is merged, another one of that number gets the next free letter."""
    found: dict[str, Found] = {}
    spare: dict[str, Iterator[str]] = {}
    taken = {heading.number.casefold() for heading, _ in candidates}
    for heading, section in candidates:
        number, key = heading.number, heading.number.casefold()
        first = found.get(key)
        if first is None:
            found[key] = Found(number, heading, (section,))
        elif not heading.name or heading.name.casefold() == first.heading.name.casefold():
            warn(section.line, f"phase {number} is told of twice: merged with line {first.line}")
            found[key] = Found(number, first.heading, (*first.sections, section))
        elif labels.field_of(heading.name):
            warn(section.line, f"{section.title!r} is not taken as a phase: phase {number} is at line {first.line}")
        else:
            free = next(n for n in spare.setdefault(key, _next_numbers(number)) if n.casefold() not in taken)
            taken.add(free.casefold())
            warn(section.line, f"phase number {number} is used twice (line {first.line}): this one is read as {free}")
            found[free.casefold()] = Found(free, heading, (section,))
    return list(found.values())


def _next_numbers(number: str) -> Iterator[str]:
    yield from (f"{number}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")
    n = 2
    while True:
        yield f"{number}.{n}"
        n += 1
