"""What a Rust file offers to others: its public items, re-exports and exported macros."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conductor.checks.parsing.trees import Tree, required

if TYPE_CHECKING:
    from tree_sitter import Node

_BLOCKS = ("declaration_list", "field_declaration_list", "enum_variant_list", "block")


def offered(text: str, path: str) -> list[str]:
    """Items with `pub` and macros with `#[macro_export]`, in order; indented, those in an `impl`, a trait, or a public
    module or `extern` block.

    Raises ValueError if it cannot be parsed within the limits.
    """
    return required(text, path, lambda tree: list(_items(tree.root, tree)))


def _items(parent: Node, tree: Tree, *, all_public: bool = False) -> Iterator[str]:
    """`all_public`: all items of a trait are public."""
    exported = False  # by the attributes before an item
    for node in parent.named_children:
        if node.type == "attribute_item":
            exported = exported or "macro_export" in tree.text(node)
            continue
        public = all_public or any(child.type == "visibility_modifier" for child in node.children)
        if node.type == "macro_definition":
            if exported and (name := node.child_by_field_name("name")) is not None:
                yield f"macro_rules! {tree.text(name)}"
        elif node.type in ("impl_item", "foreign_mod_item"):
            members = [f"  {line.lstrip()}" for line in _within(node, tree)]
            yield from (_head(node, tree), *members) if members else ()
        elif public:
            yield _head(node, tree)
            if node.type in ("mod_item", "trait_item"):
                inner = _within(node, tree, all_public=node.type == "trait_item")
                yield from (f"  {line.lstrip()}" for line in inner)
        exported = exported and "comment" in node.type


def _within(node: Node, tree: Tree, *, all_public: bool = False) -> Iterator[str]:
    body = node.child_by_field_name("body")
    if body is not None:
        yield from _items(body, tree, all_public=all_public)


def _head(node: Node, tree: Tree) -> str:
    """An item without its body or value; of an `impl` without its bounds."""
    ends = [node.end_byte]
    for child in node.children:
        if child.type in ("=", *_BLOCKS) or (node.type == "impl_item" and child.type == "where_clause"):
            ends.append(child.start_byte)
    return tree.head(node.start_byte, min(ends)).rstrip(";").rstrip()
