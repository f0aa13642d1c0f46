"""Sections -> labelled fields and the unlabelled rest. Knows labels, knows nothing of what their values mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from conductor.spec import labels
from conductor.spec.document import Block, Fence, Item, Line, List, Section, Table, Text


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One thing said: a list item with what is nested in it, a paragraph, a table's row."""

    text: str
    line: int


class Field(msgspec.Struct, frozen=True):
    """A label and its value: on its line, in the blocks after it, or in the section below it."""

    name: str  # a key of labels.FIELDS
    label: str
    value: str
    line: int
    body: Body


class Body(msgspec.Struct, frozen=True):
    """The contents of a section or a field: its fields, its other blocks, its other sections."""

    fields: tuple[Field, ...] = ()
    blocks: tuple[Block, ...] = ()
    groups: tuple[tuple[Entry, Body], ...] = ()

    def named(self, *names: str) -> Iterator[Field]:
        return (field for field in self.fields if field.name in names)


EMPTY = Body()
_LABEL = re.compile(r"^([^:：`]{1,80}?)\s*[:：]\s*(.*)$", re.DOTALL)
_PHASE = re.compile(rf"^(?:{'|'.join(k for family in labels.KEYWORDS for k in family)})\s*\d\S*\s+", re.IGNORECASE)
_ADJACENT = frozenset({"goals", "success_criteria", "gotchas", "quality"})  # lists that may follow a value at once
_HEAD_WORDS = 6


def read_section(section: Section, *, bullets: bool = True, modules: bool = False) -> Body:
    """Fields of a section. `bullets`: list items may be labels too (`- Modules: a, b`); `modules`: headings without a
    label are modules' names."""
    body = read_blocks(section.blocks, bullets=bullets)
    fields, groups = list(body.fields), []
    for child in section.sections:
        name, label, value = _heading(child.title)
        if name is None and modules:
            name, value = "module", child.title
        own = name in (None, "goals", "module", "modules")
        inner = read_section(child, bullets=bullets and own, modules=name == "modules")
        kept = Body((), inner.blocks, inner.groups)
        if name is None:
            groups.append((Entry(child.title, child.line), kept))
        elif name in ("module", "ignored"):
            fields.append(Field(name, label, value, child.line, inner))
            continue
        else:
            fields.append(Field(name, label, value, child.line, kept))
        fields += inner.fields
    return Body(tuple(fields), body.blocks, tuple(groups))


def read_blocks(blocks: Sequence[Block], *, bullets: bool = True) -> Body:
    """Fields of a run of blocks. A label without a value takes the first list, fence or table after it."""
    fields: list[Field] = []
    rest: list[Block] = []
    taken: list[Block] = []
    opened: Field | None = None
    filled = False

    def close() -> None:
        nonlocal opened, taken, filled
        if opened:
            fields.append(Field(opened.name, opened.label, opened.value, opened.line, Body((), tuple(taken))))
        opened, taken, filled = None, [], False

    for block in blocks:
        if isinstance(block, Text):
            for lines in paragraphs(block.lines):
                found = _labelled(lines)
                if found:
                    close()
                    opened = found
                elif opened and not filled and not opened.value:
                    taken.append(Text(lines))
                else:
                    close()
                    rest.append(Text(lines))
        elif opened and _takes(opened, filled, block):
            taken.append(block)
            filled = True
        else:
            close()
            if isinstance(block, List) and bullets:
                inside, left = _from_bullets(block)
                fields += inside
                rest += [left] if left.items else []
            else:
                rest.append(block)
    close()
    return Body(tuple(fields), tuple(rest))


def paragraphs(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """A paragraph cut before every line that begins with a label; other lines continue the one before."""
    cut: list[list[Line]] = []
    for line in lines:
        if not cut or _labelled((line,)):
            cut.append([line])
        else:
            cut[-1].append(line)
    return [tuple(part) for part in cut]


def join(lines: Sequence[Line]) -> str:
    return " ".join(line.text for line in lines)


def entries(body: Body, *, value: Entry | None = None) -> list[Entry]:
    """What a field lists: its items and rows, or where there are none its paragraphs; then its groups' entries."""
    found = [entry for block in body.blocks for entry in _listed(block)]
    if not found:
        texts = (Entry(join(t.lines), t.lines[0].line) for t in body.blocks if isinstance(t, Text))
        found = [entry for entry in texts if not entry.text.endswith((":", "："))]
    if value and value.text and not (found and value.text.endswith(":")):
        found.insert(0, value)
    for _, group in body.groups:
        found += entries(group)
    return found


def own_value(field: Field) -> Entry:
    return Entry(field.value, field.line)


def fences(body: Body) -> Iterator[Fence]:
    for block in body.blocks:
        if isinstance(block, Fence):
            yield block
        elif isinstance(block, List):
            for item in block.items:
                yield from fences(Body((), item.blocks))
    for _, group in body.groups:
        yield from fences(group)


def item_text(item: Item, depth: int = 0) -> str:
    """An item's text; what is nested follows on lines of its own, as bullets."""
    lines = [join(item.lines)]
    for block in item.blocks:
        if isinstance(block, List):
            nested = (item_text(child, depth + 1) for child in block.items)
            lines += [f"{'  ' * depth}- {text}" for text in nested if text]
        elif isinstance(block, Text):
            lines.append(join(block.lines))
        elif isinstance(block, Fence):
            lines += block.code
    return "\n".join(line for line in lines if line.strip())


def _listed(block: Block) -> Iterator[Entry]:
    if isinstance(block, List):
        for item in block.items:
            text = item_text(item)
            if text:
                yield Entry(text, item.line)
    elif isinstance(block, Table):
        for row in block.rows[1:]:
            cells = [cell.text for cell in row if cell.text]
            if cells:
                yield Entry(" - ".join(cells), row[0].line)


def _takes(field: Field, filled: bool, block: Block) -> bool:
    if filled:
        return True
    if not field.value or field.value.endswith((":", "：")):
        return True
    return field.name in _ADJACENT and isinstance(block, List) and block.line == field.line + 1


def _from_bullets(block: List) -> tuple[list[Field], List]:
    """The items that are fields, and the list without them."""
    fields: list[Field] = []
    left: list[Item] = []
    for item in block.items:
        parts = paragraphs(item.lines)
        heads = [_labelled(part) for part in parts]
        first = heads[0] if heads else None
        if first is None or (labels.is_weak(first.label) and not _borne_out(first, item)):
            left.append(item)
            continue
        fields += [head for head in heads[:-1] if head]
        if (last := heads[-1]) is not None:
            fields.append(Field(last.name, last.label, last.value, last.line, read_blocks(item.blocks)))
    return fields, List(tuple(left), block.line)


def _borne_out(field: Field, item: Item) -> bool:
    """Whether what follows a weak label at the head of a bullet is a value and not the rest of a sentence."""
    if field.name == "module":
        return len(field.value.split()) <= _HEAD_WORDS
    if field.name in ("mode", "status", "stubs", "duration"):
        return 0 < len(field.value.split()) <= _HEAD_WORDS
    if field.name in ("test_commands", "expected_files"):
        return field.value.startswith("`") or (not field.value and bool(item.blocks))
    return not field.value and bool(item.blocks)


def _labelled(lines: Sequence[Line]) -> Field | None:
    """The field that these lines of one paragraph begin, if they begin with a label."""
    head = lines[0]
    if head.lead and (name := labels.field_of(head.lead)):
        rest = head.text[len(head.lead) :].lstrip() if head.text.startswith(head.lead) else ""
        if not rest or rest[0] in ":：-–—(" or head.lead.endswith((":", "：")):
            value = " ".join((rest.lstrip(":：-–— "), *(line.text for line in lines[1:]))).strip()
            return _field(name, head.lead, value, head.line)
    match = _LABEL.match(head.text)
    if match and (name := labels.field_of(match[1])):
        value = " ".join((match[2], *(line.text for line in lines[1:]))).strip()
        return _field(name, match[1], value, head.line)
    return None


def _field(name: str, label: str, value: str, line: int) -> Field:
    if name == "modules" and labels.normalise(label) in ("module", "component"):
        name = "module"
    return Field(name, label, value, line, EMPTY)


def _heading(title: str) -> tuple[str | None, str, str]:
    """Field, label and value of a heading: `Success Criteria`, `Module: lexer`, `Phase 2 Gotchas`."""
    own = _PHASE.sub("", title)
    if name := labels.field_of(own):
        return name, own, ""
    match = _LABEL.match(own)
    if match and (name := labels.field_of(match[1])):
        return _field(name, match[1], match[2], 0).name, match[1], match[2]
    return None, title, ""
