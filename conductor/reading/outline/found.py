"""The results of the search for phases: candidates, and the phases found."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

import msgspec

from conductor.reading.markdown.document import Section
from conductor.reading.outline.heading import Heading

Warn = Callable[[int, str], None]


class Candidate(msgspec.Struct, frozen=True):
    """A section that may be a phase. `aside`: it is below a label, such as `Success Criteria`.

    `spoken`: it was not a heading but a paragraph, list item or table row made into a section.
    `parent` is the line of the heading above it; `named`: that heading is named after it, as `Milestones` is;
    `wish`: it is one of the `User Stories`.
    """

    heading: Heading
    section: Section
    aside: bool = False
    inline: bool = False
    parent: int = 0
    named: bool = False
    wish: bool = False

    @property
    def line(self) -> int:
        return self.section.line

    @property
    def key(self) -> str:
        return self.heading.number.casefold()


class Found(msgspec.Struct, frozen=True):
    """A phase. `number` is the heading's, or the next free one if another phase has that.

    There are several `sections` if the document describes the phase in several places, the fullest first.
    """

    number: str
    heading: Heading
    sections: tuple[Section, ...]

    @property
    def line(self) -> int:
        return self.sections[0].line

    @property
    def last(self) -> int:
        return self.sections[0].last


class LineSet:
    """A set of lines, given as the first and last line of non-overlapping ranges."""

    def __init__(self, parts: Iterable[tuple[int, int]] = ()) -> None:
        self._parts = sorted(parts)

    def __contains__(self, line: int) -> bool:
        at = bisect_right(self._parts, (line, 1 << 62))
        return at > 0 and line <= self._parts[at - 1][1]
