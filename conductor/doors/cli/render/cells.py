"""Widths in terminal cells: wide characters take two, combining ones and our own colour codes none.

The only place that measures text. Only `rich.cells` of Rich is imported, and only for text that is not ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RESET = "\x1b[0m"
_LEAD = re.compile(r" *(?:(?:[-*+]|[0-9]{1,3}[.)]) )? *", re.ASCII)
_PIECES = re.compile(r" +|[^ ]+")
# In scripts that wrap between any two characters: those that stay with the one before, and those with the one after.
_CLOSES = frozenset("、。，．：；？！・…‥ー々ゝゞ」』）】〕》〉］｝’”ぁぃぅぇぉっゃゅょァィゥェォッャュョヶ％")
_OPENS = frozenset("「『（【〔《〈［｛‘“")


def width(text: str) -> int:
    """How many cells one line of text takes."""
    plain = COLOUR.sub("", text) if "\x1b" in text else text
    if plain.isascii():
        return len(plain)
    from rich.cells import cell_len

    return cell_len(plain)


def pad(text: str, cells: int) -> str:
    """`text` padded with blanks to `cells`; wider text is unchanged."""
    return text + " " * (cells - width(text))


def cut(text: str, cells: int) -> str:
    """`text`, which has no colours, cut to at most `cells`; a cut shows as `…`."""
    if width(text) <= cells:
        return text
    if text.isascii():
        return f"{text[: cells - 1].rstrip()}…"
    from rich.cells import set_cell_size

    return f"{set_cell_size(text, cells - 1).rstrip()}…"


def shorten(text: str, cells: int) -> str:
    """The same, cut between words if possible."""
    if width(text) <= cells:
        return text
    kept = cut(text, cells - 1)[:-1]
    at_word = kept.rpartition(" ")[0] if text[len(kept) : len(kept) + 1] != " " else kept
    return f"{at_word or kept} …"


def wrap(text: str, cells: int, *, whole: bool = False) -> list[str]:
    """The rows of one line of text, each at most `cells` wide; always at least one.

    Wrapped at blanks, between wide characters, and within a word that is wider than a row; `whole`: never within a
    word. Leading blanks stay. Colours end with each row and resume on the next.
    """
    plain = COLOUR.sub("", text)
    if width(plain) <= cells:
        return [text]
    spans = _spans(plain, max(cells, 2), whole=whole)
    return [plain[start:end] for start, end in spans] if len(plain) == len(text) else _coloured(text, plain, spans)


def hanging(text: str, cells: int) -> list[str]:
    """The same for text without colours, its further rows indented like its first, as below a list item's text."""
    lead = _LEAD.match(text)
    indent = lead.end() if lead else 0
    if not 0 < indent <= cells // 2 or width(text) <= cells:
        return wrap(text, cells)
    first, *further = wrap(text[indent:], cells - indent)
    return [text[:indent] + first, *(" " * indent + row for row in further)]


def _spans(plain: str, cells: int, *, whole: bool) -> list[tuple[int, int]]:
    """Where each row begins and ends in `plain`."""
    spans: list[tuple[int, int]] = []
    begin = end = used = 0
    for start, stop in (piece.span() for piece in _PIECES.finditer(plain)) if whole else _units(plain, cells):
        wide = width(plain[start:stop])
        if plain[start] == " ":
            if used + wide > cells and end == begin:  # more leading blanks than fit on a row
                begin = end = stop
                continue
            used += wide
            continue
        if used + wide > cells and end > begin:
            spans.append((begin, end))
            begin, used = start, 0
        elif used + wide > cells:
            begin, used = start, 0
        used += wide
        end = stop
    return [*spans, (begin, end)]


def _units(plain: str, cells: int) -> Iterator[tuple[int, int]]:
    """Spans that are not wrapped within: blanks, words, single wide characters; pieces of what is wider than a row."""
    for piece in _PIECES.finditer(plain):
        text, start = piece[0], piece.start()
        if text[0] == " " or (text.isascii() and len(text) <= cells):
            yield piece.span()
            continue
        for part in _parts(text):
            for chunk in _chunks(part, cells):
                yield start, start + len(chunk)
                start += len(chunk)


def _parts(word: str) -> Iterator[str]:
    """A word, split around wide characters; combining and joined characters stay with their base."""
    part, breaks = "", False
    for char in word:
        wide = width(char)
        joined = wide == 0 or part[-1:] == "\u200d" or char in _CLOSES or part[-1:] in _OPENS
        if part and not joined and (breaks or wide == 2):
            yield part
            part = ""
        part += char
        breaks = wide == 2 or (wide == 0 and breaks)
    yield part


def _chunks(part: str, cells: int) -> list[str]:
    if width(part) <= cells:
        return [part]
    if part.isascii():
        return [part[n : n + cells] for n in range(0, len(part), cells)]
    from rich.cells import chop_cells

    return [chunk for chunk in chop_cells(part, cells) if chunk]


def _coloured(text: str, plain: str, spans: list[tuple[int, int]]) -> list[str]:
    """The rows with the colours of `text`, resumed on each."""
    codes: list[tuple[int, str]] = []
    before = 0
    for found in COLOUR.finditer(text):
        codes.append((found.start() - before, found[0]))
        before += len(found[0])
    rows, active = [], ""
    for start, end in spans:
        while codes and codes[0][0] <= start:
            active = _after(active, codes.pop(0)[1])
        row, at = active, start
        while codes and codes[0][0] < end:
            place, code = codes.pop(0)
            row, at, active = row + plain[at:place] + code, place, _after(active, code)
        rows.append(row + plain[at:end] + (RESET if active else ""))
    return rows


def _after(active: str, code: str) -> str:
    return "" if code == RESET else active + code
