"""Tells comments, strings and code of a source text apart, for the languages people write. It does not parse."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import PurePosixPath

import msgspec


class Syntax(msgspec.Struct, frozen=True):
    """How a family of languages writes comments and strings."""

    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str], ...] = ()
    quotes: str = "\"'"
    long_quotes: tuple[str, ...] = ()  # strings that span lines
    nested: bool = False  # block comments nest
    regexes: bool = False  # /…/ is a literal


_C = Syntax(line=("//",), block=(("/*", "*/"),))
JAVASCRIPT = Syntax(line=("//",), block=(("/*", "*/"),), long_quotes=("`",), regexes=True)
GO = Syntax(line=("//",), block=(("/*", "*/"),), long_quotes=("`",))
RUST = Syntax(line=("//",), block=(("/*", "*/"),), quotes="", long_quotes=('"',), nested=True)
HASH = Syntax(line=("#",))
_MARKUP = Syntax(block=(("<!--", "-->"),), quotes="")
_DASHES = Syntax(line=("--",), block=(("/*", "*/"),), quotes="'")
_SYNTAXES: dict[str, Syntax] = {
    **dict.fromkeys("c h cc cpp cxx hpp cs scala dart m mm proto gradle groovy scss less css".split(), _C),  # noqa: SIM905
    **dict.fromkeys("js mjs cjs jsx ts tsx mts cts".split(), JAVASCRIPT),  # noqa: SIM905
    **dict.fromkeys(["java", "kt", "kts", "swift"], Syntax(_C.line, _C.block, long_quotes=('"""',))),
    "go": GO,
    "rs": RUST,
    "php": Syntax(("//", "#"), _C.block),
    **dict.fromkeys("py pyi sh bash zsh rb pl yaml yml toml cfg ini conf tf ex exs r nix cmake mk".split(), HASH),  # noqa: SIM905
    **dict.fromkeys(["html", "htm", "xml", "svg"], _MARKUP),
    **dict.fromkeys(["vue", "svelte"], Syntax(("//",), (*_C.block, *_MARKUP.block), long_quotes=("`",))),
    **dict.fromkeys(["sql", "lua", "hs", "elm"], _DASHES),
}
_NAMES = {"Dockerfile": HASH, "Makefile": HASH, "makefile": HASH, "Justfile": HASH, "CMakeLists.txt": HASH}
_BEFORE_REGEX = re.compile(r"(?:^|[(,=:\[!&|?{};+\-*%~^<>\n]|\b(?:return|typeof|case|in|of|do|else|await|yield))\s*$")
_REGEX = re.compile(r"/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/")
_RUST_CHAR = re.compile(r"'(?:\\[^\n]{1,8}?|[^\\'\n])'")
_RUST_RAW = re.compile(r"\bb?r(#*)\"")


class Parts(msgspec.Struct, frozen=True):
    """A text's comments and its code, each with everything else blanked: lines and columns stay what they were."""

    comments: str
    code: str
    uncommented: str  # code and strings


def syntax_of(path: str) -> Syntax | None:
    """The syntax of a file by its name; None for documents, data and what is not known."""
    name = PurePosixPath(path).name
    return _NAMES.get(name) or _SYNTAXES.get(PurePosixPath(path).suffix[1:].lower())


def split(text: str, path: str, syntax: Syntax | None = None) -> Parts | None:
    """The parts of `text`, by `syntax` or else that of the file; None when it is not known."""
    syntax = syntax or syntax_of(path)
    if syntax is None:
        return None
    if path.endswith((".py", ".pyi")) and (spans := _python(text)) is not None:
        return _parts(text, spans)
    return _parts(text, _scan(text, syntax))


def _parts(text: str, spans: list[tuple[str, int, int]]) -> Parts:
    comments, code, uncommented = [], [], []
    for kind, start, end in spans:
        piece = text[start:end]
        blank = re.sub(r"[^\n]", " ", piece)
        comments.append(piece if kind == "comment" else blank)
        code.append(piece if kind == "code" else blank)
        uncommented.append(blank if kind == "comment" else piece)
    return Parts("".join(comments), "".join(code), "".join(uncommented))


def _python(text: str) -> list[tuple[str, int, int]] | None:
    """Spans by Python's own tokenizer; None when it cannot read the text."""
    lines = io.StringIO(text, newline="").readline
    starts, at = [0], 0
    while line := lines():
        at += len(line)
        starts.append(at)
    spans: list[tuple[str, int, int]] = []
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


def _scan(text: str, syntax: Syntax) -> list[tuple[str, int, int]]:
    spans: list[tuple[str, int, int]] = []
    openers = [*syntax.line, *(start for start, _ in syntax.block), *syntax.long_quotes, *syntax.quotes]
    if syntax.nested:
        openers += ["r", "'"]  # Rust: raw strings and characters (a lone ' is a lifetime)
    if syntax.regexes:
        openers.append("/")
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
    """What begins at `at`, and where it ends."""
    for start, stop in syntax.block:
        if opener == start:
            return "comment", _block_end(text, at, start, stop, syntax.nested)
    if opener in syntax.line:
        before = text[at - 1 : at]
        # A URL is no comment, and in a shell or YAML a # inside a word is none.
        if before == ":" or (opener == "#" and before not in ("", " ", "\t", "\n")):
            return "code", at + len(opener)
        end = text.find("\n", at)
        return "comment", len(text) if end < 0 else end
    if syntax.nested and opener == "r":
        raw = _RUST_RAW.match(text, at)
        end = text.find('"' + raw[1], raw.end()) if raw else -1
        return ("string", end + 1 + len(raw[1])) if raw and end >= 0 else ("code", at + 1)
    if syntax.nested and opener == "'":
        character = _RUST_CHAR.match(text, at)
        return ("string", character.end()) if character else ("code", at + 1)
    if opener == "/":
        regex = _REGEX.match(text, at) if _BEFORE_REGEX.search(text[max(0, at - 40) : at]) else None
        return ("string", regex.end()) if regex else ("code", at + 1)
    long = opener in syntax.long_quotes
    closed = _string_end(text, at + len(opener), opener, multiline=long)
    return ("string", closed) if closed is not None else ("code", at + 1)


def _block_end(text: str, at: int, start: str, stop: str, nested: bool) -> int:
    depth, at = 1, at + len(start)
    for match in re.compile(f"{re.escape(start)}|{re.escape(stop)}").finditer(text, at):
        if match[0] == stop:
            depth -= 1
        elif nested:
            depth += 1
        if depth == 0:
            return match.end()
    return len(text)


def _string_end(text: str, at: int, quote: str, *, multiline: bool) -> int | None:
    """Where the string ends; None: not closed on its line, it was no string (an apostrophe)."""
    for match in re.compile(r"\\.|\n|" + re.escape(quote), re.DOTALL).finditer(text, at):
        if match[0] == quote:
            return match.end()
        if match[0] == "\n" and not multiline:
            return None
    return len(text) if multiline else None
