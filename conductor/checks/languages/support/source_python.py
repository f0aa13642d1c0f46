"""Python text that somebody else wrote, parsed in this process: whatever it is, it costs its own file alone."""

from __future__ import annotations

import ast

from conductor.checks.languages.support.resolve_imports import parsed
from conductor.checks.parsing.deep_stack import on_deep_stack

DEEPEST = 1_000  # nodes, each within the one before; half of what a small stack lets a tree have that is to be freed


def parse_python(text: str, path: str = "<unknown>") -> ast.Module | None:
    """None for what is no Python, or nests deeper than DEEPEST.

    The parser recurses in C, up to limits of its own that differ by version, and so does freeing what it made.
    """
    return on_deep_stack(lambda: _parsed(text, path))


def _parsed(text: str, path: str) -> ast.Module | None:
    """As `parse_python`. A tree that is too deep is freed here, and never seen by another stack."""
    try:
        tree = parsed(text, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    return None
