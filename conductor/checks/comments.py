"""Separates the comments, strings and code of a source text.

It uses a language's own parser if we have one, otherwise a scanner for its comments and strings.
"""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import PurePosixPath

import msgspec

from conductor.checks.parsing.spans import Span, spans_of


class Syntax(msgspec.Struct, frozen=True):
    """How a family of languages writes comments and strings."""

    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str], ...] = ()
    quotes: str = "\"'"
    long_quotes: tuple[str, ...] = ()  # multi-line strings


C = Syntax(line=("//",), block=(("/*", "*/"),))
# These three are used for files that are too large to be parsed.
JAVASCRIPT = Syntax(C.line, C.block, long_quotes=("`",))
GO = Syntax(C.line, C.block, long_quotes=("`",))
RUST = Syntax(C.line, C.block, quotes="", long_quotes=('"',))
HASH = Syntax(line=("#",))
_MARKUP = Syntax(block=(("<!--", "-->"),), quotes="")
_DASHES = Syntax(line=("--",), block=(("/*", "*/"),), quotes="'")
_SYNTAXES: dict[str, Syntax] = {
    **dict.fromkeys("c h cc cpp cxx hpp cs scala dart m mm proto gradle groovy scss less css".split(), C),  # noqa: SIM905
    **dict.fromkeys("js mjs cjs jsx ts tsx mts cts".split(), JAVASCRIPT),  # noqa: SIM905
    **dict.fromkeys(["java", "kt", "kts", "swift"], Syntax(C.line, C.block, long_quotes=('"""',))),
    "go": GO,
    "rs": RUST,
    "php": Syntax(("//", "#"), C.block),
    **dict.fromkeys("py pyi sh bash zsh rb pl yaml yml toml cfg ini conf tf ex exs r nix cmake mk".split(), HASH),  # noqa: SIM905
    **dict.fromkeys(["html", "htm", "xml", "svg"], _MARKUP),
    **dict.fromkeys(["vue", "svelte"], Syntax(("//",), (*C.block, *_MARKUP.block), long_quotes=("`",))),
    **dict.fromkeys(["sql", "lua", "hs", "elm"], _DASHES),
}
_NAMES = {"Dockerfile": HASH, "Makefile": HASH, "makefile": HASH, "Justfile": HASH, "CMakeLists.txt": HASH}


class Parts(msgspec.Struct, frozen=True):
    """A text's comments and code, each with everything else blanked so that lines and columns stay the same."""

    comments: str
    code: str
    uncommented: str  # code and strings


def syntax_of(path: str) -> Syntax | None:
    """The syntax of a file by its name; None for documents, data and unknown types."""
    name = PurePosixPath(path).name
    return _NAMES.get(name) or _SYNTAXES.get(PurePosixPath(path).suffix[1:].lower())


def split(text: str, path: str, syntax: Syntax | None = None) -> Parts | None:
    """The parts of `text`, by `syntax` or else by the file's; None if that is unknown."""
    spans = _python(text) if path.endswith((".py", ".pyi")) else spans_of(text, path)
    if spans is not None:
        return _parts(text, spans)
    syntax = syntax or syntax_of(path)
    return _parts(text, _scan(text, syntax)) if syntax is not None else None


def _parts(text: str, spans: list[Span]) -> Parts:
    comments, code, uncommented = [], [], []
    for kind, start, end in spans:
        piece = text[start:end]
        blank = re.sub(r"[^\n]", " ", piece)
        comments.append(piece if kind == "comment" else blank)
        code.append(piece if kind == "code" else blank)
        uncommented.append(blank if kind == "comment" else piece)
    return Parts("".join(comments), "".join(code), "".join(uncommented))


def _python(text: str) -> list[Span] | None:
    """Spans by Python's own tokenizer; None if it cannot read the text."""
    lines = io.StringIO(text, newline="").readline
    starts, at = [0], 0
    while line := lines():
        at += len(line)
        starts.append(at)
    spans: list[Span] = []
    done = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            kind = {tokenize.COMMENT: "comment", tokenize.STRING: "string"}.get(token.type)
            if kind is None and not tokenize.tok_name[token.type].startswith("FSTRING_MIDDLE"):
                continue
            start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
            spans += [("code", done, start), (kind or "string", start, end)]
            done = end
    except (tokenize.TokenError, SyntaxError, RecursionError, IndexError):
        return None
    return [*spans, ("code", done, len(text))]


# Not pygments' lexers: their time is quadratic, in regular expressions that nothing interrupts. 8,000 underscores in a
# Makefile take 8 s, "a " repeated in a Java file of 8 KB 6 s: one file could block a check for hours. (pygments 2.21,
# which also takes Rust's doc comments for strings, and text in TSX for comments.)
def _scan(text: str, syntax: Syntax) -> list[Span]:
    spans: list[Span] = []
    openers = [*syntax.line, *(start for start, _ in syntax.block), *syntax.long_quotes, *syntax.quotes]
    interesting = re.compile("|".join(re.escape(opener) for opener in sorted(set(openers), key=len, reverse=True)))
    done = at = 0
    while match := interesting.search(text, at):
        kind, end = _literal(text, match.start(), match[0], syntax)
        if kind == "code":
            at = end
            continue
        spans += [("code", done, match.start()), (kind, match.start(), end)]
        done = at = end
    return [*spans, ("code", done, len(text))]


def _literal(text: str, at: int, opener: str, syntax: Syntax) -> tuple[str, int]:
    """The kind of what starts at `at`, and where it ends."""
    for start, stop in syntax.block:
        if opener == start:
            end = text.find(stop, at + len(start))
            return "comment", len(text) if end < 0 else end + len(stop)
    if opener in syntax.line:
        before = text[at - 1 : at]
        # A URL is not a comment; neither is a # inside a word in a shell script or YAML.
        if before == ":" or (opener == "#" and before not in ("", " ", "\t", "\n")):
            return "code", at + len(opener)
        end = text.find("\n", at)
        return "comment", len(text) if end < 0 else end
    long = opener in syntax.long_quotes
    closed = _string_end(text, at + len(opener), opener, multiline=long)
    return ("string", closed) if closed is not None else ("code", at + 1)


def _string_end(text: str, at: int, quote: str, *, multiline: bool) -> int | None:
    """Where the string ends; None if it is not closed on its line and so not a string (an apostrophe)."""
    for match in re.compile(r"\\.|\n|" + re.escape(quote), re.DOTALL).finditer(text, at):
        if match[0] == quote:
            return match.end()
        if match[0] == "\n" and not multiline:
            return None
    return len(text) if multiline else None
