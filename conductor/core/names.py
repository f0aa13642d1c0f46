"""Names that are safe everywhere: in branches, folders and ids. Pure."""

from __future__ import annotations


def slug(text: str) -> str:
    """A name that is safe in a branch and a folder: lower-case ASCII letters, digits and single hyphens."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "x"
