"""Makes text by agents and people safe within a Markdown document: it can show anything but not add structure.

Headings, fences, tables, HTML, links and images in it have no effect, and no line of it begins with a marker.
"""

from __future__ import annotations

import re

from conductor.text import clean, one_line

# What begins a heading, a quote, a list, a table or a formula, or underlines or rules a line; a fence has backticks.
_STARTS_BLOCK = re.compile(r"[#>|:]|[-+*](?=\s|$)|~~~|\$\$|[-+*_=~:| \t]+$")
_FENCED = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_BULLET = re.compile(r"[-*+] +")
LINE_LIMIT = 300  # characters of what has to fit on one line


def inline(text: str, limit: int = LINE_LIMIT) -> str:
    """One line, to follow something such as `- ` or `### `."""
    return _escape(one_line(text, limit))


def prose(text: str) -> str:
    """Paragraphs and plain bullet lists; text that contains fenced code is shown literally, as a code block."""
    if _FENCED.search(text):
        return block(text)
    lines = [_line(line.strip()) for line in clean(text).strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def block(text: str, indent: int = 4) -> str:
    """Literal text as an indented code block, which nothing in it can end."""
    lines = clean(text).expandtabs(4).strip("\n").split("\n")
    return "\n".join(" " * indent + line.rstrip() if line.strip() else "" for line in lines)


def _line(line: str) -> str:
    if bullet := _BULLET.match(line):
        return "- " + _line(line[bullet.end() :].strip())
    escaped = _escape(line)
    if numbered := _NUMBERED.match(escaped):
        return f"{numbered[1]}\\{numbered[2]}{escaped[numbered.end() :]}"
    return "\\" + escaped if _STARTS_BLOCK.match(escaped) else escaped


def _escape(text: str) -> str:
    """Put a backslash before what begins a tag, link or image, and before backslashes. Closed code spans stay."""
    return re.sub(r"(`[^`\n]+`)|([\\<\[\]`])", lambda m: m[1] or "\\" + m[2], text)
