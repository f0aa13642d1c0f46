"""Parses untrusted Python text in this process: hostile text affects only the result for its own file."""

from __future__ import annotations

import ast

from conductor.checks.languages.support.resolve_imports import parsed
from conductor.checks.parsing.deep_stack import on_deep_stack

DEEPEST = 1_000  # nested nodes; half the depth at which a small stack can still free a tree


def parse_python(text: str, path: str = "<unknown>") -> ast.Module | None:
    """The tree, or None if the text is not Python or nests deeper than DEEPEST.

    The parser recurses in C, up to limits that differ by version, and so does freeing its tree.
    """
    return on_deep_stack(lambda: _parsed(text, path))


def _parsed(text: str, path: str) -> ast.Module | None:
    """As `parse_python`. A tree that is too deep is freed here, on this stack."""
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
