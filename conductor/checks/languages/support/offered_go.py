"""What a Go file offers to others: capitalized declarations, single or grouped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conductor.checks.parsing.trees import Tree, required

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = ("function_declaration", "method_declaration")
_GROUPS = ("type_declaration", "const_declaration", "var_declaration", "var_spec_list")


def offered(text: str, path: str) -> list[str]:
    """Exported functions, methods, types, constants and variables, in order, without bodies and values.

    Raises ValueError if it cannot be parsed within the limits.
    """
    return required(text, path, lambda tree: list(_offered(tree)))


def _offered(tree: Tree) -> Iterator[str]:
    for node in tree.root.named_children:
        if node.type in _FUNCTIONS:
            if _is_exported(node.child_by_field_name("name"), tree):
                yield _until(node, node.start_byte, "body", tree)
        elif node.type in _GROUPS:
            yield from _group(node, tree)


def _group(node: Node, tree: Tree) -> Iterator[str]:
    keyword = node.type.partition("_")[0]
    for spec in node.named_children:
        if spec.type in _GROUPS:
            yield from _group(spec, tree)
        elif spec.type in ("type_spec", "type_alias"):
            if _is_exported(spec.child_by_field_name("name"), tree):
                yield f"{keyword} {_type(spec, tree)}"
        elif spec.type in ("const_spec", "var_spec"):
            kind = spec.child_by_field_name("type")
            of = f" {_type(kind, tree)}" if kind is not None else ""
            names = (name for name in spec.children_by_field_name("name") if _is_exported(name, tree))
            yield from (f"{keyword} {tree.text(name)}{of}" for name in names)


def _type(node: Node, tree: Tree) -> str:
    """A type or its declaration, without the fields or methods in its braces."""
    what = node.child_by_field_name("type") or node
    if node.type == "type_alias":
        return _until(node, node.start_byte, "type", tree).removesuffix("=").rstrip()
    if what.type in ("struct_type", "interface_type"):
        return tree.head(node.start_byte, what.children[0].end_byte)
    return tree.text(node)


def _until(node: Node, start: int, field: str, tree: Tree) -> str:
    part = node.child_by_field_name(field)
    return tree.head(start, part.start_byte if part is not None else node.end_byte)


def _is_exported(name: Node | None, tree: Tree) -> bool:
    return name is not None and tree.text(name)[:1].isupper()
