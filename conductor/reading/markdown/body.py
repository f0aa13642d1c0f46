"""The contents of a section or field, read as a list, text or code. It knows nothing about labels' meanings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from conductor.reading.markdown.document import Block, Fence, Item, Line, List, Table, Text


class ReadItem(msgspec.Struct, frozen=True, gc=False):
    """One entry: a list item with its nested contents, a paragraph, or a table row."""

    text: str
    line: int


class Field(msgspec.Struct, frozen=True):
    """A label and its value: on its line, in the blocks after it, or in the section below it."""

    name: str  # a key of labels.FIELDS
    label: str
    value: str
    line: int
    body: SectionBody


class SectionBody(msgspec.Struct, frozen=True):
    """The contents of a section or a field: its fields, its other blocks, its other sections."""

    fields: tuple[Field, ...] = ()
    blocks: tuple[Block, ...] = ()
    groups: tuple[tuple[ReadItem, SectionBody], ...] = ()

    def named(self, *names: str) -> Iterator[Field]:
        return (field for field in self.fields if field.name in names)


EMPTY = SectionBody()


def join(lines: Sequence[Line]) -> str:
    return " ".join(line.text for line in lines)


def entries(body: SectionBody, *, value: ReadItem | None = None) -> list[ReadItem]:
    """What a field lists: its items and rows, or if there are none its paragraphs; then its groups' entries."""
    found = [entry for block in body.blocks for entry in _listed(block)]
    if not found:
        texts = (ReadItem(join(t.lines), t.lines[0].line) for t in body.blocks if isinstance(t, Text))
        found = [entry for entry in texts if not entry.text.endswith((":", "："))]
    if value and value.text and not (found and value.text.endswith(":")):
        found.insert(0, value)
    for _, group in body.groups:
        found += entries(group)
    return found


def whole_text(body: SectionBody) -> str:
    """All of a body's text, paragraphs and bullets in order."""
    parts = []
    for block in body.blocks:
        parts += [join(block.lines)] if isinstance(block, Text) else [f"- {entry.text}" for entry in _listed(block)]
    parts += [f"{title.text}\n{whole_text(group)}" for title, group in body.groups]
    return "\n".join(part for part in parts if part)


def titles(body: SectionBody) -> Iterator[ReadItem]:
    """The headings below, at any depth."""
    for title, group in body.groups:
        yield title
        yield from titles(group)
    for field in body.fields:
        yield from titles(field.body)


def bold_lines(body: SectionBody) -> Iterator[ReadItem]:
    """Lines that are entirely bold, and so titles of what follows."""
    for block in body.blocks:
        if isinstance(block, Text) and block.lines[0].lead.rstrip(":： ") == block.lines[0].text.rstrip(":： "):
            yield ReadItem(block.lines[0].text, block.lines[0].line)
    for _, group in body.groups:
        yield from bold_lines(group)


def introductions(body: SectionBody) -> Iterator[ReadItem]:
    """The paragraphs that introduce what follows: `Refactor `a.py`:`."""
    for block in body.blocks:
        if isinstance(block, Text) and not block.lines[0].lead and block.lines[-1].text.endswith((":", "：")):
            yield ReadItem(join(block.lines), block.lines[0].line)
    for _, group in body.groups:
        yield from introductions(group)


def own_value(field: Field) -> ReadItem:
    return ReadItem(field.value, field.line)


def fences(body: SectionBody) -> Iterator[Fence]:
    for block in body.blocks:
        if isinstance(block, Fence):
            yield block
        elif isinstance(block, List):
            for item in block.items:
                yield from fences(SectionBody((), item.blocks))
    for _, group in body.groups:
        yield from fences(group)


def item_text(item: Item, depth: int = 0) -> str:
    """An item's text; nested contents follow on separate lines, as bullets; code is left out."""
    lines = [join(item.lines)]
    for block in item.blocks:
        if isinstance(block, List):
            nested = (item_text(child, depth + 1) for child in block.items)
            lines += [f"{'  ' * depth}- {text}" for text in nested if text]
        elif isinstance(block, Text):
            lines.append(join(block.lines))
    return "\n".join(line for line in lines if line.strip())


def _listed(block: Block) -> Iterator[ReadItem]:
    if isinstance(block, List):
        for item in block.items:
            text = item_text(item)
            if text:
                yield ReadItem(text, item.line)
    elif isinstance(block, Table):
        for row in block.rows[1:]:
            cells = [cell.text for cell in row if cell.text]
            if cells:
                yield ReadItem(" - ".join(cells), row[0].line)
