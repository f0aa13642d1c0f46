"""Run by a project's own Python (3.8 or later) as a script: resolves imports without executing the project's code.

Reads {"top", "repository", "roots", "test_roots", "files": [[path, is a test]]} as JSON from stdin, and prints one
marked line of JSON with a [path, line, what] for each problem. It imports nothing from this package.
"""

# os.path instead of pathlib: this looks up thousands of paths.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH120, PTH123, PTH208

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Report = Callable[[int, str], None]

RESULT = "imports-resolved "
MOST = 500  # problems listed
_DYNAMIC = re.compile(r"\b(globals|vars|exec)\(|\bsys\.modules\b|\b__getattr__\b")
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException", ""}
_CONDITIONS = {"TYPE_CHECKING", "version_info", "platform", "system"}
_ALWAYS = {"__name__", "__file__", "__doc__", "__path__", "__spec__", "__package__", "__loader__", "__dict__"}


class ProjectModule:
    """A module of the project: its file (None for a namespace package) and where its submodules are searched."""

    def __init__(self, file: str | None, places: list[str]) -> None:
        self.file = file
        self.places = places
        self._names: set[str] | None = None
        self._read = False

    @property
    def names(self) -> set[str] | None:
        """The names it binds; None if its text does not show them."""
        if not self._read:
            self._names, self._read = (bound_names(self.file) if self.file else set()), True
        return self._names


def parse(file: str) -> ast.Module:
    with open(file, "rb") as source:
        return parsed(source.read(), file)


def parsed(source: str | bytes, file: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, file)


def last_name(node: Any) -> str:
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def bound_names(file: str) -> set[str] | None:
    """Names that a module binds, except inside functions and classes."""
    if not file.endswith(".py"):
        return None
    try:
        with open(file, "rb") as source:
            if _DYNAMIC.search(source.read().decode("utf-8", "replace")):
                return None
        tree = parse(file)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = set(_ALWAYS)
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            # `global x` in a function binds x here once the function has run.
            names.update(name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if any(alias.name == "*" for alias in node.names):
                return None
            names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif type(node).__name__ in ("ExceptHandler", "MatchAs", "MatchStar") and node.name:
            names.add(node.name)
        elif type(node).__name__ == "TypeAlias":
            names.add(node.name.id)
        waiting.extend(ast.iter_child_nodes(node))
    return names


def imports(tree: ast.Module) -> Iterator[tuple[Any, bool]]:
    """Each import statement, and whether it may fail: guarded, for type checkers, another platform or version."""
    waiting: list[tuple[Any, bool]] = [(tree, False)]
    while waiting:
        node, optional = waiting.pop()
        guarded: list[Any] = []
        inner = optional
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, optional
        elif isinstance(node, ast.Try):
            caught = {name for handler in node.handlers for name in caught_by(handler)}
            inner, guarded = not caught.isdisjoint(_IMPORT_ERRORS), [*node.body, *node.handlers]
        elif isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            names = {last_name(arg) for call in calls if last_name(call.func) == "suppress" for arg in call.args}
            inner, guarded = not names.isdisjoint(_IMPORT_ERRORS), node.body
        elif isinstance(node, ast.If):
            tested = {last_name(part) for part in ast.walk(node.test)}
            inner, guarded = not tested.isdisjoint(_CONDITIONS), [*node.body, *node.orelse]
        for child in ast.iter_child_nodes(node):
            waiting.append((child, optional or (inner and child in guarded)))


def caught_by(handler: ast.ExceptHandler) -> list[str]:
    if handler.type is None:
        return [""]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [last_name(kind) for kind in kinds]


class Resolver:
    """Finds modules: the project's own by their files, others with the interpreter's finders."""

    def __init__(self, top: str, roots: Sequence[str], test_roots: Sequence[str]) -> None:
        self.top = os.path.realpath(top)
        self.test_roots = [os.path.join(self.top, root) for root in test_roots]
        self.roots = [
            os.path.realpath(os.path.join(top, root)) for root in roots if self.inside(os.path.join(top, root))
        ]
        self._installed: dict[str, bool] = {}
        self._own: dict[str, ProjectModule | None] = {}

    def inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real == self.top or real.startswith(self.top + os.sep)

    def own(self, places: list[str], name: str) -> ProjectModule | None:
        """The project's module or package `name` in one of the folders `places`."""
        folders: list[str] = []
        for place in places:
            base = os.path.join(place, name)
            if base not in self._own:
                self._own[base] = self._look(base)
            module = self._own[base]
            if module is not None and module.file:
                return module
            folders += module.places if module else []
        return ProjectModule(None, folders) if folders else None

    def _look(self, base: str) -> ProjectModule | None:
        package = os.path.join(base, "__init__.py")
        if os.path.isfile(package) and self.inside(package):
            return ProjectModule(package, [base])
        parent, name = os.path.split(base)
        files = [base + ".py", base + ".pyi"]
        if os.path.isdir(parent):
            built = re.compile(re.escape(name) + r"(\..*)?\.(so|pyd|pyx)$")
            files += [os.path.join(parent, entry) for entry in sorted(os.listdir(parent)) if built.match(entry)]
        for file in files:
            if os.path.isfile(file) and self.inside(file):
                return ProjectModule(file, [])
        return ProjectModule(None, [base]) if os.path.isdir(base) and self.inside(base) and has_python(base) else None

    def installed(self, name: str) -> bool:
        if name not in self._installed:
            self._installed[name] = self._find(name)
        return self._installed[name]

    def _find(self, name: str) -> bool:
        places: Any = None
        done = ""
        for part in name.split("."):
            top_level, done = not done, (done + "." + part if done else part)
            spec = find_spec(done, places)
            if spec is None:
                return not top_level and importable(name)
            places = spec.submodule_search_locations
            if places is None:
                # os.path, six.moves: a module that creates its own submodules.
                return done == name or importable(name)
        return True

    def check(self, path: str, is_test: bool, report: Report) -> None:
        file = os.path.join(self.top, path)
        try:
            tree = parse(file)
        except (SyntaxError, ValueError) as error:
            report(getattr(error, "lineno", None) or 1, f"syntax error: {getattr(error, 'msg', error)}")
            return
        except (RecursionError, MemoryError):
            report(1, "nested too deeply to be parsed")
            return
        folder = os.path.dirname(file)
        places = [*self.roots, *self._script_places(folder), *(self.test_roots if is_test else ())]
        for node, optional in imports(tree):
            if optional:
                continue
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._absolute(places, alias.name, [], node.lineno, report)
            elif node.level == 0:
                self._absolute(places, node.module or "", [alias.name for alias in node.names], node.lineno, report)
            else:
                self._relative(folder, node, report)

    def _script_places(self, folder: str) -> list[str]:
        """Where pytest and `python file.py` search: the folder above the package, and folders with a conftest.py."""
        above = folder
        while os.path.isfile(os.path.join(above, "__init__.py")) and above != self.top:
            above = os.path.dirname(above)
        places = [above]
        while above != self.top and self.inside(above):
            above = os.path.dirname(above)
            if os.path.isfile(os.path.join(above, "conftest.py")):
                places.append(above)
        return places

    def _absolute(self, places: list[str], dotted: str, names: list[str], line: int, report: Report) -> None:
        first, *rest = dotted.split(".")
        module = self.own(places, first)
        library = first in getattr(sys, "stdlib_module_names", ()) or first in sys.builtin_module_names
        # The standard library, and a folder that happens to share its name with an installed package, are not ours.
        theirs = module is None or library or module.file is None
        if theirs and self.installed(dotted):
            return
        if module is None:
            report(line, f"no module named {dotted}")
        else:
            self._descend(module, first, rest, names, line, report)

    def _relative(self, folder: str, node: ast.ImportFrom, report: Report) -> None:
        dots = "." * node.level
        package = ""
        for step in range(node.level):
            folder = folder if step == 0 else os.path.dirname(folder)
            package = os.path.join(folder, "__init__.py")
            if (folder in self.roots and not os.path.isfile(package)) or not self.inside(folder):
                report(node.lineno, f"relative import {dots}{node.module or ''} goes beyond the top-level package")
                return
        module = ProjectModule(package if os.path.isfile(package) else None, [folder])
        rest = node.module.split(".") if node.module else []
        self._descend(module, dots, rest, [alias.name for alias in node.names], node.lineno, report)

    def _descend(
        self, module: ProjectModule, done: str, rest: list[str], names: list[str], line: int, report: Report
    ) -> None:
        for part in rest:
            done = done + part if done.endswith(".") else done + "." + part
            inner = self.own(module.places, part)
            if inner is None:
                report(line, f"no module named {done}")
                return
            module = inner
        bound = module.names
        for name in names if bound is not None else ():
            if name != "*" and name not in (bound or ()) and self.own(module.places, name) is None:
                report(line, f"{done} has no name {name}")


def find_spec(name: str, places: Any) -> Any:
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, places)
        except Exception:  # a third-party finder
            spec = None
        if spec is not None:
            return spec
    return None


def has_python(folder: str) -> bool:
    """Whether a folder can be a namespace package: it has Python files in it or one level below."""
    below = [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    return any(name.endswith((".py", ".pyi", ".so")) for place in [folder, *below] for name in os.listdir(place))


def importable(name: str) -> bool:
    """Only for installed packages, never the project's own: some create their submodules when imported."""
    try:
        importlib.import_module(name)
    except BaseException:  # it may even call exit
        return False
    return True


def is_source(entry: str, tops: list[str]) -> bool:
    """Whether a search path entry is the project's own source, in the worktree or through an editable install."""
    real = os.path.realpath(entry)
    if "site-packages" in real or "dist-packages" in real:
        return False
    if any(real.startswith(os.path.realpath(prefix) + os.sep) for prefix in (sys.prefix, sys.base_prefix)):
        return False
    return any(real == top or real.startswith(top + os.sep) for top in tops)


def main() -> None:
    asked = json.load(sys.stdin)
    # Neither the project nor anything beside this script may be importable here.
    here = os.path.dirname(os.path.abspath(__file__))
    tops = [os.path.realpath(asked["top"]), os.path.realpath(asked["repository"])]
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here and not is_source(entry, tops)]
    resolver = Resolver(asked["top"], asked["roots"], asked["test_roots"])
    problems: list[tuple[str, int, str]] = []
    for path, is_test in asked["files"]:

        def report(line: int, what: str, path: str = path) -> None:
            problems.append((path, line, what))

        try:
            resolver.check(path, is_test, report)
        except (OSError, RecursionError) as error:
            report(1, f"cannot be read: {error}")
    print("\n" + RESULT + json.dumps(sorted(problems)[:MOST]))


if __name__ == "__main__":
    main()
