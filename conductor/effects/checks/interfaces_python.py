"""What Python files of one part import from another's, by `ast` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from conductor.effects.checks.imports_python import source_roots
from conductor.effects.checks.project import Project
from conductor.effects.checks.resolve_imports import bound_names, imports, parse

Found = tuple[str, int, str]


def between(project: Project, owner: dict[str, str]) -> Iterator[Found]:
    """(path, line, what is missing or "") of each name that a file takes from a file of another part."""
    tree = _Tree(project, owner)
    for path in owner:
        real = project.locate(path)
        if not path.endswith(".py") or real is None:
            continue
        try:
            parsed = parse(str(real))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # `imports` says so
        for node, optional in imports(parsed):
            if not optional:
                yield from tree.taken(path, node, parsed)


class _Tree:
    """The project's modules, by their files."""

    def __init__(self, project: Project, owner: dict[str, str]) -> None:
        self._project = project
        self._owner = owner
        self._files = frozenset(project.files)
        self._folders = frozenset(str(parent) for f in project.files for parent in PurePosixPath(f).parents)
        self._roots = [str(PurePosixPath(root)) for root in source_roots(project)]
        self._names = cache(self._bound)

    def taken(self, path: str, node: ast.Import | ast.ImportFrom, parsed: ast.Module) -> Iterator[Found]:
        if isinstance(node, ast.ImportFrom):
            base = self._relative(path, node) if node.level else self._absolute(path, node.module or "")
            for alias in node.names:
                if base is not None and alias.name != "*":
                    yield from self._named(path, node.lineno, base, node.module or ".", alias.name)
            return
        for alias in node.names:
            base = self._absolute(path, alias.name)
            if base is not None:
                for line, name in _attributes(parsed, alias.asname or alias.name):
                    yield from self._named(path, line, base, alias.name, name)

    def _named(self, path: str, line: int, base: str, module: str, name: str) -> Iterator[Found]:
        """`name` of the module whose place, without `.py`, is `base`."""
        file = self._file(base)
        below = self._file(f"{base}/{name}")
        theirs = self._owner.get(below or file or "")
        if theirs is None or theirs == self._owner[path]:
            return
        bound = self._names(file) if file else None
        there = below is not None or bound is None or name in bound
        yield path, line, "" if there else f"{module} ({file}, of {theirs}) has no name {name}"

    def _absolute(self, path: str, dotted: str) -> str | None:
        """The place of a module of the project; None: there is none of that name."""
        places = [*self._roots, str(PurePosixPath(path).parent)]
        found = (str(PurePosixPath(place, *dotted.split("."))) for place in places)
        return next((place for place in found if self._file(place) or place in self._folders), None)

    def _relative(self, path: str, node: ast.ImportFrom) -> str | None:
        above = PurePosixPath(path).parents
        if node.level > len(above):
            return None
        return str(PurePosixPath(above[node.level - 1], *(node.module or "").split(".")))

    def _file(self, place: str) -> str | None:
        place = place.removeprefix("./")
        return next((f for f in (f"{place}/__init__.py", f"{place}.py") if f in self._files), None)

    def _bound(self, file: str) -> frozenset[str] | None:
        real = self._project.locate(file)
        names = bound_names(str(real)) if real is not None else None
        return None if names is None else frozenset(names)


def _attributes(parsed: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each `module.name` in the file, where nothing else there is called like the module."""
    first = module.split(".")[0]
    others = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in ast.walk(parsed):
        bound = (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == first) or (
            isinstance(node, ast.arg) and node.arg == first
        )
        if bound or (isinstance(node, others) and node.name == first):
            return
    for node in ast.walk(parsed):
        if isinstance(node, ast.Attribute) and _dotted(node.value) == module and isinstance(node.ctx, ast.Load):
            yield node.lineno, node.attr


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
