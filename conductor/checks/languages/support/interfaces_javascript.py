"""Names that JavaScript and TypeScript files import from files of other parts, and whether these export them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from conductor.checks.languages.support.modules_javascript import open_modules, source_of, written
from conductor.checks.parsing.trees import Tree, line_of, read
from conductor.checks.project import Project

if TYPE_CHECKING:
    from tree_sitter import Node

Found = tuple[str, int, str]

_BINDING = ("identifier", "shorthand_property_identifier_pattern")
_AMBIENT = (".d.ts", ".d.mts", ".d.cts")


def between(project: Project, own: Sequence[str], owner: Mapping[str, str]) -> Iterator[Found]:
    """(path, line, what is missing or "") of each name that a file of `own` imports from another part."""
    modules = open_modules(project)

    @cache
    def exported(file: str) -> frozenset[str] | None:
        text = project.read(file)
        return exports(text, file) if text is not None else None

    for path in own:
        text = project.read(path)
        for line, specifier, names in taken(text, path) if text is not None else ():
            file = modules.own_file(path, specifier)
            theirs = owner.get(file or "")
            if file is None or theirs is None or theirs == owner[path]:
                continue
            there = exported(file)
            for name in names:
                missing = there is not None and name not in there
                yield path, line, f"{specifier} ({file}, of {theirs}) does not export {name}" if missing else ""


def taken(text: str, path: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """(line, specifier, names) of each import and each re-export, as far as the grammar can read them."""
    return read(text, path, _taken) or []


def exports(text: str, path: str) -> frozenset[str] | None:
    """The names that a module exports; None if its text does not show them, or cannot be parsed to its end."""
    return read(text, path, lambda tree: _exports(tree, ambient=path.endswith(_AMBIENT)))


def _taken(tree: Tree) -> list[tuple[int, str, tuple[str, ...]]]:
    found = []
    for statement in tree.root.named_children:
        if statement.type not in ("import_statement", "export_statement") or statement.end_byte > tree.sound:
            continue
        source = source_of(statement)
        if source is not None:
            found.append((line_of(statement), written(source, tree), tuple(_names_taken(statement, tree))))
    return found


def _names_taken(statement: Node, tree: Tree) -> Iterator[str]:
    """The names as they are in the source module."""
    for clause in statement.named_children:
        if clause.type == "export_clause":
            yield from (_name(specifier, tree, "name") for specifier in specifiers(clause))
        for child in clause.named_children if clause.type == "import_clause" else ():
            if child.type == "identifier":
                yield "default"
            elif child.type == "named_imports":
                yield from (_name(specifier, tree, "name") for specifier in specifiers(child))


def _exports(tree: Tree, *, ambient: bool) -> frozenset[str] | None:
    """`ambient`: a declaration file, in which declarations without `export` can be imported, too."""
    if not tree.is_sound or any(tree.text(name) in ("exports", "module") for name in tree.nodes("identifier")):
        return None  # only running a CommonJS module would show its exports
    names: set[str] = set()
    for statement in tree.root.named_children:
        if statement.type == "export_statement":
            exported = _exported(statement, tree)
            if exported is None:
                return None
            names |= exported
        elif ambient:
            names.update(declared_names(statement, tree))
    return frozenset(names)


def _exported(statement: Node, tree: Tree) -> set[str] | None:
    """The names of one statement; None for `export *` and `export =`."""
    kinds = {child.type: child for child in statement.children}
    if "=" in kinds or "*" in kinds:
        return None
    if "default" in kinds:
        return {"default"}
    declaration = statement.child_by_field_name("declaration")
    if declaration is not None:
        return {*declared_names(declaration, tree)}
    if (namespace := kinds.get("namespace_export")) is not None:
        return {tree.text(name).strip("\"'") for name in namespace.named_children}
    return {given_name(specifier, tree) for specifier in specifiers(kinds.get("export_clause"))}


def declared_names(declaration: Node, tree: Tree) -> Iterator[str]:
    """The names that a declaration binds, including each name of a destructuring pattern."""
    if declaration.type == "ambient_declaration":
        for child in declaration.named_children:
            yield from declared_names(child, tree)
    elif declaration.type in ("lexical_declaration", "variable_declaration"):
        for declarator in declaration.named_children:
            yield from _bound(declarator.child_by_field_name("name"), tree)
    elif declaration.type == "import_alias":
        yield from (tree.text(child) for child in declaration.named_children[:1])
    elif (name := declaration.child_by_field_name("name")) is not None and name.type != "string":
        yield tree.text(name).partition(".")[0]  # `namespace a.b` exports a


def given_name(specifier: Node, tree: Tree) -> str:
    """The external name of something in `export { … }`."""
    return _name(specifier, tree, "alias") or _name(specifier, tree, "name")


def _bound(pattern: Node | None, tree: Tree) -> Iterator[str]:
    waiting = [pattern] if pattern is not None else []
    while waiting:
        node = waiting.pop()
        if node.type in _BINDING:
            yield tree.text(node)
        elif node.type in ("pair_pattern", "assignment_pattern", "object_assignment_pattern"):
            bound = node.child_by_field_name("value") or node.child_by_field_name("left")
            waiting += [bound] if bound is not None else []
        else:
            waiting += node.named_children


def specifiers(clause: Node | None) -> list[Node]:
    """The specifiers in the braces of an import or export."""
    kinds = ("import_specifier", "export_specifier")
    return [child for child in clause.named_children if child.type in kinds] if clause is not None else []


def _name(specifier: Node, tree: Tree, field: str) -> str:
    name = specifier.child_by_field_name(field)
    return tree.text(name).strip("\"'") if name is not None else ""
