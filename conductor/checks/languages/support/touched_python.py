"""Which Python files the tests touch, by the modules they import, patch or run by name. Nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from conductor.checks.languages.support.imports_python import source_roots
from conductor.checks.languages.support.source_python import parse_python
from conductor.checks.project import Project
from conductor.checks.toolchains import is_vendored

_HOPS = 5  # modules that only re-export


def touched(project: Project, tests: Mapping[str, str]) -> set[str]:
    """Files whose modules `tests` (Python file -> text) mention, also through a package that re-exports names."""
    index = _Index(project)
    found: set[str] = set()
    for path, text in tests.items():
        tree = parse_python(text)
        for module, name in index.imports(path, tree) if tree is not None else ():
            found |= index.files_of(module, name)
        for dotted in set(re.findall(r"[\"']([A-Za-z_]\w*(?:\.\w+)*)", text)):
            found |= index.named(dotted)
    return found


class _Index:
    """The project's Python modules by dotted name, under each folder of its search path."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.modules: dict[str, set[str]] = {}
        self._passed_on: dict[str, list[tuple[str, str | None]]] = {}
        roots = [PurePosixPath(root) for root in source_roots(project)]
        for file in project.files:
            pure = PurePosixPath(file)
            if pure.suffix != ".py" or is_vendored(file):
                continue
            for root in [*roots, pure.parent]:
                if pure.is_relative_to(root):
                    self.modules.setdefault(_dotted(pure.relative_to(root)), set()).add(file)

    def imports(self, path: str, tree: ast.Module) -> list[tuple[str, str | None]]:
        """(absolute module, name imported from it) of a file."""
        found: list[tuple[str, str | None]] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, None) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if node.level:
                    parts = PurePosixPath(path).parts[: -node.level]
                    module = ".".join([*parts, *([module] if module else [])])
                found += [(module, alias.name) for alias in node.names]
        return found

    def files_of(self, module: str, name: str | None, hops: int = _HOPS) -> set[str]:
        """Files that importing `name` from `module` touches: the module, a submodule, or the name's origin."""
        found = set(self.modules.get(module, ()))
        if name is None or hops == 0:
            return found
        found |= self.modules.get(f"{module}.{name}", set())
        for file in self.modules.get(module, ()):
            if PurePosixPath(file).name == "__init__.py":
                for source, passed in self._origins(file):
                    if passed in (name, "*") or name == "*":
                        found |= self.files_of(source, passed, hops - 1)
        return found

    def _origins(self, file: str) -> list[tuple[str, str | None]]:
        if file not in self._passed_on:
            tree = parse_python(self.project.read(file) or "")
            self._passed_on[file] = self.imports(file, tree) if tree is not None else []
        return self._passed_on[file]

    def named(self, dotted: str) -> set[str]:
        """The files that a string in a test names: "pkg.module.attribute" to patch, "pkg" to run as a program."""
        found = set(self.modules.get(f"{dotted}.__main__", ()))
        while "." in dotted:
            found |= self.modules.get(dotted, set())
            dotted = dotted.rpartition(".")[0]
        return found


def _dotted(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
