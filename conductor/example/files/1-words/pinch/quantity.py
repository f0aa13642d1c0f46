"""Amounts as cooks write them: "2", "3/4", "1 1/2", "1½", "0.25".

An amount is a Fraction, so that scaling by a third and back again loses nothing.
"""

from __future__ import annotations

import re
from fractions import Fraction

GLYPHS = {
    "½": Fraction(1, 2),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
    "⅛": Fraction(1, 8),
    "⅜": Fraction(3, 8),
    "⅝": Fraction(5, 8),
    "⅞": Fraction(7, 8),
}
_GLYPH_OF = {part: glyph for glyph, part in GLYPHS.items()}
_AMOUNT = re.compile(rf"(\d+\s+)?\d+/[1-9]\d*|(\d+\s*)?[{''.join(GLYPHS)}]|\d+(\.\d+)?", re.ASCII)


def parse(text: str) -> Fraction:
    """The value of a written amount. Raises ValueError if `text` is anything else."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"not an amount: {text!r}")
    # Fraction reads "1/2" but not "1 1/2", so the whole and its part are read apart and added.
    spelled = "".join(f" {GLYPHS[char]}" if char in GLYPHS else char for char in text)
    return sum((Fraction(piece) for piece in spelled.split()), Fraction())


def split(text: str) -> tuple[Fraction | None, str]:
    """Take the amount off the front of a line: "1½ cups flour" gives 3/2 and "cups flour"."""
    found = _AMOUNT.match(text)
    if found is None:
        return None, text
    return parse(found[0]), text[found.end() :].lstrip()


def show(amount: Fraction) -> str:
    """An amount for people: "1½" where a glyph exists, else at most two decimals."""
    whole, part = divmod(amount, 1)
    if not part:
        return str(whole)
    if part in _GLYPH_OF:
        return f"{whole or ''}{_GLYPH_OF[part]}"
    return f"{float(amount):.2f}".rstrip("0").rstrip(".")
