"""Makes text from outside (agents, programs, files) safe to record and to show. It changes nothing else.

Further escaping is up to the destination: `projections.documents.markdown`, for example, escapes Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Terminal sequences; control characters except tab and newline; separators that end a line for some readers; marks
# that reorder text; halves of surrogate pairs.
_UNSAFE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


_MARKS = 4  # combining marks per character: more would paint over the lines above and below
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # printable by category, but invisible
_VARIANTS = re.compile(
    "[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)  # select the look of the character before them
_JOINERS = frozenset("\u200c\u200d")


def clean(text: str, limit: int | None = None) -> str:
    """`text` without control characters, lines ending in a newline, at most `limit` characters; a cut shows as `…`."""
    return _cut(_UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), limit)


def one_line(text: str, limit: int | None = None) -> str:
    """`text` cleaned and put on one line, with runs of whitespace collapsed to single spaces."""
    return _cut(" ".join(clean(text).split()), limit)


def in_a_row(text: str) -> str:
    """The lines of `text` on one line, separated by semicolons: the items of a list, such as reasons."""
    return "; ".join(line.strip() for line in text.split("\n") if line.strip())


def headline(text: str) -> str:
    """The first line of `text`, and how many more there are."""
    first, *more = text.strip("\n").split("\n")
    return f"{first} ({len(more)} more line{'s' * (len(more) > 1)})" if more else first


def visible(text: str, *, exact: bool = False) -> str:
    """`text` made safe to show: characters that act, reorder or hide are replaced by their escapes.

    Lines end in newlines, and unusual spaces become plain ones; with `exact`, as for a command, they are escaped too.
    Joiners and accents that scripts and emoji need are kept where they are used for that.
    """
    text = text.replace("\r\n", "\n")
    if not exact:
        text = text.expandtabs(4)
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_seen(text, exact))


def _seen(text: str, exact: bool) -> Iterator[str]:
    from unicodedata import category

    base, marks = "", 0  # the preceding character, if it can carry marks; how many it carries
    for n, char in enumerate(text):
        if char == "\n" or " " <= char <= "~":
            base, marks = char.strip(), 0
            yield char
            continue
        kind, after = category(char), text[n + 1 : n + 2]
        if kind == "Zs" and not exact:
            base, char = "", "  " if char == "\u3000" else " "
        elif char in _JOINERS:
            stays = base > "~" and after > "~" and after.isprintable() and after not in _UNSEEN
            base, char = "", char if stays else _escape(char)
        elif char in _UNSEEN or not char.isprintable():
            base, char = "", _escape(char)
        elif kind in ("Mn", "Me"):
            marks += 1
            chooses = _VARIANTS.fullmatch(char) and (marks > 1 or (base <= "~" and after != "\u20e3"))
            if not base or marks > _MARKS or chooses:
                char = _escape(char)
        else:
            base, marks = char, 0
        yield char


def _escape(char: str) -> str:
    """Such as `\\x1b` or `\\u202e`."""
    return char.encode("unicode_escape").decode()


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"
