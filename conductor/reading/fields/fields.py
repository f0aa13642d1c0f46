"""Splits sections into labelled fields and the unlabelled rest. It knows labels, not the meaning of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

import msgspec

from conductor.reading.fields.labelled import borne_out, heading, in_row, labelled, told
from conductor.reading.fields.names import NONE, Names, are_parts, is_module
from conductor.reading.fields.tables_and_trees import LIFTED, in_columns, in_rows, in_trees
from conductor.reading.markdown.body import Field, ReadItem, SectionBody
from conductor.reading.markdown.document import Block, Fence, Item, Line, List, Section, Table, Text
from conductor.reading.vocabulary import labels

_CRITERIA = "Success Criteria"
_ADJACENT = frozenset({"goals", "success_criteria", "gotchas", "quality", "ignored"})  # their lists may follow a value
_OF_CRITERIA = frozenset({"automated", "manual", "verification", "test_commands", "gotchas", "ignored"})
_OF_HEADING = frozenset({"about", "mission", "duration", "status"})  # they describe their own heading
_OF_TASK = frozenset({"depends_on", "duration", "status", "ignored"})  # they describe one task, not its phase
_EVERY = frozenset({*labels.FIELDS, "module"})
_NO: frozenset[str] = frozenset()
_NESTED = {"goals": _EVERY, "module": _EVERY, "tests": LIFTED}  # fields that bullets below a label may be, if any
_LISTING = LIFTED | {"gotchas", "depends_on", "modules", "quality", "tests"}  # rows of their tables are entries


def read_section(section: Section, *, bullets: bool = True, within: str = "", names: Names = NONE) -> SectionBody:
    """Fields of a section. `bullets`: list items may be labels too (`- Modules: a, b`); `within`: its own field;
    `names`: words that are not labels here.

    Within modules, unlabelled headings are names; within criteria, headings such as `Quality` only group them.
    """
    body = read_blocks(
        section.blocks,
        bullets=_EVERY if bullets and within != "modules" else _NO,
        rows=within not in _LISTING,
        names=names,
    )
    fields, groups = list(body.fields), []
    for child in section.sections:
        name, label, value = heading(child.title)
        if (child.level == 1 and value) or (name and is_module(name, label, value, names, bullet=False)):
            name = None  # `# Goal: name` is the document's title
        if name is None and within == "modules":
            name, value = "module", child.title
        if within == "success_criteria":
            name, label = name if name in _OF_CRITERIA else None, f"{_CRITERIA}: {label}"
        own = name in (None, "goals", "module", "modules")
        within_child = name or within * (within == "success_criteria")
        inner = read_section(child, bullets=bullets and own, within=within_child, names=names)
        kept = SectionBody((), inner.blocks, inner.groups)
        if name is None:
            groups.append((ReadItem(child.title, child.line), inner))  # its fields show what kind of heading it is
        elif name in ("module", "ignored"):
            fields.append(Field(name, label, value, child.line, inner))
            continue
        else:
            fields.append(Field(name, label, value, child.line, kept))
        of_heading = _unlifted(child.title) if bullets and not name else frozenset()
        fields += (field for field in inner.fields if field.name not in of_heading)
    return SectionBody(tuple(fields), body.blocks, tuple(groups))


def read_blocks(
    blocks: Sequence[Block], *, bullets: Set[str] = _EVERY, rows: bool = True, names: Names = NONE
) -> SectionBody:
    """Fields of a sequence of blocks. A label without a value takes the first list, fence or table after it.

    `bullets`: the fields that list items may be; `rows`: whether table rows may be fields.
    """
    fields: list[Field] = []
    rest: list[Block] = []
    taken: list[Block] = []
    opened: Field | None = None
    filled = False

    def close() -> None:
        nonlocal opened, taken, filled
        if opened:
            tasks = opened.name == "goals" and bullets
            own = tuple(kept for block in taken if (kept := lifted(block) if tasks else block))
            done = not opened.value and labels.normalise(opened.label).split(" (")[0] == "done"  # but not `Done when`
            name = "goals" if done else opened.name
            fields.append(Field(name, opened.label, opened.value, opened.line, SectionBody((), own)))
        opened, taken, filled = None, [], False

    def keep(block: Block) -> None:
        if rows and isinstance(block, Table) and (inside := in_rows(block, names)):
            fields.extend(inside)
            return
        if isinstance(block, Table) and bullets:
            fields.extend(in_columns(block))
        if bullets:
            fields.extend(in_trees((block,)))
        if isinstance(block, Table):
            rest.append(block)
        elif kept := lifted(block) if bullets else block:
            rest.append(kept)

    def lifted(block: Block) -> Block | None:
        """A list of tasks without the fields among them, and without their files, tests and criteria, which belong to
        the phase."""
        if not isinstance(block, List):
            return block
        inside, block = _from_bullets(block, bullets, names)
        fields.extend(inside)
        items = []
        for item in block.items:
            inner = read_blocks(item.blocks, names=names)
            fields.extend(in_trees(item.blocks))
            fields.extend(field for field in inner.fields if field.name in LIFTED)
            items.append(_described(item, inner))
        return List(tuple(items), block.line) if items else None

    for block in _without_lazy(blocks, names):
        if isinstance(block, Text):
            for lines in paragraphs([part for line in block.lines for part in in_row(line)], names):
                found = labelled(lines, names)
                if found:
                    close()
                    opened = found
                elif opened and not filled and not opened.value:
                    taken.append(Text(lines))
                else:
                    close()
                    rest.append(Text(lines))
        elif opened and _takes(opened, taken, block):
            own, after = _cut(block, opened.line)
            taken.append(own)
            filled = True
            if after:
                close()
                keep(after)
        else:
            close()
            keep(block)
    close()
    return SectionBody(tuple(fields), tuple(rest))


def paragraphs(lines: Sequence[Line], names: Names = NONE) -> list[tuple[Line, ...]]:
    """Split a paragraph before every line that starts with a label; other lines continue the previous one.

    A weak label in lower case within a paragraph is just a word of its sentence.
    """
    cut: list[list[Line]] = []
    for line in lines:
        found = labelled((line,), names) if cut else None
        bold = line.lead.endswith((":", "：")) or (line.lead and line.text[len(line.lead) :].startswith((":", "：")))
        if not cut or bold or (found and not (labels.is_weak(found.label) and found.label[0].islower())):
            cut.append([line])
        else:
            cut[-1].append(line)
    return [tuple(part) for part in cut]


def _takes(field: Field, taken: Sequence[Block], block: Block) -> bool:
    if taken and isinstance(taken[-1], List) and isinstance(block, List):
        return bool(taken[-1].items[0].number) == bool(block.items[0].number)  # `4) Next` is not one of its bullets
    if taken and not isinstance(taken[-1], Text):
        return not isinstance(taken[-1], Fence) or isinstance(block, Fence)  # a list after code is another's
    if not field.value or field.value.endswith((":", "：")):
        return True
    return field.name in _ADJACENT and isinstance(block, List) and block.line == field.line + 1


def _without_lazy(blocks: Sequence[Block], names: Names) -> Iterator[Block]:
    """Blocks in which a label right below a bullet ends the list.

    In Markdown a line without a blank line before it continues the bullet's paragraph, and bullets after it the list.
    """
    for block in blocks:
        if not isinstance(block, List):
            yield block
            continue
        items: list[Item] = []
        for item in block.items:
            own, lines = _lazy(item, names)
            items.append(own)
            if lines:
                yield List(tuple(items), items[0].line)
                yield Text(lines)
                items = []
        if items:
            yield List(tuple(items), items[0].line)


def _lazy(item: Item, names: Names) -> tuple[Item, tuple[Line, ...]]:
    """Split the item at the first label in its last paragraph: the item before it, and the lines from it on."""
    if not item.blocks:
        parts = paragraphs(item.lines, names)
        lines = tuple(line for part in parts[1:] for line in part)
        return (Item(parts[0], (), item.line, parts[0][-1].line), lines) if lines else (item, ())
    last = item.blocks[-1]
    if not isinstance(last, List):
        return item, ()
    nested, lines = _lazy(last.items[-1], names)
    if not lines:
        return item, ()
    kept = List((*last.items[:-1], nested), last.line)
    return Item(item.lines, (*item.blocks[:-1], kept), item.line, nested.last), lines


def _cut(block: Block, label: int) -> tuple[Block, List | None]:
    """Split a list right below its label at its first blank line: what follows no longer belongs to the label.

    Markdown sees one list there, people see two. A list with a blank line before every item stays whole.
    """
    if not isinstance(block, List) or block.line != label + 1:
        return block, None
    gaps = [after.line > before.last + 1 for before, after in pairwise(block.items)]
    boxes = [(after.ticked is None) != (before.ticked is None) for before, after in pairwise(block.items)]
    turns = [gap and box for gap, box in zip(gaps, boxes, strict=True)]  # a new list starts where checkboxes start
    if True not in gaps or (all(gaps) and True not in turns):
        return block, None
    at = (turns if True in turns else gaps).index(True) + 1
    return List(block.items[:at], block.line), List(block.items[at:], block.items[at].line)


def _described(item: Item, inner: SectionBody) -> Item:
    """A task without its labelled bullets if all of them describe the task, but with its description."""
    names = {field.name for field in inner.fields}
    if not names & (LIFTED | _OF_TASK) or not names <= LIFTED | _OF_TASK | {"about", "goals"}:
        return item
    told = [Line(field.value, field.line) for field in inner.named("about") if field.value]
    steps = [block for field in inner.named("goals") for block in field.body.blocks]
    return msgspec.structs.replace(item, lines=(*item.lines, *told), blocks=(*inner.blocks, *steps))


def _from_bullets(block: List, allowed: Set[str], names: Names) -> tuple[list[Field], List]:
    """The items that are fields, and the list without them."""
    fields: list[Field] = []
    left: list[Item] = []
    heads = [labelled(item.lines) if item.lines else None for item in block.items]
    heads = [head if head and head.name in allowed else None for head in heads]
    if any(heads):
        parts = are_parts([told(item) for item in block.items], names)
        heads = [None if part else head for head, part in zip(heads, parts, strict=True)]
    every = len(heads) > 2 and all(heads) and _proven(heads, block)
    for item, head in zip(block.items, heads, strict=True):
        if (
            head is None
            or (item.number and not any(mark in item.lines[0].text for mark in ":："))  # `1. **Unit Tests**`
            or (_doubtful(head, item) and not (every and head.name in LIFTED | _OF_TASK))
        ):
            left.append(item)
        else:
            nested, listing = _NESTED.get(head.name, _NO), head.name in _LISTING
            value = read_blocks(item.blocks, bullets=nested, rows=not listing, names=names)
            fields.append(Field(head.name, head.label, head.value, head.line, value))
            fields += (field for field in value.fields if head.name == "tests" and field.name in LIFTED)
    return fields, List(tuple(left), block.line)


def _proven(heads: Sequence[Field | None], block: List) -> bool:
    """Whether every item starts with a label, and most (or two, if all are bold) are beyond doubt."""
    sure = [h for h, item in zip(heads, block.items, strict=True) if h and not _doubtful(h, item)]
    return 2 * len(sure) > len(heads) or (len(sure) > 1 and all(item.lines[0].lead for item in block.items))


def _doubtful(field: Field, item: Item) -> bool:
    return labels.is_weak(field.label) and not borne_out(field, item)


def _unlifted(title: str) -> frozenset[str]:
    """The fields below an unlabelled heading that belong to it, not to its phase."""
    return _OF_HEADING | _OF_TASK if labels.is_task(title) else _OF_HEADING
