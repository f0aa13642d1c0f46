"""Names that are safe in branches, folders and ids. Pure."""

from __future__ import annotations


def slug(text: str) -> str:
    """`text` as lower-case ASCII letters, digits and single hyphens, at most 60 characters; `x` if nothing is left."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "x"
