"""Sections -> labelled fields and the unlabelled rest. Knows labels, knows nothing of what their values mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from conductor.spec import commands, files, labels
from conductor.spec.body import EMPTY, Body, Entry, Field, join
from conductor.spec.document import Block, Fence, Item, Line, List, Section, Table, Text

_LABEL = re.compile(r"^([^:：`]{1,80}?)\s*[:：]\s*(.*)$", re.DOTALL)
_CRITERIA = "Success Criteria"
_PHASE = re.compile(rf"^(?:{'|'.join(k for family in labels.KEYWORDS for k in family)})\s*\d\S*\s+", re.IGNORECASE)
_ADJACENT = frozenset({"goals", "success_criteria", "gotchas", "quality", "ignored"})  # their lists may follow a value
_HEAD_WORDS = 6
_BY_PHASE = re.compile(r"\s+(?:by|per|for each|pro|por|par)\s+(?:phase|stage|milestone|fase)\s*:?$", re.IGNORECASE)
_OF_ALL = re.compile(r"\s+(?:for|of|in)\s+(?:each|every|all|any|this|the)\s+\w+\s*:?$", re.IGNORECASE)
_BRANCH = re.compile(r"^[\s│|]*(?:├|└|\|--|`--|\+--)")
_LIFTED = frozenset({"expected_files", "test_commands", "verification", "automated", "manual", "success_criteria"})
_OF_CRITERIA = frozenset({"automated", "manual", "verification", "test_commands", "gotchas", "ignored"})
_OF_HEADING = frozenset({"about", "mission", "duration", "status"})  # what they say, they say of their own heading
_OF_TASK = frozenset({"depends_on", "duration", "status", "ignored"})  # said of one task, not of its phase


def read_section(section: Section, *, bullets: bool = True, within: str = "") -> Body:
    """Fields of a section. `bullets`: list items may be labels too (`- Modules: a, b`); `within`: the field that it is.

    Within modules, headings without a label are their names; within criteria, `Quality` and its like only group them.
    """
    body = read_blocks(section.blocks, bullets=bullets)
    fields, groups = list(body.fields), []
    for child in section.sections:
        name, label, value = _heading(child.title)
        if child.level == 1 and value:
            name = None  # `# Goal: name` is the document's title
        if name is None and within == "modules":
            name, value = "module", child.title
        if within == "success_criteria":
            name, label = name if name in _OF_CRITERIA else None, f"{_CRITERIA}: {label}"
        own = name in (None, "goals", "module", "modules")
        inner = read_section(child, bullets=bullets and own, within=name or within * (within == "success_criteria"))
        kept = Body((), inner.blocks, inner.groups)
        if name is None:
            groups.append((Entry(child.title, child.line), inner))  # its fields tell what kind of heading it is
        elif name in ("module", "ignored"):
            fields.append(Field(name, label, value, child.line, inner))
            continue
        else:
            fields.append(Field(name, label, value, child.line, kept))
        of_heading = _unlifted(child.title) if bullets and not name else frozenset()
        fields += (field for field in inner.fields if field.name not in of_heading)
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
            tasks = opened.name == "goals" and bullets
            own = tuple(kept for block in taken if (kept := lifted(block) if tasks else block))
            fields.append(Field(opened.name, opened.label, opened.value, opened.line, Body((), own)))
        opened, taken, filled = None, [], False

    def keep(block: Block) -> None:
        if isinstance(block, Table) and (inside := _from_rows(block)):
            fields.extend(inside)
            return
        if isinstance(block, Table) and bullets:
            fields.extend(_from_columns(block))
        if bullets:
            fields.extend(_from_trees((block,)))
        if isinstance(block, Table):
            rest.append(block)
        elif kept := lifted(block) if bullets else block:
            rest.append(kept)

    def lifted(block: Block) -> Block | None:
        """A list of tasks without the fields among them, and without what they say of their files, tests and criteria:
        that is the phase's."""
        if not isinstance(block, List):
            return block
        inside, block = _from_bullets(block)
        fields.extend(inside)
        items = []
        for item in block.items:
            inner = read_blocks(item.blocks)
            fields.extend(_from_trees(item.blocks))
            fields.extend(field for field in inner.fields if field.name in _LIFTED)
            items.append(_described(item, inner))
        return List(tuple(items), block.line) if items else None

    for block in _without_lazy(blocks):
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
    return Body(tuple(fields), tuple(rest))


def paragraphs(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """A paragraph cut before every line that begins with a label; other lines continue the one before.

    A weak label in lower case within a paragraph is but a word of its sentence.
    """
    cut: list[list[Line]] = []
    for line in lines:
        found = _labelled((line,)) if cut else None
        bold = line.lead.endswith((":", "：")) or (line.lead and line.text[len(line.lead) :].startswith((":", "：")))
        if not cut or bold or (found and not (labels.is_weak(found.label) and found.label[0].islower())):
            cut.append([line])
        else:
            cut[-1].append(line)
    return [tuple(part) for part in cut]


def _takes(field: Field, taken: Sequence[Block], block: Block) -> bool:
    if taken and not isinstance(taken[-1], Text):
        return not isinstance(taken[-1], Fence) or isinstance(block, Fence)  # a list after code is another's
    if not field.value or field.value.endswith((":", "：")):
        return True
    return field.name in _ADJACENT and isinstance(block, List) and block.line == field.line + 1


def _without_lazy(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks in which a label right below a bullet ends the list.

    To Markdown a line without a blank line before it continues the bullet's paragraph, and bullets after it the list.
    """
    for block in blocks:
        if not isinstance(block, List):
            yield block
            continue
        items: list[Item] = []
        for item in block.items:
            own, lines = _lazy(item)
            items.append(own)
            if lines:
                yield List(tuple(items), items[0].line)
                yield Text(lines)
                items = []
        if items:
            yield List(tuple(items), items[0].line)


def _lazy(item: Item) -> tuple[Item, tuple[Line, ...]]:
    """The item without, and the lines from the first label on that continue its last paragraph."""
    if not item.blocks:
        parts = paragraphs(item.lines)
        lines = tuple(line for part in parts[1:] for line in part)
        return (Item(parts[0], (), item.line, parts[0][-1].line), lines) if lines else (item, ())
    last = item.blocks[-1]
    if not isinstance(last, List):
        return item, ()
    nested, lines = _lazy(last.items[-1])
    if not lines:
        return item, ()
    kept = List((*last.items[:-1], nested), last.line)
    return Item(item.lines, (*item.blocks[:-1], kept), item.line, nested.last), lines


def _cut(block: Block, label: int) -> tuple[Block, List | None]:
    """A list right below its label, cut at its first blank line: what follows it is no longer the label's.

    Markdown sees one list there, people see two. A list with a blank line before each of its items is one.
    """
    if not isinstance(block, List) or block.line != label + 1:
        return block, None
    gaps = [after.line > before.last + 1 for before, after in pairwise(block.items)]
    boxes = [(after.ticked is None) != (before.ticked is None) for before, after in pairwise(block.items)]
    turns = [gap and box for gap, box in zip(gaps, boxes, strict=True)]  # where boxes begin, another list does
    if True not in gaps or (all(gaps) and True not in turns):
        return block, None
    at = (turns if True in turns else gaps).index(True) + 1
    return List(block.items[:at], block.line), List(block.items[at:], block.items[at].line)


def _described(item: Item, inner: Body) -> Item:
    """A task without its labelled bullets where all of them say something of the task, and with its description."""
    names = {field.name for field in inner.fields}
    if not names & (_LIFTED | _OF_TASK) or not names <= _LIFTED | _OF_TASK | {"about", "goals"}:
        return item
    told = [Line(field.value, field.line) for field in inner.named("about") if field.value]
    steps = [block for field in inner.named("goals") for block in field.body.blocks]
    return msgspec.structs.replace(item, lines=(*item.lines, *told), blocks=(*inner.blocks, *steps))


def _from_bullets(block: List) -> tuple[list[Field], List]:
    """The items that are fields, and the list without them."""
    fields: list[Field] = []
    left: list[Item] = []
    heads = [_labelled(item.lines) if item.lines else None for item in block.items]
    labelled = len(heads) > 2 and all(heads) and _proven(heads, block)
    for item, head in zip(block.items, heads, strict=True):
        task = bool(item.number) and not any(mark in item.lines[0].text for mark in ":：")  # `1. **Unit Tests**`
        if head is None or task or (_doubtful(head, item) and not (labelled and head.name in _LIFTED | _OF_TASK)):
            left.append(item)
        else:
            fields.append(Field(head.name, head.label, head.value, head.line, _value(head, item)))
    return fields, List(tuple(left), block.line)


def _value(head: Field, item: Item) -> Body:
    """What is nested in a labelled bullet; of criteria, `Test: …` is one and no label."""
    return read_blocks(item.blocks, bullets=head.name != "success_criteria")


def _proven(heads: Sequence[Field | None], block: List) -> bool:
    """Whether most of the labels of a list in which every item begins with one are beyond doubt."""
    sure = [h for h, item in zip(heads, block.items, strict=True) if h and not _doubtful(h, item)]
    return 2 * len(sure) > len(heads)


def _doubtful(field: Field, item: Item) -> bool:
    return labels.is_weak(field.label) and not _borne_out(field, item)


def _from_rows(table: Table) -> list[Field]:
    """The rows of a table `| Item | Detail |` whose first cells are labels, as fields; [] for any other table."""
    rows = [row for row in table.rows[1:] if len(row) > 1]
    if len(table.rows[0]) != 2 or labels.field_of(table.rows[0][0].text) == "modules":
        return []
    named = [(labels.field_of(row[0].text), row) for row in rows]
    if len(rows) < 2 or 2 * sum(1 for name, _ in named if name) < len(rows):
        return []
    return [_field(name, row[0].text, row[1].text, row[0].line) for name, row in named if name]


def _from_columns(table: Table) -> Iterator[Field]:
    """The columns of a table that name files, commands or criteria, as fields."""
    for column, head in enumerate(table.rows[0]):
        name = labels.field_of(head.text)
        cells = tuple((row[column],) for row in table.rows if column < len(row))
        if name in _LIFTED and cells[1:]:
            yield Field(name, head.text, "", head.line, Body((), (Table(cells),)))


def _from_trees(blocks: Sequence[Block]) -> Iterator[Field]:
    """Trees of files drawn in a fence, as fields."""
    for block in blocks:
        if isinstance(block, Fence) and sum(1 for line in block.code if _BRANCH.match(line)) > 1:
            if not any(True for _ in files.in_tree(block)):
                continue
            yield Field("expected_files", "tree", "", block.line, Body((), (block,)))


def _borne_out(field: Field, item: Item) -> bool:
    """Whether what follows a weak label at the head of a bullet is a value and not the rest of a sentence."""
    if field.name == "module":
        return len(field.value.split()) <= _HEAD_WORDS
    if labels.normalise(field.label) in ("note", "notes"):
        return True
    if field.name in ("mode", "status", "stubs", "duration"):
        return 0 < len(field.value.split()) <= _HEAD_WORDS
    if labels.normalise(field.label) in ("command", "commands"):  # of a program that is to be made, or to be run
        said = [
            field.value,
            *(join(line.lines) for block in item.blocks if isinstance(block, List) for line in block.items),
        ]
        return any(commands.looks_like_command(text.strip("` ")) for text in said)
    if field.name in ("test_commands", "expected_files", "verification", "tests"):
        return field.value.startswith("`") or _only_paths(field) or (not field.value and bool(item.blocks))
    return not field.value and bool(item.blocks)


def _only_paths(field: Field) -> bool:
    """Whether a files field's value is nothing but paths, without code marks."""
    parts = [part.strip() for part in field.value.split(",")]
    return field.name == "expected_files" and all(part and " " not in part and files.declared(part) for part in parts)


def _labelled(lines: Sequence[Line]) -> Field | None:
    """The field that these lines of one paragraph begin, if they begin with a label."""
    head = lines[0]
    if head.lead and (name := labels.field_of(head.lead)):
        rest = head.text[len(head.lead) :].lstrip() if head.text.startswith(head.lead) else ""
        if not rest or rest[0] in ":：-–—(" or head.lead.endswith((":", "：")):
            value = " ".join((rest.lstrip(":：-–— "), *(line.text for line in lines[1:]))).strip()
            return _field(name, head.lead, value, head.line)
    if labels.field_of(head.text) == "stubs":  # a statement, no label: `Stubs allowed`
        return Field("stubs", head.text, "", head.line, EMPTY)
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
    own = _BY_PHASE.sub("", _PHASE.sub("", title))
    if own != title and labels.normalise(own) == "checklist":
        return "success_criteria", title, ""
    if name := labels.field_of(own) or labels.field_of(_OF_ALL.sub("", own)):
        return name, title, ""
    match = _LABEL.match(own)
    if match and (name := labels.field_of(match[1])):
        return _field(name, match[1], match[2], 0).name, match[1], match[2]
    return None, title, ""


def _unlifted(title: str) -> frozenset[str]:
    """The fields below a heading without a label that are its own, and not its phase's."""
    return _OF_HEADING | _OF_TASK if labels.is_task(title) else _OF_HEADING
