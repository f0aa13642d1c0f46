"""What a document says about single phases outside them: `Success Criteria by Phase`, `Phase 2 Checklist`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from conductor.reading.markdown.body import Field, ReadItem, SectionBody
from conductor.reading.markdown.document import Item, Line, List
from conductor.reading.outline.heading import KEYWORD, NUMBER, rank_of

_OF_PHASE = re.compile(
    rf"^(?:after\s+)?(?P<keyword>{KEYWORD})s?\s*[#№]?\s*(?P<number>{NUMBER})(?P<rest>(?![\w.]).*)$",
    re.IGNORECASE | re.DOTALL,
)
_CHECKLIST = re.compile(r"\b(?:checklist|tasks|deliverables)\b", re.IGNORECASE)


def split(body: SectionBody, numbers: Sequence[str], rank: int) -> tuple[SectionBody, Mapping[str, SectionBody]]:
    """The body without what it says about single phases of that family, and phase number -> that."""
    known = _Known(numbers, rank)
    told: dict[str, list[Field]] = {}
    kept: list[Field] = []

    def tell(number: str, field: Field) -> None:
        told.setdefault(number, []).append(field)

    for field in body.fields:
        if number := _phase_of(field.label, known):
            tasks = _CHECKLIST.search(field.label)
            tell(number, msgspec.structs.replace(field, name="goals") if tasks else field)
            continue
        if field.name in ("success_criteria", "verification", "expected_files", "gotchas", "test_commands"):
            groups, blocks = [], []
            for title, group in field.body.groups:
                if number := _phase_of(title.text, known):
                    tell(number, msgspec.structs.replace(field, value="", body=group, line=title.line))
                else:
                    groups.append((title, group))
            for block in field.body.blocks:
                blocks.append(block)
                if isinstance(block, List):
                    own, items = _items(block, known)
                    for number, item in own:
                        tell(
                            number,
                            Field(field.name, field.label, "", item.line, SectionBody((), (List((item,), item.line),))),
                        )
                    blocks[-1:] = [List(items, block.line)] if items else []
            field = msgspec.structs.replace(field, body=SectionBody(field.body.fields, tuple(blocks), tuple(groups)))
        kept.append(field)
    for title, group in _groups(body):
        if (number := _phase_of(title.text, known)) and _CHECKLIST.search(title.text):
            tell(number, Field("goals", title.text, "", title.line, group))
    return msgspec.structs.replace(body, fields=tuple(kept)), {
        n: SectionBody(tuple(fields)) for n, fields in told.items()
    }


class _Known:
    """The phases' numbers and their family."""

    def __init__(self, numbers: Sequence[str], rank: int) -> None:
        self._numbers = {number.casefold(): number for number in numbers}
        self._rank = rank

    def number(self, match: re.Match[str] | None) -> str | None:
        if match is None or rank_of(match["keyword"].lower()) != self._rank:
            return None
        return self._numbers.get(match["number"].casefold())


def _phase_of(label: str, known: _Known) -> str | None:
    return known.number(_OF_PHASE.match(label.strip("*: ")))


def _items(block: List, known: _Known) -> tuple[list[tuple[str, Item]], tuple[Item, ...]]:
    """Items that start with the name of a phase (`Phase 1: it compiles`), without that name, and the others."""
    own: list[tuple[str, Item]] = []
    others: list[Item] = []
    for item in block.items:
        match = _OF_PHASE.match(item.lines[0].text) if item.lines else None
        number = known.number(match)
        text = match["rest"].lstrip(" :：-–—.") if match else ""
        if number is None or not match or not re.match(r"\s*[:：–—-]", match["rest"]):
            others.append(item)
        else:
            first = [Line(text, item.line)] if text else []
            own.append((number, Item((*first, *item.lines[1:]), item.blocks, item.line, item.last)))
    return own, tuple(others)


def _groups(body: SectionBody) -> Iterator[tuple[ReadItem, SectionBody]]:
    for title, group in body.groups:
        yield title, group
        yield from _groups(group)
