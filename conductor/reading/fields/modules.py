"""A phase's declared modules: names, dependencies as written, and their own contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from conductor.reading.fields import commands, files
from conductor.reading.fields.commands import Command
from conductor.reading.fields.criteria import commands_in
from conductor.reading.fields.fields import read_blocks
from conductor.reading.fields.goals import goals_of
from conductor.reading.fields.names import NONE, Names
from conductor.reading.fields.paths import Outside
from conductor.reading.markdown.body import Field, ReadItem, SectionBody, entries, join, own_value
from conductor.reading.markdown.document import Item, List, Table
from conductor.reading.vocabulary import labels
from conductor.reading.vocabulary.mentions import key_of


class Need(msgspec.Struct, frozen=True, gc=False):
    """One dependency, as written. `strict`: it must be a module or phase, not a tool or service."""

    text: str
    line: int
    strict: bool = True


class Declared(msgspec.Struct, frozen=True):
    """A module as declared, before its dependencies are resolved."""

    name: str
    line: int
    needs: tuple[Need, ...] = ()
    goals: tuple[ReadItem, ...] = ()
    files: tuple[tuple[str | Outside, int], ...] = ()
    commands: tuple[Command, ...] = ()


_NEEDS = r"(?:depends\s+(?:up)?on|depending\s+on|requires|needs|relies\s+on|after|blocked\s+by)"
_IN_GROUP = re.compile(rf"^{_NEEDS}\s*[:：]?\s*(.+)$", re.IGNORECASE)
_TRAILING = re.compile(rf"^(.+?)[\s,]+{_NEEDS}\b\s*[:：]?\s*(.*)$", re.IGNORECASE)
_GROUP = re.compile(r"[(（]([^()（）]*)[)）]")
_DESCRIPTION = re.compile(r"\s*[:：]\s+|\s+[-–—]{1,2}\s+|[:：]$")
_ARROW = re.compile(r"\s*(?:→|->|=>)\s*")
_KIND = re.compile(r"^(?:module|component)\s*:?\s+", re.IGNORECASE)
_CUT = re.compile(r"[,;、，()（）]")
_AND = re.compile(r"^(\S+)\s+(?:and|&|und|et|y)\s+(\S+)$", re.IGNORECASE)
_LIST = re.compile(
    r"\.\s+(?=[^\W\d_])|\s*[,;、，+]\s*(?:(?:and|&|und|et|y)\s+)?|\s+(?:and|&|und|et|y)\s+", re.IGNORECASE
)
_STRICT = re.compile(r"\bdepends\b|\bblocked\b|hängt|dépend de|depende de|зависит", re.IGNORECASE)
_ALONE = re.compile(r"^(?:independent|standalone)$", re.IGNORECASE)  # a remark about a module; on its own, a name
_NONE = re.compile(
    r"^(?:none|nothing|nil|n/?a|keine?|aucune?|ninguna?|нет|なし|无|[-–—]+"
    r"|(?:has\s+)?no\s+(?:\w+\s+)?(?:dependenc(?:y|ies)|deps|modules?|phases?)(?:\s.*)?)$",
    re.IGNORECASE,
)
_TOLD = (None, "goals", "about", "mission")  # columns that say what a module is to do
_LONGEST = 200
_WRAP = "`'\"*“”„ .,;:"


def declared(body: SectionBody) -> list[Declared]:
    """The modules of a phase's fields, each once, in the order in which they are first named."""
    found = _each(body, NONE)
    if words := words_of(found.values()):
        found = _each(body, Names(words, words))
    return list(found.values())


def words_of(found: Iterable[Declared]) -> frozenset[str]:
    """The modules' names that are reserved words of the reader, as `key_of` writes them."""
    keys = {module.name: key_of(module.name) for module in found}
    return frozenset(key for name, key in keys.items() if labels.field_of(name) or labels.field_of(key))


def _each(body: SectionBody, names: Names) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for module in _all(body.fields, names):
        key = key_of(module.name)
        found[key] = _merge(found[key], module) if key in found else module
    return found


def names(text: str, line: int, strict: bool = True) -> list[Need]:
    """The items of a dependency's value: `lexer, parser and ast`; none for `none` and the like."""
    items = (item.strip(_WRAP) for item in _LIST.split(_GROUP.sub("", text)))
    return [Need(item[:_LONGEST], line, strict) for item in items if item and not _is_none(item)]


def _is_none(text: str) -> bool:
    return (_NONE.match(text) or _ALONE.match(text)) is not None


def needs_of(field: Field) -> list[Need]:
    """What a dependency field names, in its value and bullets. `Dependencies:` may also name tools and services."""
    strict = _STRICT.search(field.label) is not None
    return [
        need for entry in entries(field.body, value=own_value(field)) for need in names(entry.text, entry.line, strict)
    ]


def _merge(first: Declared, again: Declared) -> Declared:
    return Declared(
        first.name,
        first.line,
        (*first.needs, *again.needs),
        (*first.goals, *again.goals),
        (*first.files, *again.files),
        (*first.commands, *again.commands),
    )


def _all(fields: Iterable[Field], known: Names) -> Iterator[Declared]:
    for field in fields:
        if field.name == "module":
            yield from _of_body(_declare(field.value, field.line), field.body)
        elif field.name == "modules":
            yield from _in_line(field.value, field.line)
            for block in field.body.blocks:
                if isinstance(block, List):
                    for item in block.items:
                        yield from _of_item(item, known)
                elif isinstance(block, Table):
                    yield from _of_table(block)


def _in_line(value: str, line: int) -> Iterator[Declared]:
    """`lexer, parser (depends on lexer), printer`; `lexer → parser`: each after the one before it."""
    for part in _outside_groups(value):
        pair = _AND.match(part.strip())
        for text in pair.groups() if pair else (part,):
            before: tuple[Need, ...] = ()
            for name in _ARROW.split(text):
                for module in _declare(name, line):
                    yield msgspec.structs.replace(module, needs=(*before, *module.needs))
                    before = (Need(module.name, line),)


def _outside_groups(text: str) -> list[str]:
    """Split text at commas outside parentheses."""
    parts, start, depth = [], 0, 0
    for match in _CUT.finditer(text):
        if match[0] in "(（":
            depth += 1
        elif match[0] in ")）":
            depth = max(0, depth - 1)
        elif not depth:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _of_item(item: Item, known: Names) -> Iterator[Declared]:
    text = join(item.lines)
    if not _TRAILING.match(text) and not _DESCRIPTION.search(text) and len(_outside_groups(text)) > 1:
        yield from _in_line(text, item.line)
    else:
        yield from _of_body(_declare(text, item.line), read_blocks(item.blocks, names=known))


def _of_table(table: Table) -> Iterator[Declared]:
    header = [labels.field_of(cell.text) for cell in table.rows[0]]
    for row in table.rows[1:]:
        for module in _declare(row[0].text, row[0].line) if row else ():
            cells = list(zip(header[1:], row[1:], strict=False))
            needs = [n for name, cell in cells if name == "depends_on" for n in names(cell.text, cell.line)]
            paths = [
                (p, cell.line) for name, cell in cells if name == "expected_files" for p in files.declared(cell.text)
            ]
            goals = [ReadItem(cell.text, cell.line) for name, cell in cells if name in _TOLD and cell.text]
            yield msgspec.structs.replace(
                module, needs=(*module.needs, *needs), files=(*module.files, *paths), goals=(*module.goals, *goals)
            )


def _declare(text: str, line: int) -> list[Declared]:
    """One module from `name`, `name (depends on a, b)`, `name depends on: a`, `name: what it is`; [] for `none`."""
    needs: list[Need] = []
    asides: list[str] = []

    def group(match: re.Match[str]) -> str:
        inner = match[1].strip()
        if asked := _IN_GROUP.match(inner):
            needs.extend(names(asked[1], line))
        elif inner and not _is_none(inner):
            asides.append(inner)
        return " "

    text = _KIND.sub("", _GROUP.sub(group, text).strip())
    if trailing := _TRAILING.match(text):
        text = trailing[1]
        needs += names(trailing[2], line)
    code = commands.SPAN.match(text)
    if code:
        name, description = code[2], text[code.end() :].strip(" :：-–—,")
    else:
        name, description = [*_DESCRIPTION.split(text, maxsplit=1), ""][:2]
    name = _KIND.sub("", name.strip(_WRAP))
    if not name or _NONE.match(name):
        return []
    told = [f"{name}: {text}" for text in (description, *asides) if text]
    paths = [(path, line) for path in files.mentioned(f"`{name}`") if isinstance(path, str)]
    if paths:
        name = name.rsplit("/", 1)[-1].rsplit(".", 1)[0] or name
    return [Declared(name.rstrip("/"), line, tuple(needs), tuple(ReadItem(text, line) for text in told), tuple(paths))]


def _of_body(modules: list[Declared], body: SectionBody) -> Iterator[Declared]:
    """The module with the contents of its section, or of what is nested below its bullet."""
    for module in modules:
        goals = [*module.goals, *goals_of(body)]
        needs, paths, tests = list(module.needs), list(module.files), list(module.commands)
        for field in body.fields:
            if field.name == "depends_on":
                needs += needs_of(field)
            elif field.name == "expected_files":
                paths += files.in_field(field)[0]
            elif field.name == "test_commands":
                tests += commands.in_field(field)[0]
        tests += commands_in(body.fields, goals)
        yield msgspec.structs.replace(
            module, needs=tuple(needs), goals=tuple(goals), files=tuple(paths), commands=tuple(commands.unique(tests))
        )
