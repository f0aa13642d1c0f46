"""Syntax trees of JavaScript, TypeScript, Go and Rust, with tree-sitter's grammars.

Hostile text affects only its own file: what is too large or takes too long has no tree.
"""

from __future__ import annotations

import importlib
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from conductor.checks.parsing.deep_stack import on_deep_stack

if TYPE_CHECKING:
    from tree_sitter import Language, Node

T = TypeVar("T")

LARGEST = 300_000  # bytes; hostile text takes up to 35 bytes of the deep stack and 1.3 KB of memory a byte (measured)
LONGEST = 0.5  # seconds of processor time for parsing: ordinary source of LARGEST bytes takes 0.1
_CHUNK = 65_536  # bytes
_GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
}
_WRITTEN_IN = {
    **dict.fromkeys([".js", ".mjs", ".cjs", ".jsx"], "javascript"),
    **dict.fromkeys([".ts", ".mts", ".cts"], "typescript"),
    ".tsx": "tsx",
    ".go": "go",
    ".rs": "rust",
}
# Suffixes of the names of top-level nodes.
_WHOLE = ("_statement", "_declaration", "_item", "_clause", "_definition", "_line", "comment")


class Tree:
    """The tree of one text. `grammar` is the grammar's name; `sound` is the number of bytes before any error."""

    def __init__(self, data: bytes, root: Node, grammar: str) -> None:
        self.data = data
        self.root = root
        self.grammar = grammar
        self.sound = _sound(root, len(data))

    @property
    def is_sound(self) -> bool:
        """Whether the whole text was parsed without errors. Syntax newer than the grammar counts as an error."""
        return not self.root.has_error

    def text(self, node: Node) -> str:
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self.data[start:end].decode("utf-8", "replace")

    def nodes(self, *kinds: str) -> Iterator[Node]:
        """Each node of these kinds, in the order of the text.

        Not a tree-sitter query: its time grows with the depth of each node, and it cannot be cancelled (in tree-sitter
        0.26.1 its progress callback crashes the process).
        """
        wanted = frozenset(kinds)
        cursor = self.root.walk()
        while True:
            node = cursor.node
            if node is not None and node.type in wanted:
                yield node
            if not cursor.goto_first_child():
                while not cursor.goto_next_sibling():
                    if not cursor.goto_parent():
                        return

    def head(self, start: int, end: int, hidden: Sequence[tuple[int, int, str]] = ()) -> str:
        """The text between two byte offsets, with each range of `hidden` (in order) replaced by its third value."""
        shown = []
        for hidden_start, hidden_end, instead in hidden[bisect_left(hidden, (start,)) :]:
            if hidden_start >= end:
                break
            if hidden_start >= start:
                shown += [self.slice(start, hidden_start), instead]
                start = min(hidden_end, end)
        return "".join([*shown, self.slice(start, end)]).strip()


def read(text: str, path: str, reader: Callable[[Tree], T]) -> T | None:
    """The result of `reader` on a file's tree, of which it must not keep any node.

    None if no grammar knows the file, if it is larger than LARGEST or takes LONGEST, or if it nests so deeply that the
    reader hits Python's recursion limit.
    """
    grammar = _WRITTEN_IN.get(PurePosixPath(path).suffix.lower())
    if grammar is None:
        return None
    data = text.encode("utf-8", "replace")
    if len(data) > LARGEST:
        return None
    return on_deep_stack(lambda: _read(data, grammar, reader))


def required(text: str, path: str, reader: Callable[[Tree], T]) -> T:
    """As `read`. Raises ValueError instead of returning None."""
    found = read(text, path, reader)
    if found is None:
        raise ValueError(f"{path} cannot be parsed within the limits")
    return found


def line_of(node: Node) -> int:
    """The line on which a node starts, from 1."""
    return node.start_point.row + 1


def _read(data: bytes, grammar: str, reader: Callable[[Tree], T]) -> T | None:
    from tree_sitter import Parser

    end = time.thread_time() + LONGEST  # processor time, so that a busy machine changes nothing
    try:
        tree = Parser(_language(grammar)).parse(
            lambda at, _: data[at : at + _CHUNK], progress_callback=lambda _at, _error: time.thread_time() > end
        )
    except ValueError:  # cancelled by the callback
        return None
    try:
        return reader(Tree(data, tree.root_node, grammar))
    except RecursionError:
        return None


@cache
def _language(grammar: str) -> Language:
    from tree_sitter import Language

    module, function = _GRAMMARS[grammar]
    return Language(getattr(importlib.import_module(module), function)())


def _sound(root: Node, length: int) -> int:
    """The offset of the first error.

    Nothing after it is certain: a missing backquote turns quoted text into code.
    """
    node, end = root, length
    if root.is_error:  # it contains what was read before: whole statements, then fragments
        broken = next((child for child in root.children if not _is_whole(child)), None)
        return broken.start_byte if broken else length
    while node.has_error and not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            break
        node = broken
        end = node.start_byte
    return end


def _is_whole(node: Node) -> bool:
    return not node.has_error and (node.type.endswith(_WHOLE) or node.type in (";", "\n"))
