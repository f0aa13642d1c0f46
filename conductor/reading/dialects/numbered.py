"""Phases without a keyword: numbered headings and lists below `Roadmap` and the like, and numbered checklists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from conductor.reading.markdown.document import Block, Item, Line, List, Section, Text
from conductor.reading.outline.found import Candidate, Warn
from conductor.reading.outline.heading import Heading, annotated
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.annotations import take_off

_NUMBERED = re.compile(
    r"^(?P<number>\d{1,9}(?:\.\d{1,9})*[a-z]?)(?:\s*[:：.)、]\s*|\s+[-–—]\s*|\s+)(?P<name>\S.*)$", re.IGNORECASE
)
_WORDED = re.compile(
    r"^(?P<word>[^\W\d_]{2,20})\s*[#№-]?\s*(?P<number>\d{1,4}(?:\.\d{1,4})*[a-z]?|(?<=\s)(?-i:[A-Z]))(?:\s*\([^()]*\))?"
    r"(?:\s*[:：.)、]\s*|\s+[-–—]+\s*)(?P<name>\S.*)$",
    re.IGNORECASE,
)
"""`Gap 2: Name`: a word of the document's choice before the number."""
_IDENTIFIED = re.compile(
    r"^(?P<number>(?P<word>[A-Z]{1,6})[-.]?\d{1,4}(?:[-.]\d{1,3})*[a-z]?)(?:\s*[:：.)]\s*|\s+[-–—]+\s*|\s+)(?P<name>\S.*)$"
)
"""`US-2: Name`, `C0 — Name`: an identifier of the document's choice."""
_NO_WORK = labels.words("FR NFR REQ R AC Q OQ RISK ADR D SC KPI A NG BR TC UC I F H V Y X")
_STEPS = (None, "goals", "tests", "verification")  # what a step may be named after: `3. Build`, `4. Testing`
_CHAPTERS = labels.words(
    """
    introduction overview background context summary goals architecture requirements references conclusion scope
    motivation design risks appendix prerequisites assumptions glossary problem solution abstract purpose
    vision metrics questions users personas features stack technology references constraints stakeholders glossary
    introducción propósito objetivos metas requisitos alcance diseño criterios asunciones preguntas métricas visión
    arquitectura resumen contexto riesgos introdução visão objetivo escopo arquitetura critérios riscos métricas
    einleitung ziele anforderungen architektur umfang risiken objectifs contexte exigences périmètre risques
    введение цели требования архитектура обзор контекст риски 概述 背景 目标 需求 架构 风险 概要 目的 要件
    """
)


def contained(root: Section, warn: Warn, *, title: bool = False) -> list[Candidate]:
    """Headings without a keyword right below a container: numbered ones, or if there are none, all but the labelled.

    An empty container is the title of the numbered headings after it. `title`: only the document's title is
    considered, because what is below it is often not a phase.
    """
    found: list[Candidate] = []
    for parent in root.walk():
        for n, section in enumerate(parent.sections):
            if labels.is_container(section.title) and (section.level == 1) is title:
                empty = not section.blocks and not section.sections
                found += _below(parent.sections[n + 1 :] if empty else section.sections, empty, warn)
    return found


def siblings(root: Section, warn: Warn) -> list[Candidate]:
    """The first run of headings of one level that are numbered without gaps, if they read as steps."""
    for parent in root.walk():
        numbered = [(match, s) for s in parent.sections if (match := _NUMBERED.match(take_off(s.title)[0]))]
        if len(numbered) < 2 or any(
            match["number"] != str(n) for n, (match, _) in enumerate(numbered, int(_first(numbered)))
        ):
            continue
        chapters = [
            match
            for match, s in numbered
            if set(match["name"].lower().split()) & _CHAPTERS and not _counts_on(s, match["number"])
        ]
        if len(chapters) * 3 > len(numbered) or _first(numbered) not in ("0", "1"):
            continue
        warn(numbered[0][1].line, "numbered headings without a keyword are read as phases")
        return [
            Candidate(annotated(take_off(s.title)[1], match["number"], match["name"]), s)
            for match, s in numbered
            if (labels.field_of(s.title) in _STEPS or _counts_on(s, match["number"]))
            and not labels.is_excluded(s.title)
            and match not in chapters
        ]
    return []


def _counts_on(section: Section, number: str) -> bool:
    """Whether the items below a heading continue its number: `- [ ] 4.1 Name` below `4. Notes` makes it a phase."""
    items = [item for block in section.blocks for item in _items(block) if item.lines]
    return bool(items) and all(item.lines[0].text.startswith(f"{number}.") for item in items)


def _first(numbered: Sequence[tuple[re.Match[str], Section]]) -> str:
    number = numbered[0][0]["number"]
    return number if number.isdigit() else "0"


def worded(root: Section, warn: Warn) -> list[Candidate]:
    """The first headings of one level that start with the same word and a number, if plans use that word."""
    for parent in root.walk():
        if labels.field_of(parent.title) not in (None, "goals"):
            continue  # `Validation`, with its levels
        matches = _worded(parent.sections)
        if matches and matches[0][0]["word"].casefold() in labels.PLANNED:
            match, first = matches[0]
            warn(first.line, f"headings {match['word']!r} with a number are read as phases")
            return [Candidate(annotated(take_off(s.title)[1], m["number"], m["name"]), s) for m, s in matches]
    return []


def identified(root: Section, warn: Warn) -> list[Candidate]:
    """The first headings of one level with identifiers of one kind, except those of requirements or decisions."""
    every = list(root.walk())
    levels = ([section for section in every if section.level == level] for level in range(2, 7))
    for sections in (*(parent.sections for parent in every), *levels):  # also those that are apart
        matches = _worded(sections, _IDENTIFIED)
        if matches and matches[0][0]["word"] not in _NO_WORK and all(s.blocks or s.sections for _, s in matches):
            warn(matches[0][1].line, f"headings such as {matches[0][0]['number']!r} are read as phases")
            return [Candidate(annotated(take_off(s.title)[1], m["number"], m["name"]), s) for m, s in matches]
    return []


def titled(root: Section) -> list[Candidate]:
    """`# S06: Name` over a list of `**T01: …**`: the document is one phase, and these are its tasks."""
    titles = [section for section in root.sections if section.level == 1]
    match = _IDENTIFIED.match(take_off(titles[0].title)[0]) if len(titles) == 1 else None
    lists = (block for part in root.walk() for block in part.blocks if isinstance(block, List))
    leads = (item.lines[0].lead for block in lists for item in block.items if item.lines and item.ticked is not None)
    if match is None or not any(_IDENTIFIED.match(lead) for lead in leads):
        return []
    return [Candidate(annotated(take_off(titles[0].title)[1], match["number"], match["name"]), titles[0])]


def _worded(sections: Sequence[Section], pattern: re.Pattern[str] = _WORDED) -> list[tuple[re.Match[str], Section]]:
    """The sections whose headings start with the same word and different numbers; [] for fewer than two."""
    found = [(match, s) for s in sections if (match := pattern.match(take_off(s.title)[0]))]
    own = [(match, s) for match, s in found if match["word"].casefold() == found[0][0]["word"].casefold()]
    if own and own[0][0]["number"].isalpha() and own[0][0]["word"].casefold() not in labels.PLANNED:
        return []  # `Option A`
    return own if len({match["number"] for match, _ in own}) > 1 else []


def _below(sections: Sequence[Section], only_numbered: bool, warn: Warn) -> Iterator[Candidate]:
    if not only_numbered and (matches := _worded(sections) or _worded(sections, _IDENTIFIED)):
        for own, section in matches:
            yield Candidate(annotated(take_off(section.title)[1], own["number"], own["name"]), section)
        return
    numbered = [(_NUMBERED.match(take_off(section.title)[0]), section) for section in sections]
    any_number = any(match for match, _ in numbered)
    for n, (match, section) in enumerate(numbered, 1):
        text, annotations = take_off(section.title)
        if match:
            yield Candidate(annotated(annotations, match["number"], match["name"]), section)
        elif not (any_number or only_numbered or labels.field_of(section.title) or labels.is_excluded(section.title)):
            warn(section.line, f"a heading without a keyword and a number is read as phase {n}")
            yield Candidate(annotated(annotations, str(n), text), section)


def boxes(root: Section) -> tuple[Section, list[Candidate]]:
    """Numbered checklists, `- [ ] 2. Name`, made sections, and these; `2.1` after `2` is a step, not a phase."""
    groups: list[tuple[Item, Heading, list[Item]]] = []

    def promote(section: Section) -> Section:
        if labels.is_excluded(section.title):
            return section
        own = _NUMBERED.match(take_off(section.title)[0])  # below `2. Name`, `2.1` is its step
        within = f"{own['number']}." if own and section.level else ""
        kept = tuple(block for block in section.blocks if not _take(block, groups, within))
        deeper = tuple(promote(child) for child in section.sections)
        return msgspec.structs.replace(section, blocks=kept, sections=deeper)

    promoted = promote(root)
    found = [Candidate(h, _section(item, h, "", 1, steps), inline=True) for item, h, steps in groups]
    return _graft(promoted, found), found


def _take(block: Block, groups: list[tuple[Item, Heading, list[Item]]], within: str) -> bool:
    """Whether the block is a numbered checklist; its items are added to the groups, or to the steps of the last one."""
    matches = [(item, _NUMBERED.match(item.lines[0].text)) for item in _items(block) if item.lines]
    boxes = [(item, match) for item, match in matches if match and item.ticked is not None]
    if not boxes or len(boxes) < len(matches):
        return False
    if within and all(match["number"].startswith(within) for _, match in boxes):
        return False
    for item, match in boxes:
        number = match["number"]
        if groups and number.startswith(f"{groups[-1][1].number}."):
            groups[-1][2].append(item)
            continue
        text, annotations = take_off(match["name"])
        heading = annotated(annotations, number, _without_stop(text))
        groups.append((item, msgspec.structs.replace(heading, done=heading.done or bool(item.ticked)), []))
    return True


def listed(root: Section, warn: Warn, *, anywhere: bool = False) -> tuple[Section, list[Candidate]]:
    """Items of the numbered list, or bullets' bold lead-ins, right below a container, as sections.

    `anywhere`: the first numbered list whose items all start in bold and contain more.
    """
    found: list[Candidate] = []

    def promote(section: Section) -> Section:
        kept = list(section.blocks)
        if (anywhere or labels.is_container(section.title)) and not found:
            for n, block in enumerate(section.blocks):
                items = [item for item in _items(block) if item.lines]
                if len(items) < 2:
                    continue
                numbered, bold = all(item.number for item in items), all(item.lines[0].lead for item in items)
                if anywhere and not (numbered and bold and all(item.blocks for item in items)):
                    continue
                if numbered or bold:
                    warn(items[0].line, f"the items of the list below {section.title!r} are read as phases")
                    found.extend(_of_items(items, section.level + 1))
                    del kept[n]
                    break
        deeper = tuple(promote(child) for child in section.sections)
        return msgspec.structs.replace(section, blocks=tuple(kept), sections=deeper)

    promoted = promote(root)
    return _graft(promoted, found), found


def _graft(root: Section, found: Sequence[Candidate]) -> Section:
    return msgspec.structs.replace(root, sections=(*root.sections, *(candidate.section for candidate in found)))


def _items(block: Block) -> Iterable[Item]:
    return block.items if isinstance(block, List) else ()


def _of_items(items: Sequence[Item], level: int) -> Iterator[Candidate]:
    for n, item in enumerate(items, 1):
        line = item.lines[0]
        if line.lead and line.text.startswith(line.lead):
            title, rest = line.lead, line.text[len(line.lead) :].lstrip(" :：-–—.")
        else:
            title, rest = line.text, ""
        text, annotations = take_off(title.strip(":： "))
        match = _NUMBERED.match(text) or _IDENTIFIED.match(text)
        name = _without_stop(match["name"] if match else text)
        heading = annotated(annotations, match["number"] if match else item.number or str(n), name)
        yield Candidate(heading, _section(item, heading, rest, level), inline=True)


def _without_stop(name: str) -> str:
    return name.removesuffix(".") if not name.endswith(("..", "etc.")) else name


def _section(item: Item, heading: Heading, rest: str, level: int, steps: Sequence[Item] = ()) -> Section:
    """The section of an item with the items that are its steps; if it is empty, its name is its goal."""
    more = tuple(item.lines[1:])
    said = rest or ("" if item.blocks or more or steps else heading.name)
    first = (Line(said, item.line),) if said else ()
    text = (Text((*first, *more)),) if first or more else ()
    after = (List(tuple(steps), steps[0].line),) if steps else ()
    last = steps[-1].last if steps else item.last
    return Section(level, heading.name, item.line, last, (*text, *item.blocks, *after))
