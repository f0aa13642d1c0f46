"""Phases without headings: `**Phase 1: Name**` as a paragraph, `- Phase 1: name` as an item. Makes them sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from conductor.reading.markdown.document import Block, Item, Line, List, Section, Text, last_line
from conductor.reading.outline.heading import Heading, clean, read_heading
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.annotations import take_off


class Spot(msgspec.Struct, frozen=True):
    """A line that starts a phase. `rest` is the text after the name; `plain`: neither bold nor an item."""

    heading: Heading
    line: int
    rest: str
    plain: bool = False
    listed: int = 0  # the line of the list that contains it


_LONGEST = 100  # characters of a plain line
_DASHES = (" — ", " – ")


def spots(section: Section) -> Iterator[Spot]:
    """Every line in the section and below that may start a phase."""
    if labels.is_excluded(section.title):
        return
    for block in section.blocks:
        if isinstance(block, Text):
            found = (_of_line(line, plain=_stands_alone(line)) for line in block.lines)
            yield from (spot for spot in found if spot)
        elif isinstance(block, List):
            items = [spot for item in block.items if item.lines and (spot := _of_item(item))]
            if len({spot.heading.number for spot in items}) > 1:
                yield from (msgspec.structs.replace(spot, listed=block.line) for spot in items)
    for child in section.sections:
        yield from spots(child)


def apart(section: Section) -> Section:
    """The tree in which a bold phase right below a bullet ends the list; in Markdown it would continue the bullet."""
    blocks: list[Block] = []
    for block in section.blocks:
        items: list[Item] = []
        for item in block.items if isinstance(block, List) else ():
            own, lines = _cut(item)
            items.append(own)
            if lines:
                blocks += [List(tuple(items), items[0].line), Text(lines)]
                items = []
        if not isinstance(block, List):
            blocks.append(block)
        elif items:
            blocks.append(List(tuple(items), items[0].line))
    return msgspec.structs.replace(
        section, blocks=tuple(blocks), sections=tuple(apart(child) for child in section.sections)
    )


def _cut(item: Item) -> tuple[Item, tuple[Line, ...]]:
    """Split the item at the first phase in its last paragraph: the item before it, and the lines from it on."""
    if not item.blocks:
        at = next((n for n, line in enumerate(item.lines) if n and line.lead and _of_line(line)), 0)
        if not at:
            return item, ()
        kept, lines = item.lines[:at], item.lines[at:]
        return msgspec.structs.replace(item, lines=kept, last=kept[-1].line), lines
    last = item.blocks[-1]
    if not isinstance(last, List):
        return item, ()
    nested, lines = _cut(last.items[-1])
    if not lines:
        return item, ()
    inner = List((*last.items[:-1], nested), last.line)
    return msgspec.structs.replace(item, blocks=(*item.blocks[:-1], inner), last=nested.last), lines


def promote(section: Section, chosen: Mapping[int, Spot]) -> Section:
    """The tree in which the chosen spots (by line) are sections, with what follows them."""
    kept: list[Block] = []
    made: list[Section] = []
    opened: Spot | None = None
    more: tuple[Line, ...] = ()
    own: list[Block] = []

    def close() -> None:
        nonlocal opened, own
        if opened:
            made.append(_section(section.level + 1, opened, more, own))
        opened, own = None, []

    for block in section.blocks:
        if isinstance(block, Text):
            for lines in _parts(block.lines, chosen):
                if spot := chosen.get(lines[0].line):
                    close()
                    opened, more = spot, lines[1:]
                else:
                    (own if opened else kept).append(Text(lines))
        elif isinstance(block, List) and any(item.line in chosen for item in block.items):
            close()
            made += [
                _section(section.level + 1, chosen[item.line], item.lines[1:], item.blocks)
                for item in block.items
                if item.line in chosen
            ]
            if left := tuple(item for item in block.items if item.line not in chosen):
                kept.append(List(left, left[0].line))
        else:
            (own if opened else kept).append(block)
    close()
    deeper = (promote(child, chosen) for child in section.sections)
    return msgspec.structs.replace(section, blocks=tuple(kept), sections=(*made, *deeper))


def _parts(lines: Sequence[Line], chosen: Mapping[int, Spot]) -> Iterable[tuple[Line, ...]]:
    starts = [n for n, line in enumerate(lines) if n == 0 or line.line in chosen]
    return [tuple(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _section(level: int, spot: Spot, more: tuple[Line, ...], blocks: Sequence[Block]) -> Section:
    """The section of a spot; `more` are its paragraph's other lines. If nothing follows, its name is its goal."""
    said = spot.rest or ("" if more or blocks else spot.heading.name)
    lines = (Line(said, spot.line), *more) if said else more
    own = (Text(lines), *blocks) if lines else tuple(blocks)
    last = max([spot.line, *(line.line for line in more), *(last_line(block) for block in blocks)])
    return Section(level, spot.heading.name, spot.line, last, own)


def _of_item(item: Item) -> Spot | None:
    spot = _of_line(item.lines[0])
    if spot is None:
        return None
    heading = spot.heading
    if heading.done or not item.ticked:
        return msgspec.structs.replace(spot, line=item.line)
    return msgspec.structs.replace(spot, heading=msgspec.structs.replace(heading, done=True), line=item.line)


def _stands_alone(line: Line) -> bool:
    return not line.lead


def _of_line(line: Line, *, plain: bool = False) -> Spot | None:
    """The phase that a line starts with: in its bold lead-in, or the whole line."""
    text = line.text
    if line.lead and text.startswith(line.lead):
        lead = read_heading(line.lead.rstrip(":： "))
        if lead is None:
            return None
        if lead.name:
            rest, annotations = take_off(text[len(line.lead) :].lstrip())
            heading = msgspec.structs.replace(
                lead, duration=lead.duration or annotations.duration, done=lead.done or annotations.done
            )
            return Spot(heading, line.line, clean(rest).lstrip(".,; "))
    elif line.lead or (plain and (len(text) > _LONGEST or text.endswith((".", ";", ",", "。")))):
        return None
    heading_ = read_heading(text)
    if heading_ is None or not heading_.name or not _is_separated(text, heading_):
        return None
    name, rest = heading_.name, ""
    for dash in _DASHES:
        head, found, tail = name.partition(dash)
        if found and not plain:
            name, rest = head.strip(), tail.strip()
            break
    return Spot(msgspec.structs.replace(heading_, name=name.rstrip(".。")), line.line, rest, plain)


def _is_separated(text: str, heading: Heading) -> bool:
    """Whether more than a space separates the number and the name; otherwise it reads as a sentence."""
    before = text[: text.find(heading.name)] if heading.name in text else text
    return bool(before.rstrip()) and not before.rstrip()[-1].isalnum()
