"""`tested`: each source file a phase added or changed is imported or named by a test. Whether it is tested well, no
reading can tell."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from conductor.checks.comments import split
from conductor.checks.languages.imports_python import source_roots
from conductor.checks.languages.modules_javascript import Modules, imports_of, open_modules
from conductor.checks.languages.source_python import parse_python
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, listed
from conductor.checks.toolchains import EXTENSIONS, is_test, is_vendored, language_of
from conductor.events import CheckSpec

_HOPS = 5  # modules that only pass on what another defines
_CONFIGURATION = re.compile(
    r"(^|/)(setup|noxfile|manage|conf)\.py$|(^|/)(migrations|alembic)/|\.config\.[cm]?[jt]s$|(^|/)\.[^/]+\.[cm]?js$"
    r"|\.d\.[cm]?ts$|(^|/)(gulpfile|Gruntfile)\.js$|(^|/)build\.rs$"
)
_PYTHON_CODE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.Try, ast.Call
)  # fmt: skip
_CODE = {
    "javascript": re.compile(r"\b(function|class|const|let|var|enum)\b|=>|\bmodule\.exports\b"),
    "go": re.compile(r"\bfunc\b"),
    "rust": re.compile(r"\bfn\b"),
}


def check_tested(spec: CheckSpec, project: Project) -> Result:
    """Lists the source files with code that no test of the tree touches."""
    sources = [
        path
        for path in project.changed(*EXTENSIONS)
        if not is_test(path) and not _CONFIGURATION.search(path) and _has_code(project, path)
    ]
    if not sources:
        return Result(NOT_APPLICABLE, "no source file with code changed")
    tests = {
        path: text
        for path in project.files
        if is_test(path) and language_of(path) and not is_vendored(path) and (text := project.read(path)) is not None
    }
    touched = _touched_python(project, tests) | _touched_javascript(project, tests)
    problems = [
        f"{path}: touched by no test" for path in sources if path not in touched and not _named(project, path, tests)
    ]
    return listed(
        problems,
        f"all {len(sources)} source files touched by tests",
        f"{len(problems)} of {len(sources)} source files touched by no test",
    )


def _has_code(project: Project, path: str) -> bool:
    text = project.read(path) or ""
    language = language_of(path)
    if language == "python":
        tree = parse_python(text)
        return tree is None or any(isinstance(node, _PYTHON_CODE) for node in ast.walk(tree))
    parts = split(text, path)
    return parts is not None and _CODE[language or ""].search(parts.code) is not None


def _named(project: Project, path: str, tests: dict[str, str]) -> bool:
    """Whether a test names the file: by its path or name, in the ways its language has."""
    pure = PurePosixPath(path)
    language = language_of(path)
    if language == "go":
        return any(test.endswith("_test.go") and PurePosixPath(test).parent == pure.parent for test in tests)
    if language == "rust":
        if re.search(r"#\[(cfg\(test\)|(\w+::)?test)\]", project.read(path) or ""):
            return True
        crate = pure.parent.parent.name if pure.stem in ("main", "lib") else pure.parent.name
        stem = crate if pure.stem in ("main", "lib", "mod") else pure.stem
        wanted = rf"\b{re.escape(stem)}\b|CARGO_BIN_EXE" if pure.stem == "main" else rf"\b{re.escape(stem)}\b"
        return any(test.endswith(".rs") and re.search(wanted, text) for test, text in tests.items())
    pattern = rf"(?<![\w-]){re.escape(pure.name)}\b"
    if language == "javascript":
        pattern += rf"|[/\"'`]{re.escape(pure.stem)}[\"'`]"
    return any(re.search(pattern, text) for text in tests.values())


def _touched_javascript(project: Project, tests: dict[str, str]) -> set[str]:
    """Files the tests import, and what those import in turn when they only pass it on (index.ts)."""
    modules = open_modules(project)
    touched: set[str] = set()
    waiting = [path for path in tests if language_of(path) == "javascript"]
    for _ in range(_HOPS):
        found = {file for path in waiting for file in _imported(project, modules, path)} - touched
        touched |= found
        waiting = [file for file in found if PurePosixPath(file).stem == "index" or is_test(file)]
    return touched


def _imported(project: Project, modules: Modules, path: str) -> list[str]:
    found = imports_of(project.read(path) or "", path)
    return [file for each in found if (file := modules.own_file(path, each.specifier)) is not None]


def _touched_python(project: Project, tests: dict[str, str]) -> set[str]:
    """Files whose modules the tests import, patch or run by name, also through a package that passes names on."""
    if not any(language_of(path) == "python" for path in project.files):
        return set()
    index = _PythonIndex(project)
    touched: set[str] = set()
    for path, text in tests.items():
        if language_of(path) != "python":
            continue
        tree = parse_python(text)
        for module, name in index.imports(path, tree) if tree is not None else ():
            touched |= index.files_of(module, name)
        for dotted in set(re.findall(r"[\"']([A-Za-z_]\w*(?:\.\w+)*)", text)):
            touched |= index.named(dotted)
    return touched


class _PythonIndex:
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
        """(module, name imported from it) of a file, absolute."""
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
        """What importing `name` from `module` touches: the module, a submodule of that name, or where it is from."""
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
        """What a string in a test names: "pkg.module.attribute" to patch, "pkg" to run as a program."""
        found = set(self.modules.get(f"{dotted}.__main__", ()))
        while "." in dotted:
            found |= self.modules.get(dotted, set())
            dotted = dotted.rpartition(".")[0]
        return found


def _dotted(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
