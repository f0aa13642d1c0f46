"""Locates the comments and strings of a text by its grammar, also in templates, JSX, raw strings and regexes."""

from __future__ import annotations

from conductor.checks.parsing.trees import Tree, read

Span = tuple[str, int, int]
"""("comment", "string" or "code", start, end) in characters, the end exclusive."""

# The grammars' node names; none means different things in different grammars.
_KINDS = {
    **dict.fromkeys(["comment", "line_comment", "block_comment", "hash_bang_line"], "comment"),
    **dict.fromkeys(["string", "template_string", "regex", "jsx_text"], "string"),
    **dict.fromkeys(["interpreted_string_literal", "raw_string_literal", "rune_literal"], "string"),
    **dict.fromkeys(["string_literal", "char_literal"], "string"),
    "template_substitution": "code",
}


def spans_of(text: str, path: str) -> list[Span] | None:
    """The whole text as spans, in order; None if it cannot be parsed."""
    found = read(text, path, _spans)
    if found is None or text.isascii():
        return found
    return _in_characters(found, text.encode("utf-8", "replace"))


def _spans(tree: Tree) -> list[Span]:
    """Spans in bytes. Inside a template's `${}` there is code again, with its own strings and templates."""
    spans: list[Span] = []
    open_: list[tuple[str, int]] = [("code", len(tree.data))]  # (kind, end) of the enclosing spans, outermost first
    at = 0

    def close(until: int) -> None:
        nonlocal at
        while len(open_) > 1 and open_[-1][1] <= until:
            kind, end = open_.pop()
            spans.append((kind, at, end))
            at = end

    for node in tree.nodes(*_KINDS):
        start = node.start_byte
        close(start)
        spans.append((open_[-1][0], at, start))
        at = start
        open_.append((_KINDS[node.type], node.end_byte))
    close(len(tree.data))
    return [*spans, ("code", at, len(tree.data))]


def _in_characters(spans: list[Span], data: bytes) -> list[Span]:
    found, done = [], 0
    for kind, start, end in spans:
        length = len(data[start:end].decode("utf-8", "replace"))
        found.append((kind, done, done + length))
        done += length
    return found
