"""Resolves dependencies: names and numbers as written -> phases and modules, in the order in which they run."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from conductor.errors import SpecError
from conductor.plan.graph import GraphError, waves
from conductor.reading.assemble import PhaseDraft
from conductor.reading.fields.modules import Need
from conductor.reading.outline.heading import KEYWORD, NUMBER, rank_of, sort_key
from conductor.reading.outline.phases import Warn
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.mentions import key_of

_REFERENCE = re.compile(
    rf"^(?:the\s+|completion\s+of\s+)?(?:(?P<keyword>{KEYWORD})s?\s*)?#?(?P<first>{NUMBER})"
    rf"(?:\s*(?:[-–—]|to|through|bis)\s*(?:(?:{KEYWORD})\s*)?(?P<last>{NUMBER}))?(?P<rest>\b.*)?$",
    re.IGNORECASE,
)
_WORD = "|".join(sorted(labels.PLANNED, key=len, reverse=True))
_EXACT = re.compile(
    rf"^(?:(?P<word>{KEYWORD}|{_WORD})s?\s+#?(?P<number>[\w.-]*\w)\b|(?P<alone>[\w.-]+)$)", re.IGNORECASE
)
_RANGE = re.compile(r"^(\d[\w.]*)[-–—/](\w+)$")
_PREVIOUS = re.compile(
    rf"^(?:(?P<all>all\s+)?(?:the\s+)?(?:previous|prior|preceding|earlier)\s*(?:{KEYWORD})?s?|(?P<every>all\s+(?:other\s+)?(?:{KEYWORD})s))$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"^(?P<who>.+?)\s*(?:(?:depends\s+(?:up)?on|requires|needs|after)\b\s*[:：]?|[:：])\s*(?P<whom>.+)$", re.IGNORECASE
)
_ARROW = re.compile(r"\s*(?:→|->|=>)\s*")
_WORDS = 4  # more words read as a sentence


class Resolved:
    """Dependencies by phase number: `phases` between phases, `modules` between modules of one phase."""

    def __init__(self, drafts: Sequence[PhaseDraft], overall: Iterable[tuple[str, Need]], warn: Warn) -> None:
        """`overall` are dependencies stated outside the phases: who, as written, and on what.

        Raises SpecError, with its line, for an unknown name or number, and for a cycle."""
        self._drafts = drafts
        self._warn = warn
        self._numbers = {draft.number.casefold(): draft.number for draft in drafts}
        self._place = {draft.number: n for n, draft in enumerate(drafts)}
        self._written: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        for draft in drafts:
            self._written[draft.written.casefold()] = self._written.get(draft.written.casefold(), 0) + 1
            self._names.setdefault(key_of(draft.name), draft.number)
            for module in draft.modules:
                self._owners.setdefault(key_of(module.name), draft.number)
        self.phases: dict[str, dict[str, int]] = {draft.number: {} for draft in drafts}  # -> the line of the dependency
        self.modules: dict[str, dict[str, dict[str, int]]] = {}
        for draft in drafts:
            self._resolve(draft)
        for who, need in overall:
            self._link_overall(who, need)
        for draft in drafts:
            _refuse_cycles(self.modules[draft.number], f"modules of phase {draft.number}")
        _refuse_cycles(self.phases, "phases")

    def _link_overall(self, who: str, need: Need) -> None:
        """`Phase 2 depends on Phase 1`; anything else in a section on dependencies is about tools."""
        source, target = _REFERENCE.match(who), _REFERENCE.match(need.text)
        if source and target and source["keyword"] and (target["keyword"] or not target["rest"]):
            targets = list(self._numbered(target, need))
            for number in self._numbered(source, Need(who, need.line)):
                for wanted in targets:
                    self.phases[number].setdefault(wanted, need.line)

    def _resolve(self, draft: PhaseDraft) -> None:
        own = {key_of(module.name): module.name for module in draft.modules}
        edges = self.modules[draft.number] = {module.name: {} for module in draft.modules}
        for module in draft.modules:
            for need in module.needs:
                self._module_needs(draft, own, edges[module.name], need)
        for need in draft.needs:
            if between := self._between(own, need):
                for who, whom in between:
                    self._module_needs(draft, own, edges[who], whom)
            else:
                for number in self._phases_of(draft, own, need):
                    self.phases[draft.number].setdefault(number, need.line)

    def _module_needs(self, draft: PhaseDraft, own: dict[str, str], edges: dict[str, int], need: Need) -> None:
        name = own.get(key_of(need.text))
        if name is not None:
            edges.setdefault(name, need.line)
            return
        for number in self._phases_of(draft, own, need):
            if number != draft.number:
                self.phases[draft.number].setdefault(number, need.line)

    def _between(self, own: dict[str, str], need: Need) -> list[tuple[str, Need]]:
        """`parser depends on lexer`, `parser: lexer`, `lexer → parser` in the phase itself is about its modules."""
        chain = _ARROW.split(need.text)
        if len(chain) > 1 and all(key_of(part) in own for part in chain):
            self._warn(need.line, f"{need.text!r} is read as an order: {chain[0]} first")
            return [(own[key_of(b)], Need(a, need.line)) for a, b in pairwise(chain)]
        match = _BETWEEN.match(need.text)
        if match and key_of(match["who"]) in own:
            return [(own[key_of(match["who"])], Need(match["whom"], need.line))]
        return []

    def _phases_of(self, draft: PhaseDraft, own: dict[str, str], need: Need) -> Iterator[str]:
        """The numbers of the phases that `need` names. Raises SpecError if none of them exists."""
        previous = _PREVIOUS.match(need.text)
        if previous:
            place = self._place[draft.number]
            yield from (
                d.number for d in self._drafts[0 if previous["all"] or previous["every"] else max(0, place - 1) : place]
            )
            return
        exact = _EXACT.match(need.text)
        number = self._numbers.get((exact["number"] or exact["alone"]).casefold()) if exact else None
        worded = exact is not None and (exact["word"] or "").casefold() in labels.PLANNED
        if number and (worded or not number[0].isdigit()):
            yield number
            return
        key = key_of(need.text)
        named = self._names.get(key) or self._owners.get(key)
        reference = _REFERENCE.match(need.text)
        if reference and (reference["keyword"] or not (reference["rest"] or named)) and not self._elsewhere(reference):
            yield from self._numbered(reference, need)
        elif named:
            yield named
        elif not (need.strict and self._owners) or reference or len(need.text.split()) > _WORDS:
            self._warn(need.line, f"dependency {need.text[:80]!r} names neither a phase nor a module: ignored")
        else:
            raise SpecError(
                f"phase {draft.number}: {need.text!r} is depended on, but there is no such module or phase",
                line=need.line,
                allowed=_some([*own.values(), *(f"Phase {number}" for number in self._numbers.values())]),
                hint="write the name as declared, or `none`",
            )

    def _elsewhere(self, reference: re.Match[str]) -> bool:
        """Whether a reference points to another document: a phase before all of these, or a task."""
        first, keyword = reference["first"].casefold(), reference["keyword"]
        if first in self._numbers:
            return False
        if keyword and rank_of(keyword.lower()) not in {draft.rank for draft in self._drafts}:
            return True
        key, known = sort_key(first), [sort_key(draft.number) for draft in self._drafts]
        return key is not None and bool(known) and all(number is not None and key < number for number in known)

    def _numbered(self, reference: re.Match[str], need: Need) -> Iterator[str]:
        """The phases of `Phase 2` or `Phases 1-3`. Raises SpecError for a number that no phase or several have."""
        first, last = reference["first"].casefold(), (reference["last"] or "").casefold()
        if last and f"{first}-{last}" in self._numbers:  # a phase whose number is a range
            first, last = f"{first}-{last}", ""
        elif first not in self._numbers and (both := _RANGE.match(first)):
            first, last = both.groups()
        for end in filter(None, (first, last)):
            if end not in self._numbers:
                raise SpecError(
                    f"{need.text!r} is depended on, but there is no phase {end}",
                    line=need.line,
                    allowed=_some(self._numbers.values()),
                )
            if self._written.get(end, 0) > 1:
                raise SpecError(
                    f"{need.text!r} is depended on, but {self._written[end]} phases have the number {end}",
                    line=need.line,
                    hint="give each phase a unique number",
                )
            yield self._numbers[end]
        low, high = sort_key(first), sort_key(last)
        for draft in self._drafts if low and high else ():
            key = sort_key(draft.number)
            if key and low and high and low < key < high:
                yield draft.number


def _some(names: Iterable[str]) -> str:
    first = list(names)
    return ", ".join(first[:20]) + (", …" if len(first) > 20 else "")


def order(drafts: Sequence[PhaseDraft], needs: dict[str, dict[str, int]], warn: Warn) -> list[PhaseDraft]:
    """Drafts in the order in which they run: by number if all numbers can be ordered, and after their dependencies."""
    keys = [sort_key(draft.number) for draft in drafts]
    known = [key for key in keys if key is not None]
    places = list(range(len(drafts)))
    if len(known) == len(drafts):
        places.sort(key=known.__getitem__)
        if places != sorted(places):
            late = next(n for n in range(1, len(known)) if known[n] < known[n - 1])
            warn(
                drafts[late].lines[0],
                f"phase {drafts[late].number} stands after {drafts[late - 1].number}: they run by number",
            )
    ranked = [drafts[place] for place in places]
    rank = {draft.number: n for n, draft in enumerate(ranked)}
    waiting = {draft.number: set(needs[draft.number]) for draft in drafts}
    blocks: dict[str, list[str]] = {draft.number: [] for draft in drafts}
    for number, wanted in waiting.items():
        for need in wanted:
            blocks[need].append(number)
    ready = [n for n, draft in enumerate(ranked) if not waiting[draft.number]]
    heapq.heapify(ready)
    ordered: list[PhaseDraft] = []
    while ready:
        draft = ranked[heapq.heappop(ready)]
        ordered.append(draft)
        for number in blocks[draft.number]:
            waiting[number].discard(draft.number)
            if not waiting[number]:
                heapq.heappush(ready, rank[number])
    return ordered


def _refuse_cycles(edges: dict[str, dict[str, int]], what: str) -> None:
    try:
        waves({name: tuple(needs) for name, needs in edges.items()})
    except GraphError as error:
        who, whom = error.names[0], error.names[1]
        line = edges[who].get(whom) or edges[whom].get(who, 0)
        raise SpecError(f"{what}: {error}", line=line, hint="remove one of these dependencies") from None
