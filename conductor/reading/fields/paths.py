"""Which words of a text are paths of the project. It understands no sentences and reads no file system."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

import msgspec

from conductor.reading.fields.commands import SPAN
from conductor.reading.vocabulary import labels


class Rooted(str):
    """A path written with a leading slash, relative to the project's root: `/libs/a.ts`."""

    __slots__ = ()


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
_SHOUTED = labels.words("README CHANGELOG LICENSE WORKSPACE BUILD TODO VERSION")  # in prose often just words
_WEAK = labels.words("log env map service example mod sum db http r d m pl properties typed bat sample j2 prisma")
"""Extensions that are also object members (`console.log`, `process.env`): a file only with a folder."""
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
_SYMBOL = re.compile(r"(?<=\w)(\.[A-Za-z]\w{0,9})::?[A-Za-z_][\w.:]*(?:\*|\(\))?$")
_SYSTEM = re.compile(r"^(?:/(?:home|Users|etc|usr|var|tmp|opt|root|mnt|srv|private|Library)/|~|[A-Za-z]:)")
_BRACES = re.compile(r"\{([^{}]*)\}")
EDGES = "`'\"“”‘’()<>,;:!"
_CJK = "[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]"  # scripts without spaces
_UNSPACED = re.compile(rf"(?<!{_CJK}){_CJK}++(?=[A-Za-z._/])|(?<=[A-Za-z0-9_]){_CJK}++")
SOURCES = labels.words(
    "src lib app apps packages crates cmd internal pkg tests test docs scripts public components server client"
)
_ROOTS = SOURCES | labels.words(
    """
    libs common shared core frontend backend web api infra infrastructure supabase prisma database db migrations config
    assets static templates functions services tools examples content styles pages hooks types utils models routes
    middleware helpers controllers views modules app src features domain domains specs contracts workers jobs deploy k8s
    charts terraform ios android mobile desktop website site resources prompts agents skills plugins
    """
)
"""Folders at a project's root: `/libs/a.ts` is not an absolute path."""
MANIFESTS = labels.words(
    """
    package.json pyproject.toml Cargo.toml go.mod README.md pom.xml build.gradle Gemfile composer.json requirements.txt
    setup.py Makefile mix.exs tsconfig.json Dockerfile docker-compose.yml .gitignore
    """
)
_DEEPEST = 12  # folders that completion considers


def paths_in(text: str, *, sure: bool, bare: bool = False) -> list[str | Outside]:
    """Paths in code spans and between them; `sure` applies to spans, `bare` to the words between them."""
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


def is_manifest(path: str) -> bool:
    """Whether a bare name is that of a file at a project's root."""
    return path in MANIFESTS or path in _NAMES


def paths_of(found: Iterable[str | Outside]) -> list[str]:
    """The paths inside the project, each once."""
    return list(dict.fromkeys(path for path in found if isinstance(path, str)))


class Completion:
    """Completes a bare `lexer.py` to `calc/lexer.py` if that is the only known path with that ending."""

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


def _commas(word: str) -> list[str]:
    return [word] if "{" in word else word.split(",")


def _candidates(texts: Iterable[str], *, sure: bool, products: bool = False) -> Iterator[str | Outside]:
    for text in texts:
        for path in _expand(_trimmed(text, at_line=sure)):
            if products and (path.rsplit("/", 1)[-1].lower() in _PRODUCTS or _LIBRARY.match(path)):
                continue
            if found := read_path(path, sure=sure):
                yield found


def _trimmed(text: str, *, at_line: bool) -> str:
    """Without surrounding marks; in a list of files also without the place in the file (`a.py:10-20`, `a.py:main`)."""
    text = text.strip(EDGES).rstrip(".").lstrip("(") if not text.startswith("(") or "/" not in text else text
    text = text[1:] if text.startswith("[") and "]" not in text else text
    return _SYMBOL.sub(r"\1", _AT_LINE.sub("", text)) if at_line else text


def _expand(path: str) -> list[str]:
    """`src/{a,b}.py` -> `src/a.py`, `src/b.py`; one pair of braces."""
    match = _BRACES.search(path)
    if not match or "," not in match[1]:
        return [path]
    return [path[: match.start()] + part.strip() + path[match.end() :] for part in match[1].split(",")]


def read_path(text: str, *, sure: bool) -> str | Outside | None:
    """`text` as a path of the project; `sure`: it is in backticks where files are declared.

    Routes (`/api/users`), `file:line` and `@scope/pkg` are not files.
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
        slashed = slashed[1:] if base != "..." else ""  # `/src/a.ts`: from the project's root
    stem, dot, ext = base.rpartition(".")
    named = base in _NAMES or (sure and base in _SHOUTED) or (base.startswith(".env") and bool(dot))
    if bool(dot) and bool(stem or "/" in slashed) and ext.lower() in labels.EXTENSIONS:
        named = named or sure or "/" in slashed or ext.lower() not in _WEAK
    if _HOST.match(slashed) and not (sure and ext.lower() in labels.EXTENSIONS):
        return None
    if not named and not (sure and ("/" in slashed or "*" in slashed)):
        return None
    if windows or slashed.startswith(("/", "~")):
        return Outside(text) if named and (sure or _SYSTEM.match(text)) else None
    path = posixpath.normpath(slashed)
    if path.startswith("..") or path.split("/")[0] == ".git":
        return Outside(text)
    path += "/" * slashed.endswith("/")
    return None if path in (".", "./") else Rooted(path) if text.startswith("/") else path
