"""Finds what JavaScript and TypeScript files import and where that is, from the files alone."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from conductor.checks import comments
from conductor.checks.comments import split
from conductor.checks.parsing.trees import Tree, line_of, read
from conductor.checks.project import Project

if TYPE_CHECKING:
    from tree_sitter import Node

_SUFFIXES = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json", ".node", ".vue", ".svelte")
_WRITTEN_AS = {".js": (".ts", ".tsx", ".d.ts"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
# Aliases of bundlers and other runtimes: not packages, and only their own configuration code can resolve them.
_NOT_A_PACKAGE = re.compile(r"[@~]/|[#$~]|[a-z]+:|/")
_BUILTINS = frozenset(
    "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain "  # noqa: SIM905
    "events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl "
    "stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib".split()
)


class Import(msgspec.Struct, frozen=True):
    """One import of a file: its line (from 1) and its specifier."""

    line: int
    specifier: str


def imports_of(text: str, path: str) -> list[Import] | None:
    """The imports of a file with literal specifiers, in order, as far as the grammar can read it.

    None: the file was not parsed, because it is too large, too deeply nested, or takes too long.
    """
    return read(text, path, _imports)


def _imports(tree: Tree) -> list[Import]:
    found = []
    for node in tree.nodes("import_statement", "export_statement", "call_expression"):
        source = _called(node, tree) if node.type == "call_expression" else source_of(node)
        if source is not None and node.end_byte <= tree.sound and (specifier := written(source, tree)):
            found.append(Import(line_of(node), specifier))
    return found


def written(string: Node, tree: Tree) -> str:
    """The value of a string; "" for one with escapes, which paths do not have."""
    plain = all(child.type == "string_fragment" for child in string.named_children)
    return tree.slice(string.start_byte + 1, string.end_byte - 1) if plain else ""


def source_of(statement: Node) -> Node | None:
    """The string that names the source of an import or a re-export."""
    required = (child for child in statement.named_children if child.type == "import_require_clause")
    return (next(required, statement)).child_by_field_name("source")


def _called(call: Node, tree: Tree) -> Node | None:
    """The string that `require` or `import` is called with."""
    function, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or given is None or function.type not in ("identifier", "import"):
        return None
    if tree.text(function) not in ("require", "import"):
        return None
    first = next((child for child in given.named_children if child.type != "comment"), None)
    return first if first is not None and first.type == "string" else None


class Modules(msgspec.Struct, frozen=True):
    """What imports can resolve to. `aliases` are (folder, compilerOptions) of the tree's tsconfig.json files."""

    files: frozenset[str]
    aliases: tuple[tuple[PurePosixPath, dict[str, Any]], ...]

    def own_file(self, importer: str, specifier: str) -> str | None:
        """The tracked file that a relative or aliased specifier resolves to, or None."""
        specifier = re.sub(r"[?#].*$", "", specifier)
        relative = specifier.startswith(".")
        places = [PurePosixPath(importer).parent / specifier] if relative else self._aliased(specifier)
        candidates = (candidate for place in places for candidate in _candidates(place))
        return next((candidate for candidate in candidates if candidate in self.files), None)

    def _aliased(self, specifier: str) -> list[PurePosixPath]:
        places = []
        for folder, options in self.aliases:
            base = folder / str(options.get("baseUrl", "."))
            paths = options.get("paths")
            for pattern, targets in paths.items() if isinstance(paths, dict) else ():
                head, star, tail = pattern.partition("*")
                fits = specifier.startswith(head) and specifier.endswith(tail) if star else specifier == pattern
                if fits and isinstance(targets, list):
                    middle = specifier[len(head) : len(specifier) - len(tail)]
                    places += [base / str(target).replace("*", middle) for target in targets]
            if "baseUrl" in options:
                places.append(base / specifier)
        return places


def open_modules(project: Project) -> Modules:
    """Read the path aliases from the tree's tsconfig.json and jsconfig.json files."""
    configs = [
        PurePosixPath(file) for file in project.files if re.search(r"(^|/)(tsconfig[\w.-]*|jsconfig)\.json$", file)
    ]
    aliases = tuple((file.parent, _options(project.read(str(file)) or "")) for file in configs)
    return Modules(frozenset(project.files), aliases)


def _candidates(place: PurePosixPath) -> list[str]:
    """The files that an import of `place` may mean; none if it leaves the tree."""
    parts: list[str] = []
    for part in place.parts:
        if part == ".." and not parts:
            return []
        parts = parts[:-1] if part == ".." else [*parts, part]
    path = "/".join(parts)
    rewritten = [path[: -len(end)] + new for end, news in _WRITTEN_AS.items() if path.endswith(end) for new in news]
    index = [f"{path}/index{suffix}".lstrip("/") for suffix in _SUFFIXES]
    return [path, *rewritten, *(path + suffix for suffix in _SUFFIXES), *index]


def _options(text: str) -> dict[str, Any]:
    """compilerOptions; such files may contain comments and trailing commas."""
    parts = split(text, "tsconfig.json", comments.C)
    try:
        read = json.loads(re.sub(r",(\s*[}\]])", r"\1", parts.uncommented if parts else text))
    except (ValueError, RecursionError):
        return {}
    options = read.get("compilerOptions") if isinstance(read, dict) else None
    return options if isinstance(options, dict) else {}


def package_of(specifier: str) -> str | None:
    """The name of the package that a bare specifier means; None for built-in modules, aliases and URLs."""
    if _NOT_A_PACKAGE.match(specifier):
        return None
    parts = specifier.split("/")
    name = "/".join(parts[:2]) if specifier.startswith("@") else parts[0]
    return None if name in _BUILTINS else name


def installed(project: Project, importer: str, package: str) -> bool:
    """Whether the package (or its types) is in a node_modules beside or above the importer, in either checkout."""
    types = "@types/" + package.removeprefix("@").replace("/", "__")
    places = (folder / name for folder in module_folders(project, importer) for name in (package, types))
    return any(os.path.exists(place) for place in places)  # noqa: PTH110 (Path's raises where it may not look)


def module_folders(project: Project, importer: str) -> list[Path]:
    """The node_modules folders that count for a file."""
    return [
        folder
        for top in (project.site.path, project.site.repository)
        for parent in PurePosixPath(importer).parents
        if (folder := top / parent / "node_modules").is_dir()
    ]


def manifests(project: Project) -> list[dict[str, Any]]:
    """Every readable package.json of the tree."""
    found = []
    for file in project.files:
        if PurePosixPath(file).name == "package.json" and "node_modules/" not in file:
            try:
                manifest = json.loads(project.read(file) or "")
            except (ValueError, RecursionError):
                continue
            if isinstance(manifest, dict):
                found.append(manifest)
    return found
