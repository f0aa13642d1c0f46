"""Inline tokens -> lines of text: emphasis, comments and tags dropped, code spans kept as written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec
from markdown_it.token import Token


class Line(msgspec.Struct, frozen=True, gc=False):
    """One source line of running text, code spans with their backticks; `lead` is the bold text it starts with."""

    text: str
    line: int
    lead: str = ""


CHECKBOX = re.compile(r"^\[(?P<mark>[ xX✓✔~-]?)\]\*?\s+")
_BROKEN = 3  # maximum number of line breaks in a label
_JOINT = "\v"  # marks a line break within a label
_SPACES = re.compile(r"\s{2,}")
_COMMENT = re.compile(r"^<!--.*?-->$", re.DOTALL)
_TAG = re.compile(
    r"^</?(?:a|b|br|center|details|div|em|font|i|img|kbd|mark|p|s|small|span|strong|sub|summary|sup|u)\b[^<>]*>$",
    re.IGNORECASE,
)
_ONLY_TAGS = re.compile(r"^(?:</?[a-z][\w-]*(?:\s[^<>]*)?/?>\s*)+$", re.IGNORECASE)


def lines_of(token: Token) -> list[Line]:
    """The text of an inline token, line by line; emphasis and comments dropped, code spans kept as written."""
    first = token.map[0] + 1 if token.map else 0
    text, leads = _flatten(token.children or [])
    found, joined = [], 0
    for i, line in enumerate(text.split("\n")):
        said = line.replace(_JOINT, " ").strip()
        if said and not _ONLY_TAGS.match(said):
            found.append(Line(said, first + i + joined, leads.get(i, "").replace(_JOINT, " ").strip()))
        joined += line.count(_JOINT)
    return found


def _flatten(tokens: Sequence[Token]) -> tuple[str, dict[int, str]]:
    """Text, and per line (0-based) the bold text that it starts with.

    Emphasis inside a word does not count: `calc/__main__.py` and `lib/*.py tests/*.py` are names and globs.
    """
    out: list[str] = []
    leads: dict[int, str] = {}
    # Position in `out`, whether inside a word, and the line with its start if the emphasis leads it.
    opened: list[tuple[int, bool, tuple[int, int] | None]] = []
    row, fresh, before, begins = 0, True, "", 0
    for i, token in enumerate(tokens):
        piece = ""
        if token.type in ("text", "text_special"):
            piece = _SPACES.sub(" ", token.content)
        elif token.type == "code_inline":
            piece = f"{token.markup}{token.content}{token.markup}"
        elif token.type in ("softbreak", "hardbreak"):
            piece = "\n"
        elif token.type == "html_inline":
            piece = token.content
            if _COMMENT.match(piece) or _TAG.match(piece):
                piece = "\n" * piece.count("\n") or " " * piece.lower().startswith("<br")
        elif token.type == "image":
            piece = token.content
        elif token.type in ("strong_open", "em_open"):
            opened.append((len(out), before.isalnum() or before in tuple("/*_.-"), (row, begins) if fresh else None))
        elif token.type in ("strong_close", "em_close") and opened:
            at, inside, lead = opened.pop()
            following = tokens[i + 1].content if i + 1 < len(tokens) else ""
            if inside or re.match(r"[\w/]|\.\w", following):
                out.insert(at, token.markup)
                piece = token.markup
            elif lead is not None and token.type == "strong_close":
                if lead[0] < row <= lead[0] + _BROKEN and (before in tuple(":：") or following.startswith((":", "："))):
                    out[at:] = [part.replace("\n", _JOINT) for part in out[at:]]
                    row, begins = lead
                if lead[0] == row:
                    leads[row] = "".join(out[begins:])
        if piece := piece.replace(_JOINT, " "):
            out.append(piece)
            before = piece[-1]
            if "\n" in piece:
                row, fresh, begins = row + piece.count("\n"), True, len(out)
            elif CHECKBOX.fullmatch(piece):
                begins = len(out)
            elif not all(char.isspace() or unicodedata.category(char) in ("So", "Mn") for char in piece):
                fresh = False
    return "".join(out), leads
