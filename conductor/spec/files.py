"""Which text names a file of the project. Looks at no file system."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

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
    .nvmrc .babelrc .flake8 .pylintrc .coveragerc .python-version .tool-versions .envrc go.mod go.sum py.typed Caddyfile
    """
)
_SHOUTED = labels.words("README CHANGELOG LICENSE WORKSPACE BUILD TODO VERSION")  # in prose as often words
_WEAK = labels.words("log env map service example mod sum db http r d m pl properties typed bat sample j2 prisma nix")
"""Extensions that members of objects have as well (`console.log`, `process.env`): a file only with a folder."""
_PRODUCTS = labels.words(
    """
    node.js next.js vue.js express.js nuxt.js three.js d3.js react.js ember.js backbone.js angular.js chart.js
    nest.js socket.io asp.net alpine.js p5.js day.js moment.js discord.js pdf.js
    """
)
_LIBRARY = re.compile(r"^[A-Z]\w*\.js$")  # Three.js
_PATH = re.compile(r"^(?:[\w.@+~\-/*?\[\]$ ]|\(\w[\w-]*\)(?=/))+$")  # `app/(auth)/page.tsx`
_HOST = re.compile(r"^[\w-]+(?:\.[\w-]+)*\.(?:com|org|io|net|dev|ai|app|co|gov|edu)/", re.IGNORECASE)
_AT_LINE = re.compile(r":~?\d+(?:[-–:,]\d+)*$")
_SYMBOL = re.compile(r"(?<=\w)(\.[A-Za-z]\w{0,9})::?[A-Za-z_][\w.:]*(?:\(\))?$")
_SYSTEM = re.compile(r"^(?:/(?:home|Users|etc|usr|var|tmp|opt|root|mnt|srv|private|Library)/|~|[A-Za-z]:)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_EDGES = "`'\"“”‘’()<>,;:!"
_GONE = re.compile(
    r"(?<![\w/.-])(?:delete|remove|drop|deprecate|rename|replace|move|get rid of|удалить|eliminar|borrar|remover"
    r"|excluir|apagar|supprimer|löschen|entfernen)[sd]?(?![\w/.-])"
    r"(?:(?!\s(?:from|in|of|on|inside|within|to|with|by|into|and then|then|so)\s|[.;:](?:\s|$)|,\s+\w+\s).)*",
    re.IGNORECASE,
)
_ARROW = re.compile(r"\s*(?:→|⇒|->|=>)\s*|\s+(?:is\s+)?(?:renamed|moved)\s+to\s+", re.IGNORECASE)
_ACTION = re.compile(
    r"^[\s*-]*(?:creat|modif|updat|add|new|edit|test|extend|chang)\w*(?:\s+\([^()]*\))?\s*:\s+(?=`)", re.IGNORECASE
)
_STRUCK = re.compile(
    r"^\W*~~|^[^\s`]*`?[^`\n]*`?\s*(?:[-–—:]+\s*|[(\[]\s*)(?:to be )?(?:deleted?|removed?)"
    r"(?:\s+(?:file|it|entirely|completely))?\s*"
    r"(?:$|[)\].,;:–—]|-\s)",
    re.IGNORECASE,
)
_REMOVED = re.compile(r"(?:删除|移除|去掉)[^，。；;\n]*|`[^`\n]+`\s*を(?:削除|廃止)")  # where no spaces part the words
_CITED = re.compile(
    r"\b(?:see(?:\s+also)?|per|according\s+to|based\s+on|similar\s+to|modell?ed\s+(?:on|after)|refer(?:ring)?\s+to|cf\.?|as\s+in"
    r"|(?:described|specified|documented|protocol)\s+in|a\s+sample|e\.g\.|parity\s+with)\s+(?:(?!and\b)[\w-]+\s+){0,3}(?:`[^`\n]+`|\S+)",
    re.IGNORECASE,
)
_READ = re.compile(
    r"^[\s*-]*(?:\d[\d.]*[.)]?\s+)?(?:read|re-?read|review|study|inspect|look\s+at|understand|consult|see|open|locate|identify|analy[sz]e|examine|audit)\b"
    r"(?!.*\b(?:and|then|,)\s+(?:\w+\s+)?(?:update|change|fix|modify|edit|adjust|extend|add|create|write|refactor|replace|correct|rewrite)\b)",
    re.IGNORECASE,
)
_CJK = "[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]+"  # scripts that write no spaces
_UNSPACED = re.compile(rf"{_CJK}(?=[A-Za-z._/])|(?<=[A-Za-z0-9_]){_CJK}")
_HEAD = re.compile(r"\s+[-–—]+\s+|\s[-–—]{2}|:\s+|\s+\(|\s+#|\s+←|\s+<-")
_SOURCES = labels.words(
    "src lib app apps packages crates cmd internal pkg tests test docs scripts public components server client"
)
_ROOTS = _SOURCES | labels.words(
    """
    libs common shared core frontend backend web api infra infrastructure supabase prisma database db migrations config
    assets static templates functions services tools examples content styles pages hooks types utils models routes
    middleware helpers controllers views modules app src features domain domains specs contracts workers jobs deploy k8s
    charts terraform ios android mobile desktop website site resources prompts agents skills plugins
    """
)
"""Folders at a project's root: `/libs/a.ts` is no absolute path."""
_MANIFESTS = labels.words(
    """
    package.json pyproject.toml Cargo.toml go.mod README.md pom.xml build.gradle Gemfile composer.json requirements.txt
    setup.py Makefile mix.exs tsconfig.json Dockerfile docker-compose.yml .gitignore
    """
)
_DEEPEST = 12  # folders that completion looks at
_TREE = re.compile(r"^[\s│├└─┬|`+\\>-]*")
_TREE_COMMENT = re.compile(r"\s+(?:#|←|<-|--|–|—|//|\()|\s{2,}|\t")


def declared(text: str) -> list[str | Outside]:
    """Paths in the value or a bullet of a files field: those before the first ` - `, `: ` or `(`, else all."""
    found: list[str | Outside] = []
    for line in text.split("\n"):
        line = _ACTION.sub("", _standing(line))
        head = _HEAD.split(_GONE.sub(" ", line), maxsplit=1)[0].lstrip("- ")
        plain = all(" " not in part.strip() for part in head.split(","))
        found += _all(head, sure=True, bare=plain) or _all(_GONE.sub(" ", line), sure=True)
    return found


def _standing(line: str) -> str:
    """What of a line of a files field stands afterwards: of `a.py -> b.py` the new one, of `a.py (delete)` nothing."""
    before, arrow, after = _ARROW.sub("\0", line, count=1).partition("\0")
    if arrow and _all(before, sure=True) and _all(after, sure=True):
        line = after
    return "" if _STRUCK.match(line) else line


def in_field(field: Field) -> tuple[list[tuple[str | Outside, int]], list[Entry]]:
    """Paths of a files field with their lines (of its value, bullets, rows and trees), and the entries without one."""
    found: list[tuple[str | Outside, int]] = []
    unknown: list[Entry] = []
    for entry in entries(field.body, value=own_value(field)):
        paths = declared(entry.text)
        found += [(path, entry.line) for path in paths]
        unknown += [] if paths or _GONE.search(entry.text) or _STRUCK.match(entry.text) else [entry]
    trees = [row for fence in fences(field.body) for row in in_tree(fence)]
    return found + trees, [] if trees else unknown


def mentioned(text: str) -> list[str | Outside]:
    """Paths named in running text: only what is plainly a file, and not what it says to read or to remove."""
    lines = (line for line in text.split("\n") if not _READ.match(line))
    return _all(_CITED.sub(" ", _gone(_REMOVED.sub(" ", "\n".join(lines)))), sure=False)


def _gone(text: str) -> str:
    return _GONE.sub(" ", text)


def in_tree(fence: Fence) -> Iterator[tuple[str | Outside, int]]:
    """Files of an ASCII tree or of a plain list of paths, with their lines.

    A folder that holds the whole tree, sources and manifests alike, is the project itself: no part of the paths.
    """
    stack: list[tuple[int, str]] = []
    rows = [
        (n, raw) for n, raw in enumerate(fence.code, fence.line) if raw.strip() and not raw.startswith(("# ", "//"))
    ]
    columns = [len(_TREE.match(raw)[0]) for _, raw in rows]  # type: ignore[index]  # the pattern matches the empty string
    names = [
        _TREE_COMMENT.split(raw[column:].strip(), maxsplit=1)[0].strip(_EDGES)
        for (_, raw), column in zip(rows, columns, strict=True)
    ]
    project = _is_project(names, columns)
    for i, ((n, _), column, name) in enumerate(zip(rows, columns, names, strict=True)):
        stack = [(at, part) for at, part in stack if at < column]
        below = i + 1 < len(rows) and columns[i + 1] > column
        if name.endswith("/") or below:
            stack.append((column, "" if name in (".", "./") or (project and i == 0) else name.rstrip("/")))
        elif path := _path("/".join([*(part for _, part in stack if part), name]), sure=bool(stack) and "." in name):
            yield path, n


def _is_project(names: Sequence[str], columns: Sequence[int]) -> bool:
    if not names or not names[0].endswith("/") or any(column <= columns[0] for column in columns[1:]):
        return False
    if "/" in names[0].rstrip("/") or names[0].rstrip("/") in _SOURCES:
        return False
    nearest = min(columns[1:], default=0)
    inside = {name.rstrip("/") for name, column in zip(names[1:], columns[1:], strict=True) if column == nearest}
    return bool(inside & (_SOURCES | _MANIFESTS))


class Completion:
    """Completes a bare `lexer.py` to `calc/lexer.py` where that is the only known path that ends so."""

    def __init__(self, known: Iterable[str]) -> None:
        self._ending: dict[str, str | None] = {}
        self._known: set[str] = set()
        self.add(known)

    def add(self, known: Iterable[str]) -> None:
        for path in dict.fromkeys(known):
            if path in self._known:
                continue
            self._known.add(path)
            parts = path.split("/")[-_DEEPEST:]
            for n in range(1, len(parts)):
                ending = "/".join(parts[n:])
                self._ending[ending] = None if ending in self._ending else path
            self._ending[path] = path

    def __call__(self, path: str) -> str:
        return self._ending.get(path) or path


def is_manifest(path: str) -> bool:
    """Whether a bare name is that of a file which stands at a project's root."""
    return path in _MANIFESTS or path in _NAMES


def paths_of(found: Iterable[str | Outside]) -> list[str]:
    """The paths inside the project, each once."""
    return list(dict.fromkeys(path for path in found if isinstance(path, str)))


def _all(text: str, *, sure: bool, bare: bool = False) -> list[str | Outside]:
    """Paths in code spans and between them; `sure` of what stands in spans, `bare` of the words between them too."""
    found: list[str | Outside] = []

    def between(part: str) -> Iterator[str | Outside]:
        words = (w for word in _UNSPACED.sub(" ", part).split() for w in _commas(word))
        return _candidates(words, sure=bare, products=not sure)

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
        for path in _expand(_trimmed(text, at_line=sure)):
            if products and (path.rsplit("/", 1)[-1].lower() in _PRODUCTS or _LIBRARY.match(path)):
                continue
            if found := _path(path, sure=sure):
                yield found


def _trimmed(text: str, *, at_line: bool) -> str:
    """Without the marks around it; in a list of files also without what it names inside (`a.py:10-20`, `a.py:main`)."""
    text = text.strip(_EDGES).rstrip(".").lstrip("(") if not text.startswith("(") or "/" not in text else text
    text = text[1:] if text.startswith("[") and "]" not in text else text
    return _SYMBOL.sub(r"\1", _AT_LINE.sub("", text)) if at_line else text


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
    if not text or " " in text or not re.search(r"\w", text) or text.upper() == "N/A":
        return None
    windows = re.match(r"^[A-Za-z]:[\\/]", text) is not None
    slashed = text[2:] if windows else text
    if "\\" in slashed:
        slashed = slashed.replace("\\", "/")
    if not _PATH.match(slashed) or slashed.startswith(("@", "-", "$")) or "//" in slashed:
        return None
    base = slashed.rstrip("/").rsplit("/", 1)[-1]
    if base == "..." or (slashed.startswith("/") and slashed.split("/")[1].lower() in _ROOTS - {"lib"} and sure):
        slashed = slashed[1:] if base != "..." else ""  # `/src/a.ts`: from the project's own root
    stem, dot, ext = base.rpartition(".")
    named = base in _NAMES or (sure and base in _SHOUTED) or (base.startswith(".env") and bool(dot))
    if bool(dot) and bool(stem or "/" in slashed) and ext.lower() in labels.EXTENSIONS:
        named = named or sure or "/" in slashed or ext.lower() not in _WEAK
    if _HOST.match(slashed):
        return None
    if not named and not (sure and ("/" in slashed or "*" in slashed)):
        return None
    if windows or slashed.startswith(("/", "~")):
        return Outside(text) if named and (sure or _SYSTEM.match(text)) else None
    path = posixpath.normpath(slashed)
    if path.startswith("..") or path.split("/")[0] == ".git":
        return Outside(text)
    return None if path == "." else path + "/" * slashed.endswith("/")
