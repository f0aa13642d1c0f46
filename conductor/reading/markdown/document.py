"""Markdown text -> a tree of sections with their blocks and source lines. It knows Markdown, not plans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.html_block import html_block
from markdown_it.rules_block.list import list_block
from markdown_it.token import Token

from conductor.plan.model import Warning_
from conductor.reading.markdown.inline import CHECKBOX
from conductor.reading.markdown.inline import Line as Line
from conductor.reading.markdown.inline import lines_of as _lines


class Text(msgspec.Struct, frozen=True):
    """A paragraph."""

    lines: tuple[Line, ...]


class Fence(msgspec.Struct, frozen=True):
    """A code block; `line` is its first line of code."""

    info: str
    code: tuple[str, ...]
    line: int


class Table(msgspec.Struct, frozen=True):
    """A table's rows, header first; one Line per cell."""

    rows: tuple[tuple[Line, ...], ...]


class Item(msgspec.Struct, frozen=True):
    """A list item: its first paragraph (without a checkbox), its nested contents, its first and last line.

    `ticked` is None without a checkbox; `number` is set in ordered lists.
    """

    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    line: int
    last: int
    ticked: bool | None = None
    number: str = ""


class List(msgspec.Struct, frozen=True):
    items: tuple[Item, ...]
    line: int


Block = Text | Fence | Table | List


def last_line(block: Block) -> int:
    if isinstance(block, Text):
        return block.lines[-1].line
    if isinstance(block, Table):
        return block.rows[-1][0].line if block.rows[-1] else 0
    return block.items[-1].last if isinstance(block, List) else block.line + len(block.code) - 1


class Section(msgspec.Struct, frozen=True):
    """A heading, its contents, and the sections of deeper headings. `last` is its last line with content."""

    level: int  # 0: the document itself
    title: str
    line: int
    last: int
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()

    def walk(self) -> Iterator[Section]:
        yield self
        for section in self.sections:
            yield from section.walk()


_CONTAINERS = ("list_open", "list_item_open", "blockquote_open")  # their ends include blank lines
_CODE_TAGS = re.compile(r"^<(?:!|\?|(?:script|pre|style|textarea)\b)", re.IGNORECASE)


def parse(text: str) -> tuple[Section, list[Warning_]]:
    """Parse CommonMark with tables, `\\n` line ends, and YAML front matter. Never raises."""
    source = text.split("\n")
    _blank_front_matter(source)
    markdown = MarkdownIt("commonmark").enable("table").disable("reference")
    markdown.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "blockquote"]})
    markdown.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]  # no link is followed
    tokens = markdown.parse("\n".join(source))
    warnings = list(_unclosed(tokens, source))
    heads: list[tuple[int, str, int]] = [(0, "", 1)]
    bodies: list[list[Token]] = [[]]
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.type == "heading_open" and token.level == 0:
            title = " ".join(line.text for line in _lines(tokens[i + 1]))
            heads.append((int(token.tag[1]), " ".join(title.split()), _first(token)))
            bodies.append([])
            i += 3
        else:
            bodies[-1].append(token)
            i += 1
    blocks = [_blocks(body) for body in bodies]
    lasts = [_last(source, heads[k + 1][2] - 1 if k + 1 < len(heads) else len(source)) for k in range(len(heads))]
    return _tree(heads, blocks, lasts, 0, len(heads)), warnings


def _html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Comments and scripts only: the author means the text between other tags (`<details>`, `<PRD>`) as Markdown."""
    text = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    return _CODE_TAGS.match(text) is not None and html_block(state, start, end, silent)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Also a list that continues counting right below a line of text (`6. six`, `7. seven`), which CommonMark reads as
    one paragraph."""
    if list_block(state, start, end, silent):
        return True
    if not (silent and state.parentType == "paragraph") or start + 1 >= end:
        return False
    number, after = (_number(state, line) for line in (start, start + 1))
    return number is not None and after == number + 1


def _number(state: StateBlock, line: int) -> int | None:
    """The number of the list item that the line starts, if any."""
    if state.is_code_block(line):
        return None
    digits, mark, rest = _partition(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
    return int(digits) if digits and mark and rest[:1] in (" ", "\t") else None


def _partition(text: str) -> tuple[str, str, str]:
    length = next((n for n, char in enumerate(text[:10]) if char not in "0123456789"), 0)
    mark = text[length : length + 1]
    return (text[:length], mark, text[length + 1 :]) if mark in (".", ")") else ("", "", text)


def _tree(
    heads: list[tuple[int, str, int]], blocks: list[tuple[Block, ...]], lasts: list[int], start: int, end: int
) -> Section:
    """The section of head `start`, whose descendants are the heads up to `end`. Recursion is limited to six levels."""
    level, title, line = heads[start]
    children: list[Section] = []
    i = start + 1
    while i < end:
        after = i + 1
        while after < end and heads[after][0] > heads[i][0]:
            after += 1
        children.append(_tree(heads, blocks, lasts, i, after))
        i = after
    return Section(level, title, line, max(line, lasts[end - 1]), blocks[start], tuple(children))


def _blank_front_matter(source: list[str]) -> None:
    """Blank YAML front matter, which CommonMark would read as a rule and a heading; line numbers stay the same."""
    if source and source[0].rstrip() == "---":
        end = next((i for i in range(1, len(source)) if source[i].rstrip() in ("---", "...")), 0)
        if end and any(":" in line for line in source[1:end]):
            source[: end + 1] = [""] * (end + 1)


def _last(source: Sequence[str], last: int) -> int:
    while last > 1 and not source[last - 1].strip():
        last -= 1
    return last


def _unclosed(tokens: Iterable[Token], source: list[str]) -> Iterator[Warning_]:
    for token in tokens:
        if token.type == "fence" and token.map:
            end = source[token.map[1] - 1].strip(" \t>") if token.map[1] - token.map[0] > 1 else ""
            if not (end and set(end) == {token.markup[0]} and len(end) >= len(token.markup)):
                yield Warning_(_first(token), "this code fence is never closed: everything after it was read as code")
        elif token.type == "html_block" and token.content.lstrip().startswith("<!--") and "-->" not in token.content:
            yield Warning_(_first(token), "this comment is never closed: everything after it was read as a comment")


def _first(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _blocks(tokens: Sequence[Token]) -> tuple[Block, ...]:
    """Blocks of a balanced sequence of tokens; quotes are transparent, HTML is dropped."""
    blocks: list[Block] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        end = i + 1
        if token.type in ("bullet_list_open", "ordered_list_open", "table_open"):
            while tokens[end].level > token.level:
                end += 1
            inner = tokens[i + 1 : end]
            if token.type == "table_open":
                blocks.append(Table(tuple(_rows(inner))))
            else:
                blocks.append(List(tuple(_items(inner)), _first(token)))
        elif token.type == "inline":
            lines = tuple(_lines(token))
            if lines:
                blocks.append(Text(lines))
        elif token.type in ("fence", "code_block"):
            first = _first(token) + (token.type == "fence")
            code = tuple(token.content.removesuffix("\n").split("\n")) if token.content else ()
            blocks.append(Fence(token.info.strip(), code, first))
        i = end
    return tuple(blocks)


def _items(tokens: Sequence[Token]) -> Iterator[Item]:
    i = 0
    while i < len(tokens):
        end = i + 1
        while tokens[end].level > tokens[i].level:
            end += 1
        blocks = _blocks(tokens[i + 1 : end])
        first: tuple[Line, ...] = ()
        ticked: bool | None = None
        if blocks and isinstance(blocks[0], Text):
            first, blocks = blocks[0].lines, blocks[1:]
            head = first[0]
            if box := CHECKBOX.match(head.text):
                ticked = box["mark"] not in (" ", "", "~", "-")
                first = (Line(head.text[box.end() :], head.line, head.lead), *first[1:])
        last = max((t.map[1] for t in tokens[i + 1 : end] if t.map and not t.type.endswith(_CONTAINERS)), default=0)
        yield Item(first, blocks, _first(tokens[i]), last, ticked, tokens[i].info)
        i = end + 1


def _rows(tokens: Sequence[Token]) -> Iterator[tuple[Line, ...]]:
    row: list[Line] = []
    for token in tokens:
        if token.type == "inline":
            text = " ".join(line.text for line in _lines(token))
            row.append(Line(text, _first(token)))
        elif token.type == "tr_close":
            yield tuple(row)
            row = []
