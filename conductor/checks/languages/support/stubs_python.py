"""Finds functions left empty, using Python's own parser."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from conductor.checks.languages.support.source_python import parse_python

_ABSTRACT_BASES = ("Protocol", "ABC", "ABCMeta")
# A click group or a typer callback may be only a docstring; singledispatch's base rejects unregistered types.
_EMPTY_ON_PURPOSE = ("abstractmethod", "abstractproperty", "overload", "group", "callback", "singledispatch")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def stubs(text: str, lines: Collection[int]) -> list[tuple[int, str]]:
    """(line, what) of each empty function whose head or last line is among `lines`; none if it cannot be parsed."""
    tree = parse_python(text)
    if tree is None:
        return []  # `imports` reports it
    return [
        (function.lineno, f"{function.name} is a stub ({what})")
        for function, owner in _functions(tree)
        if lines_touch(function, lines) and (what := _emptiness(function)) and not _on_purpose(function, owner, what)
    ]


def lines_touch(function: _Function, lines: Collection[int]) -> bool:
    """Whether the function's head or its last line is among `lines`."""
    return function.lineno in lines or function.body[-1].lineno in lines


def _functions(tree: ast.Module) -> Iterator[tuple[_Function, ast.ClassDef | None]]:
    waiting: list[tuple[ast.AST, ast.ClassDef | None]] = [(tree, None)]
    while waiting:
        node, owner = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _Function):
                yield child, owner
                waiting.append((child, None))
            else:
                waiting.append((child, child if isinstance(child, ast.ClassDef) else owner))


def _emptiness(function: _Function) -> str | None:
    body = function.body
    if (
        isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        body = body[1:]
    if not body:
        return "only a docstring"
    if len(body) != 1:
        return None
    only = body[0]
    if isinstance(only, ast.Pass):
        return "pass"
    if isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant) and only.value.value is ...:
        return "..."
    if isinstance(only, ast.Raise) and only.exc is not None and _last_name(only.exc) == "NotImplementedError":
        return "raise NotImplementedError"
    return None


def _on_purpose(function: _Function, owner: ast.ClassDef | None, what: str) -> bool:
    if any(_last_name(decorator) in _EMPTY_ON_PURPOSE for decorator in function.decorator_list):
        return True
    if owner is None:
        return False
    bases = {_last_name(base) for base in (*owner.bases, *(keyword.value for keyword in owner.keywords))}
    return "Protocol" in bases or (what.startswith("raise") and not bases.isdisjoint(_ABSTRACT_BASES))


def _last_name(node: ast.expr) -> str:
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
