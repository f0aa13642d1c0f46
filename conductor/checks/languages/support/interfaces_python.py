"""Names that Python files import from files of other parts, and what a file offers to others, using `ast` alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath

from conductor.checks.languages.support.imports_python import source_roots
from conductor.checks.languages.support.resolve_imports import bound_names, imports
from conductor.checks.languages.support.source_python import parse_python
from conductor.checks.project import Project

Found = tuple[str, int, str]
_SPECIAL = ("__init__", "__call__")  # methods that show how a class is used
_HIDDEN = ast.Name("…")  # instead of a value, which may be long or secret


def between(project: Project, own: Sequence[str], owner: Mapping[str, str]) -> Iterator[Found]:
    """(path, line, what is missing or "") of each name that a file of `own` imports from another part."""
    tree = _Tree(project, owner)
    for path in own:
        source = parse_python(project.read(path) or "")
        if source is None:
            continue  # `imports` reports it
        for node, optional in imports(source):
            if not optional:
                yield from tree.taken(path, node, source)


def offered(text: str, path: str) -> Iterator[str]:
    """The declarations of a module's public names, members indented.

    Raises ValueError if it is not Python or nested too deeply.
    """
    source = parse_python(text, path)
    if source is None:
        raise ValueError(f"{path} cannot be parsed")
    yield from _declared(source.body, _listed(source), package=PurePosixPath(path).stem == "__init__")


class _Tree:
    """The project's modules, by file."""

    def __init__(self, project: Project, owner: Mapping[str, str]) -> None:
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
        """`name` in the module whose path, without `.py`, is `base`."""
        file = self._file(base)
        below = self._file(f"{base}/{name}")
        theirs = self._owner.get(below or file or "")
        if theirs is None or theirs == self._owner[path]:
            return
        bound = self._names(file) if file else None
        there = below is not None or bound is None or name in bound
        yield path, line, "" if there else f"{module} ({file}, of {theirs}) has no name {name}"

    def _absolute(self, path: str, dotted: str) -> str | None:
        """The path of a module of the project, or None."""
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
        read = real is not None and parse_python(self._project.read(file) or "") is not None
        names = bound_names(str(real)) if read else None
        return None if names is None else frozenset(names)


def _attributes(parsed: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each `module.name` in the file, if nothing else there has the module's name."""
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


def _declared(body: list[ast.stmt], listed: frozenset[str] | None, *, package: bool) -> Iterator[str]:
    """`listed`: the names in `__all__`. A package also offers what it imports from its own modules."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if _public(node.name, listed):
                    yield _signature(node)
            case ast.ClassDef():
                if _public(node.name, listed):
                    bases = ", ".join(map(ast.unparse, [*node.bases, *map(_keyword, node.keywords)]))
                    yield f"{_decorators(node)}class {node.name}" + (f"({bases})" if bases else "")
                    yield from map("  {}".format, _members(node))
            case ast.ImportFrom(level=level):
                names = [alias for alias in node.names if _public(alias.asname or alias.name, listed)]
                if names and (listed is not None or (package and level)):
                    yield ast.unparse(ast.ImportFrom(node.module, names, level))
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                pass  # what it does when run as a program
            case ast.If() | ast.Try() | ast.With():
                handlers = [handler.body for handler in getattr(node, "handlers", [])]
                for part in (node.body, *handlers, getattr(node, "orelse", [])):
                    yield from _declared(part, listed, package=package)
            case _:
                yield from _variables(node, listed)


def _members(node: ast.ClassDef) -> Iterator[str]:
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            if inner.name in _SPECIAL or _public(inner.name):
                yield _signature(inner)
        else:
            yield from _variables(inner)


def _variables(node: ast.stmt, listed: frozenset[str] | None = None) -> Iterator[str]:
    """Name and type only: a value may be long or private."""
    if isinstance(node, ast.AnnAssign):
        if isinstance(node.target, ast.Name) and _public(node.target.id, listed):
            yield f"{node.target.id}: {ast.unparse(node.annotation)}"
        return
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "name", None)]  # of a type alias
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(part, ast.Name) and _public(part.id, listed):
                yield part.id


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{_decorators(node)}{kind} {node.name}({ast.unparse(_without_values(node.args))}){returns}"


def _without_values(args: ast.arguments) -> ast.arguments:
    kinds = args.posonlyargs, args.args, args.vararg, args.kwonlyargs
    optional: list[ast.expr | None] = [_HIDDEN if default else None for default in args.kw_defaults]
    return ast.arguments(*kinds, optional, args.kwarg, [_HIDDEN for _ in args.defaults])


def _keyword(given: ast.keyword) -> ast.keyword:
    return given if _dotted(given.value) else ast.keyword(given.arg, _HIDDEN)


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """`@property` and the like, without arguments: they show how it is used."""
    names = (_dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list)
    return "".join(f"@{name} " for name in names if name)


def _listed(source: ast.Module) -> frozenset[str] | None:
    """The names in `__all__`; None if they are not all literal."""
    listed: frozenset[str] | None = None
    for node in source.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                listed = _written(value)
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                listed = _written(value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                more = _written(value)
                listed = None if listed is None or more is None else listed | more
    return listed


def _written(value: ast.expr) -> frozenset[str] | None:
    if not isinstance(value, ast.List | ast.Tuple):
        return None
    names = [e.value for e in value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return frozenset(names) if len(names) == len(value.elts) else None


def _public(name: str, listed: frozenset[str] | None = None) -> bool:
    return not name.startswith("_") if listed is None else name in listed
