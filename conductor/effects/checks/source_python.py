"""Python text that somebody else wrote, parsed in this process: whatever it is, it costs its own file alone."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from conductor.effects.checks.resolve_imports import parsed

_NESTING = re.compile(r"[-+~]|\b(?:not|lambda|else)\b")  # what nests without a bracket
DEEP = 500  # of these, each within the one before


def parse_python(text: str, path: str = "<unknown>") -> ast.Module | None:
    """None for what is no Python, or nests so deep that parsing it may overflow a thread's C stack."""
    try:
        return None if _deep(text) else parsed(text, path)
    except (SyntaxError, tokenize.TokenError, ValueError, RecursionError, MemoryError):
        return None


def _deep(text: str) -> bool:
    """Whether a statement nests so deep that parsing it may overflow the C stack; of brackets `ast` itself refuses."""
    if len(_NESTING.findall(text)) <= DEEP:
        return False
    count = 0
    around: list[int] = []  # the count at each bracket that is open
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE or token.string == ",":
            count = around[-1] if around else 0
        elif token.string in ("(", "[", "{"):
            around.append(count)
        elif token.string in (")", "]", "}"):
            count = around.pop() if around else 0
        elif token.type != tokenize.COMMENT and not _is_text(token):
            count += len(_NESTING.findall(token.string))
            if count > DEEP:
                return True
    return False


def _is_text(token: tokenize.TokenInfo) -> bool:
    """A string, but for one in which there are expressions."""
    return token.type == tokenize.STRING and "f" not in re.split("[\"']", token.string, maxsplit=1)[0].lower()
