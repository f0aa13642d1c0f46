"""Where the comments and strings of a text are, by its grammar: in templates, JSX, raw strings and regexes, too."""

from __future__ import annotations

from conductor.checks.parsing.trees import Tree, read

Span = tuple[str, int, int]
"""("comment", "string" or "code", first character, the one after the last)."""

_SCRIPT = (
    "[(comment) (hash_bang_line)] @comment (template_substitution) @code [(string) (template_string) (regex)] @string"
)
_JSX = f"{_SCRIPT} (jsx_text) @string"
_QUERIES = {
    "javascript": _JSX,
    "typescript": _SCRIPT,
    "tsx": _JSX,
    "go": "(comment) @comment [(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string",
    "rust": "[(line_comment) (block_comment)] @comment [(string_literal) (raw_string_literal) (char_literal)] @string",
}


def spans_of(text: str, path: str) -> list[Span] | None:
    """All of the text in spans, in their order; None where it has no tree."""
    found = read(text, path, _spans)
    if found is None or text.isascii():
        return found
    return _in_characters(found, text.encode("utf-8", "replace"))


def _spans(tree: Tree) -> list[Span]:
    """Spans in bytes. What is within a template's `${}` is code again, in which there are strings and templates."""
    captured = tree.found(_QUERIES[tree.grammar])
    marks = sorted((node.start_byte, -node.end_byte, kind) for kind, nodes in captured.items() for node in nodes)
    spans: list[Span] = []
    open_: list[tuple[str, int]] = [("code", len(tree.data))]  # (kind, end) of what we are within, outermost first
    at = 0

    def close(until: int) -> None:
        nonlocal at
        while len(open_) > 1 and open_[-1][1] <= until:
            kind, end = open_.pop()
            spans.append((kind, at, end))
            at = end

    for start, end, kind in marks:
        close(start)
        spans.append((open_[-1][0], at, start))
        at = start
        open_.append((kind, -end))
    close(len(tree.data))
    return [*spans, ("code", at, len(tree.data))]


def _in_characters(spans: list[Span], data: bytes) -> list[Span]:
    found, done = [], 0
    for kind, start, end in spans:
        length = len(data[start:end].decode("utf-8", "replace"))
        found.append((kind, done, done + length))
        done += length
    return found
