"""Markdown text -> a tree of sections with their blocks and source lines. Knows Markdown, knows nothing of plans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from conductor.spec.plan import Warning_


class Line(msgspec.Struct, frozen=True, gc=False):
    """One source line of running text, code spans with their backticks; `lead` is the bold text it begins with."""

    text: str
    line: int
    lead: str = ""


class Text(msgspec.Struct, frozen=True):
    """A paragraph."""

    lines: tuple[Line, ...]


class Fence(msgspec.Struct, frozen=True):
    """A code block; `line` is that of its first line of code."""

    info: str
    code: tuple[str, ...]
    line: int


class Table(msgspec.Struct, frozen=True):
    """A table's rows, the header first; one Line a cell."""

    rows: tuple[tuple[Line, ...], ...]


class Item(msgspec.Struct, frozen=True):
    """A list item: its first paragraph (without a checkbox) and what is nested in it; its first and last line."""

    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    line: int
    last: int


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
    """A heading, what stands below it, and the deeper headings' sections. `last` is its last line with content."""

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


_CHECKBOX = re.compile(r"^\[[ xX✓✔]?\]\s+")
_CONTAINERS = ("list_open", "list_item_open", "blockquote_open")  # their ends include blank lines
_SPACES = re.compile(r"\s{2,}")
_COMMENT = re.compile(r"^<!--.*?-->$", re.DOTALL)


def parse(text: str) -> tuple[Section, list[Warning_]]:
    """Parse CommonMark with tables, `\\n` line ends, and YAML front matter. Never raises."""
    source = text.split("\n")
    _blank_front_matter(source)
    markdown = MarkdownIt("commonmark").enable("table").disable("reference")
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


def _tree(
    heads: list[tuple[int, str, int]], blocks: list[tuple[Block, ...]], lasts: list[int], start: int, end: int
) -> Section:
    """The section of head `start`, whose descendants are the heads up to `end`. As deep as headings are: six."""
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
    """Blank YAML front matter, which CommonMark would read as a rule and a heading; line numbers stay."""
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
                yield Warning_(_first(token), "this code fence is never closed: all that follows was taken as code")
        elif token.type == "html_block" and token.content.lstrip().startswith("<!--") and "-->" not in token.content:
            yield Warning_(_first(token), "this comment is never closed: all that follows was taken as a comment")


def _first(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _blocks(tokens: Sequence[Token]) -> tuple[Block, ...]:
    """Blocks of a balanced run of tokens; quotes are transparent, HTML is dropped."""
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
        if blocks and isinstance(blocks[0], Text):
            first, blocks = blocks[0].lines, blocks[1:]
            head = first[0]
            first = (Line(_CHECKBOX.sub("", head.text), head.line, head.lead), *first[1:])
        last = max((t.map[1] for t in tokens[i + 1 : end] if t.map and not t.type.endswith(_CONTAINERS)), default=0)
        yield Item(first, blocks, _first(tokens[i]), last)
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


def _lines(token: Token) -> list[Line]:
    """The text of an inline token, line by line; emphasis and comments dropped, code spans kept as written."""
    first = _first(token)
    text, leads = _flatten(token.children or [])
    return [
        Line(line.strip(), first + i, leads.get(i, "").strip())
        for i, line in enumerate(text.split("\n"))
        if line.strip()
    ]


def _flatten(tokens: Sequence[Token]) -> tuple[str, dict[int, str]]:
    """Text, and per line (0-based) the bold text that it begins with.

    Emphasis inside a word is no emphasis here: `calc/__main__.py` and `lib/*.py tests/*.py` are names and globs.
    """
    out: list[str] = []
    leads: dict[int, str] = {}
    opened: list[tuple[int, bool, int | None]] = []  # where in `out`, whether within a word, the line if it leads
    row, fresh, before = 0, True, ""
    for i, token in enumerate(tokens):
        piece = ""
        if token.type in ("text", "text_special"):
            piece = _SPACES.sub(" ", token.content)
        elif token.type == "code_inline":
            piece = f"{token.markup}{token.content}{token.markup}"
        elif token.type in ("softbreak", "hardbreak"):
            piece = "\n"
        elif token.type == "html_inline":
            piece = "\n" * token.content.count("\n") if _COMMENT.match(token.content) else token.content
        elif token.type == "image":
            piece = token.content
        elif token.type in ("strong_open", "em_open"):
            opened.append((len(out), before.isalnum() or before in tuple("/*_.-"), row if fresh else None))
        elif token.type in ("strong_close", "em_close") and opened:
            at, inside, lead = opened.pop()
            following = tokens[i + 1].content if i + 1 < len(tokens) else ""
            if inside or re.match(r"[\w/]|\.\w", following):
                out.insert(at, token.markup)
                piece = token.markup
            elif lead is not None and token.type == "strong_close" and lead == row:
                leads[row] = "".join(out[at:])
        if piece:
            out.append(piece)
            before = piece[-1]
            if "\n" in piece:
                row, fresh = row + piece.count("\n"), True
            elif piece.strip() and not _CHECKBOX.match(piece):
                fresh = False
    return "".join(out), leads
