"""What a JavaScript or TypeScript file offers to others: the declarations of its exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conductor.checks.languages.support.interfaces_javascript import given_name, specifiers
from conductor.checks.parsing.trees import Tree, required

if TYPE_CHECKING:
    from tree_sitter import Node

Hidden = list[tuple[int, int, str]]  # (start, end, replacement), in bytes

# Nodes with a default value, and the field that holds it.
_DEFAULTS = {
    "assignment_pattern": "right",
    "object_assignment_pattern": "right",
    "required_parameter": "value",
    "optional_parameter": "value",
}
_FUNCTIONS = ("arrow_function", "function_expression", "generator_function", "class")
_BODIES = ("object", "statement_block", "class_body", "array")


def offered(text: str, path: str) -> list[str]:
    """The declarations of a module's exports, in order; classes without their members.

    Raises ValueError if it cannot be parsed within the limits.
    """
    return required(text, path, lambda tree: list(_offered(tree)))


def _offered(tree: Tree) -> Iterator[str]:
    values, texts = _values(tree), _texts(tree)
    for statement in tree.root.named_children:
        if statement.type == "export_statement":
            yield from _exported(statement, tree, values, texts)


def _values(tree: Tree) -> Hidden:
    """Parameters' default values, from the `=`: they may contain secrets."""
    found = []
    for node in tree.nodes("default_type", *_DEFAULTS):
        if node.type == "default_type":
            value = node.named_children[0] if node.named_children else None
        else:
            value = node.child_by_field_name(_DEFAULTS[node.type])
        if value is not None:
            found.append((_equals(value.start_byte, tree), value.end_byte, " =…"))
    return sorted(found)


def _equals(start: int, tree: Tree) -> int:
    """The start of the `=` before a value, or of the space before it."""
    before = tree.data[max(0, start - 80) : start].rstrip()
    return start - len(tree.data[max(0, start - 80) : start]) + len(before.removesuffix(b"=").rstrip())


def _texts(tree: Tree) -> Hidden:
    return [(node.start_byte, node.end_byte, " ") for node in tree.nodes("string", "template_string")]


def _exported(statement: Node, tree: Tree, values: Hidden, texts: Hidden) -> Iterator[str]:
    declaration = statement.child_by_field_name("declaration")
    kinds = {child.type: child for child in statement.children}
    default = "default " if "default" in kinds else ""
    if declaration is not None:
        yield from (default + line for line in _declared(declaration, tree, values))
    elif (value := statement.child_by_field_name("value")) is not None:
        if value.type in _FUNCTIONS:
            yield default + _until(value, value.start_byte, ("body",), tree, values)
        else:
            yield default + tree.head(value.start_byte, _first_body(value), texts)
    elif (clause := kinds.get("export_clause")) is not None:
        yield f"{{ {', '.join(given_name(specifier, tree) for specifier in specifiers(clause))} }}"
    else:
        yield tree.text(statement).removeprefix("export").strip().rstrip(";")


def _declared(node: Node, tree: Tree, values: Hidden) -> Iterator[str]:
    """The heads of a declaration, one for each variable."""
    if node.type == "ambient_declaration":
        for child in node.named_children:
            yield from (f"declare {line}" for line in _declared(child, tree, values))
    elif node.type in ("lexical_declaration", "variable_declaration"):
        for declarator in node.named_children:
            if declarator.type == "variable_declarator":
                yield f"{tree.text(node.children[0])} {_variable(declarator, tree, values)}"
    else:
        decorators = [child.end_byte for child in node.children if child.type == "decorator"]
        yield _until(node, decorators[-1] if decorators else node.start_byte, ("body", "value"), tree, values)


def _variable(declarator: Node, tree: Tree, values: Hidden) -> str:
    """Its name and type, or the head of a function."""
    value = declarator.child_by_field_name("value")
    if value is not None and value.type == "arrow_function":
        return _until(value, declarator.start_byte, ("body",), tree, values)
    return _until(declarator, declarator.start_byte, ("value",), tree, values)


def _first_body(value: Node) -> int:
    """The start of the first object, list or block in an expression, else the expression's end."""
    cursor = value.walk()
    while True:
        node = cursor.node
        if node is None or node.type in _BODIES:
            return node.start_byte if node else value.end_byte
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return value.end_byte


def _until(node: Node, start: int, fields: tuple[str, ...], tree: Tree, values: Hidden) -> str:
    """The text from `start` to the first of the node's `fields` that exists, else to the node's end."""
    ends = [part.start_byte for field in fields if (part := node.child_by_field_name(field)) is not None]
    head = tree.head(start, min(ends, default=node.end_byte), values)
    return head.rstrip("; \n").removesuffix("=").rstrip()
