"""Decodes the bytes of a document, or says what is wrong with them. It knows nothing about Markdown."""

from __future__ import annotations

from conductor.errors import SpecError

MOST_BYTES = 2_000_000
MOST_LINES = 50_000
_BEGIN, _END = "<!-- conductor:begin ", "<!-- conductor:end "
LONGEST = 100_000  # characters of a line; with the other limits, keeps reading within a few seconds


def decode(text: str | bytes, name: str) -> str:
    """The text with `\\n` line ends and without a byte order mark.

    Raises SpecError (with its line) if it is not UTF-8 text, or larger than any specification.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        source = data.decode("utf-8-sig")
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError | UnicodeEncodeError) else 0
        line = text[:start].count("\n" if isinstance(text, str) else b"\n") + 1  # type: ignore[arg-type]
        raise SpecError(f"{name} is not UTF-8 text", line=line, hint="save it as UTF-8") from None
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    nul = source.find("\0")
    if nul >= 0:
        raise SpecError(
            f"{name} contains a NUL character: it is not a text file",
            line=source.count("\n", 0, nul) + 1,
            hint="give a Markdown file, saved as UTF-8",
        )
    _refuse_huge(source, len(data), name)
    return _without_generated(source)


def _without_generated(source: str) -> str:
    """Blank what Conductor wrote into the document: it is not part of the plan. Line numbers stay the same."""
    if _BEGIN not in source:
        return source
    kept, within = [], False
    for line in source.split("\n"):
        within = within or line.startswith(_BEGIN)
        kept.append("" if within else line)
        within = within and not line.startswith(_END)
    return source if within else "\n".join(kept)


def _refuse_huge(source: str, size: int, name: str) -> None:
    hint = "a plan is for people to read: leave generated parts out, or split it"
    if size > MOST_BYTES:
        raise SpecError(f"{name} has {size:,} bytes", line=1, allowed=f"up to {MOST_BYTES:,}", hint=hint)
    lines = source.split("\n")
    if len(lines) > MOST_LINES:
        what = f"{name} has {len(lines):,} lines"
        raise SpecError(what, line=MOST_LINES + 1, allowed=f"up to {MOST_LINES:,}", hint=hint)
    for n, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            what = f"{name} has a line of {len(line):,} characters"
            raise SpecError(what, line=n, allowed=f"up to {LONGEST:,}", hint=hint)
