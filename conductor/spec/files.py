"""Which text names a file of the project. Looks at no file system."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

import msgspec

from conductor.spec import labels
from conductor.spec.body import Entry, Field, entries, fences, own_value
from conductor.spec.commands import SPAN
from conductor.spec.document import Fence


class Outside(msgspec.Struct, frozen=True, gc=False):
    """A path that leaves the project, as written."""

    text: str


_NAMES = labels.words(
    """
    Makefile Dockerfile LICENSE Procfile Gemfile Rakefile Justfile justfile Jenkinsfile Vagrantfile Brewfile
    CODEOWNERS Containerfile .gitignore .dockerignore .editorconfig .env .gitattributes .prettierrc .eslintrc .npmrc
    .nvmrc WORKSPACE BUILD CHANGELOG README
    """
)
_PRODUCTS = labels.words(
    """
    node.js next.js vue.js express.js nuxt.js three.js d3.js react.js ember.js backbone.js angular.js chart.js
    nest.js socket.io asp.net alpine.js p5.js day.js moment.js discord.js pdf.js
    """
)
_PATH = re.compile(r"^[\w.@+~\-/*?\[\]$ ]+$")
_BRACES = re.compile(r"\{([^{}]*)\}")
_EDGES = "`'\"“”‘’()<>,;:!"
_GONE = re.compile(r"\b(?:delete|remove|drop|deprecate|rename|replace|get rid of)[sd]?\b", re.IGNORECASE)
_HEAD = re.compile(r"\s+[-–—]+\s+|\s[-–—]{2}|:\s+|\s+\(|\s+#|\s+←|\s+<-")
_DEEPEST = 12  # folders that completion looks at
_TREE = re.compile(r"^[\s│├└─┬|`+\\>-]*")
_TREE_COMMENT = re.compile(r"\s+(?:#|←|<-|--|–|—|//|\()|\s{2,}|\t")


def declared(text: str) -> list[str | Outside]:
    """Paths in the value or a bullet of a files field: those before the first ` - `, `: ` or `(`, else all."""
    found: list[str | Outside] = []
    for line in text.split("\n"):
        head = _HEAD.split(line, maxsplit=1)[0].lstrip("- ")
        plain = all(" " not in part.strip() for part in head.split(","))
        found += _all(head, sure=True, bare=plain) or _all(line, sure=True)
    return found


def in_field(field: Field) -> tuple[list[tuple[str | Outside, int]], list[Entry]]:
    """Paths of a files field with their lines (of its value, bullets, rows and trees), and the entries without one."""
    found: list[tuple[str | Outside, int]] = []
    unknown: list[Entry] = []
    for entry in entries(field.body, value=own_value(field)):
        paths = declared(entry.text)
        found += [(path, entry.line) for path in paths]
        unknown += [] if paths else [entry]
    trees = [row for fence in fences(field.body) for row in in_tree(fence)]
    return found + trees, [] if trees else unknown


def mentioned(text: str) -> list[str | Outside]:
    """Paths named in running text: only what is plainly a file; none where it speaks of removing."""
    return [] if _GONE.search(text) else _all(text, sure=False)


def in_tree(fence: Fence) -> Iterator[tuple[str | Outside, int]]:
    """Files of an ASCII tree or of a plain list of paths, with their lines."""
    stack: list[tuple[int, str]] = []
    rows = [(n, raw) for n, raw in enumerate(fence.code, fence.line) if raw.strip()]
    for i, (n, raw) in enumerate(rows):
        column = len(_TREE.match(raw)[0])  # type: ignore[index]  # the pattern matches the empty string
        name = _TREE_COMMENT.split(raw[column:].strip(), maxsplit=1)[0].strip(_EDGES)
        stack = [(at, part) for at, part in stack if at < column]
        below = i + 1 < len(rows) and len(_TREE.match(rows[i + 1][1])[0]) > column  # type: ignore[index]
        if name.endswith("/") or below:
            stack.append((column, "" if name in (".", "./") else name.rstrip("/")))
        elif path := _path("/".join([*(part for _, part in stack if part), name]), sure=bool(stack) and "." in name):
            yield path, n


class Completion:
    """Completes a bare `lexer.py` to `calc/lexer.py` where that is the only known path that ends so."""

    def __init__(self, known: Iterable[str]) -> None:
        self._ending: dict[str, str | None] = {}
        for path in dict.fromkeys(known):
            parts = path.split("/")[-_DEEPEST:]
            for n in range(1, len(parts)):
                ending = "/".join(parts[n:])
                self._ending[ending] = None if ending in self._ending else path
            self._ending[path] = path

    def __call__(self, path: str) -> str:
        return self._ending.get(path) or path


def paths_of(found: Iterable[str | Outside]) -> list[str]:
    """The paths inside the project, each once."""
    return list(dict.fromkeys(path for path in found if isinstance(path, str)))


def _all(text: str, *, sure: bool, bare: bool = False) -> list[str | Outside]:
    """Paths in code spans and between them; `sure` of what stands in spans, `bare` of the words between them too."""
    found: list[str | Outside] = []

    def between(part: str) -> Iterator[str | Outside]:
        return _candidates((w for word in part.split() for w in _commas(word)), sure=bare, products=not sure)

    at = 0
    for span in SPAN.finditer(text):
        found += between(text[at : span.start()])
        found += _candidates([span[2].strip()], sure=sure)
        at = span.end()
    return list(dict.fromkeys([*found, *between(text[at:])]))


def _commas(word: str) -> list[str]:
    return [word] if "{" in word else word.split(",")


def _candidates(texts: Iterable[str], *, sure: bool, products: bool = False) -> Iterator[str | Outside]:
    for text in texts:
        for path in _expand(text.strip(_EDGES).rstrip(".")):
            if not (products and path.lower() in _PRODUCTS) and (found := _path(path, sure=sure)):
                yield found


def _expand(path: str) -> list[str]:
    """`src/{a,b}.py` -> `src/a.py`, `src/b.py`; one pair of braces."""
    match = _BRACES.search(path)
    if not match or "," not in match[1]:
        return [path]
    return [path[: match.start()] + part.strip() + path[match.end() :] for part in match[1].split(",")]


def _path(text: str, *, sure: bool) -> str | Outside | None:
    """`text` as a path of the project; `sure`: it stands in code marks where files are declared.

    Routes (`/api/users`), `file:line` and `@scope/pkg` are no files.
    """
    if not text or " " in text or not re.search(r"\w", text):
        return None
    windows = re.match(r"^[A-Za-z]:[\\/]", text) is not None
    slashed = text[2:] if windows else text
    if "\\" in slashed:
        slashed = slashed.replace("\\", "/")
    if not _PATH.match(slashed) or slashed.startswith(("@", "-", "$")) or "//" in slashed:
        return None
    base = slashed.rstrip("/").rsplit("/", 1)[-1]
    stem, dot, ext = base.rpartition(".")
    named = base in _NAMES or (bool(dot) and bool(stem or "/" in slashed) and ext.lower() in labels.EXTENSIONS)
    named = named or (base.startswith(".env") and bool(dot))
    if not named and not (sure and ("/" in slashed or "*" in slashed)):
        return None
    if windows or slashed.startswith(("/", "~")):
        return Outside(text) if named else None
    path = posixpath.normpath(slashed)
    if path.startswith("..") or path.split("/")[0] == ".git":
        return Outside(text)
    return None if path == "." else path + "/" * slashed.endswith("/")
