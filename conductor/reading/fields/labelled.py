"""Recognises the field that a line or heading starts. It considers no other line and no value's meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from conductor.reading.fields import commands, files
from conductor.reading.fields.names import NONE, LabelledRow, Names, is_module, is_state
from conductor.reading.markdown.body import EMPTY, Field, item_text, join
from conductor.reading.markdown.document import Item, Line, List
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.mentions import name_words

_LABEL = re.compile(r"^([^:：`]{1,80}?)\s*[:：]\s*(.*)$", re.DOTALL)
_PHASE = re.compile(
    rf"^(?:{'|'.join(k for family in labels.KEYWORDS for k in family)})\s*(?:\d\S*?\s+|\d+\s*の)", re.IGNORECASE
)
_SEVERAL = re.compile(r"^\S+(?:\s*[,、，]\s*\S+)+$")  # `Module: web, risiko`
_HEAD_WORDS = 6
_ACTS = re.compile(r"^(?:create|modify|update|add)$", re.IGNORECASE)
_BY_PHASE = re.compile(r"\s+(?:by|per|for each|pro|por|par)\s+(?:phase|stage|milestone|fase)\s*:?$", re.IGNORECASE)
_OF_ALL = re.compile(r"\s+(?:for|of|in)\s+(?:each|every|all|any|this|the)\s+\w+\s*:?$", re.IGNORECASE)


def labelled(lines: Sequence[Line], names: Names = NONE) -> Field | None:
    """The field that the lines of a paragraph start, if they start with a label that is not a module's name."""
    found = _labelled(lines)
    return None if found and is_module(found.name, found.label, found.value, names, bullet=False) else found


def told(item: Item) -> LabelledRow | None:
    """The label that a bullet starts with, known or not, and the text after it."""
    if not item.lines:
        return None
    head = item.lines[0]
    label, rest = head.lead, head.text[len(head.lead) :].lstrip()
    bold = bool(label) and head.text.startswith(label) and (rest[:1] in ":：-–—(" or label.endswith((":", "：")))
    if not bold:
        match = _LABEL.match(head.text)
        if not match:
            return None
        label, rest = match.groups()
    inside = item_text(msgspec.structs.replace(item, lines=item.lines[1:]))
    value = "\n".join((rest.lstrip(":：-–— "), inside)).strip()
    step = bool(item.number) or item.ticked is not None or head.text[:1].isdigit()
    return LabelledRow(label, labels.field_of(label), value, (bold, bool(item.number), item.ticked is None), step)


def _labelled(lines: Sequence[Line]) -> Field | None:
    head = lines[0]
    if head.lead and (name := labels.field_of(head.lead) or _of_phase(head.lead)):
        rest = head.text[len(head.lead) :].lstrip() if head.text.startswith(head.lead) else ""
        if not rest or rest[0] in ":：-–—(" or head.lead.endswith((":", "：")):
            value = " ".join((rest.lstrip(":：-–— "), *(line.text for line in lines[1:]))).strip()
            return field(name, head.lead, value, head.line)
    if labels.field_of(head.text) == "stubs":  # a statement, not a label: `Stubs allowed`
        return Field("stubs", head.text, "", head.line, EMPTY)
    match = _LABEL.match(head.text)
    if match and (name := labels.field_of(match[1])):
        value = " ".join((match[2], *(line.text for line in lines[1:]))).strip()
        return field(name, match[1], value, head.line)
    return None


def in_row(line: Line) -> list[Line]:
    """`**Duration**: 4 days | **Goal**: all of it` as separate lines; any other line unchanged."""
    parts = line.text.split(" | ") if line.lead else []
    heads = [_LABEL.match(part) for part in parts]
    if len(parts) < 2 or not all(head and labels.field_of(head[1]) for head in heads):
        return [line]
    return [Line(part, line.line, head[1]) for part, head in zip(parts, heads, strict=True) if head]


def _of_phase(lead: str) -> str | None:
    """`Phase 1 success criteria`; `Step 6: Validation` is a step."""
    own = _PHASE.sub("", lead)
    return labels.field_of(own) if own != lead and not own[:1].isupper() and not labels.is_task(lead) else None


def field(name: str, label: str, value: str, line: int) -> Field:
    if name == "modules" and labels.normalise(label) in ("module", "component") and not _SEVERAL.match(value):
        name = "module"
    return Field(name, label, value, line, EMPTY)


def heading(title: str) -> tuple[str | None, str, str]:
    """Field, label and value of a heading: `Success Criteria`, `Module: lexer`, `Phase 2 Gotchas`."""
    own = _BY_PHASE.sub("", _PHASE.sub("", title))
    if own != title and labels.normalise(own) == "checklist":
        return "success_criteria", title, ""
    if name := labels.field_of(own) or labels.field_of(_OF_ALL.sub("", own)):
        return name, title, ""
    match = _LABEL.match(own)
    if match and (name := labels.field_of(match[1])):
        return field(name, match[1], match[2], 0).name, match[1], match[2]
    return None, title, ""


def borne_out(field: Field, item: Item) -> bool:
    """Whether the text after a weak label at the start of a bullet is a value and not the rest of a sentence."""
    if field.name == "module":
        return len(field.value.split()) <= _HEAD_WORDS
    if labels.normalise(field.label) in ("note", "notes"):
        return True
    if field.name == "status" and is_state(field.value):
        return True
    if _ACTS.match(field.label) and name_words(commands.SPAN.sub(" ", field.value)):
        return False  # `Create: `a.py` (the parser)` is a task
    if field.name in ("mode", "status", "stubs", "duration"):
        return 0 < len(field.value.split()) <= _HEAD_WORDS
    if labels.normalise(field.label) in ("command", "commands"):  # of a program to be built, or to be run
        said = [
            field.value,
            *(join(line.lines) for block in item.blocks if isinstance(block, List) for line in block.items),
        ]
        return any(commands.looks_like_command(text.strip("` ")) for text in said)
    if field.name in ("test_commands", "expected_files", "verification", "tests"):
        return field.value.startswith("`") or _only_paths(field) or (not field.value and bool(item.blocks))
    return not field.value and bool(item.blocks)


def _only_paths(field: Field) -> bool:
    """Whether a files field's value is only paths, without backticks."""
    parts = [part.strip() for part in field.value.split(",")]
    return field.name == "expected_files" and all(part and " " not in part and files.declared(part) for part in parts)
