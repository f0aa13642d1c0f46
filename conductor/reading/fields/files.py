"""Which files a text names: declared ones, mentioned ones, those of a tree. It knows nothing about phases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conductor.reading.fields.paths import EDGES, MANIFESTS, SOURCES, Outside, paths_in, read_path
from conductor.reading.fields.removed import standing
from conductor.reading.markdown.body import Field, ReadItem, entries, fences, own_value
from conductor.reading.markdown.document import Fence

_GONE = re.compile(
    r"(?<![\w/.-])(?:delete|remove|drop|deprecate|rename|replace|move|get rid of|удалить|eliminar|borrar|remover"
    r"|excluir|apagar|supprimer|löschen|entfernen)[sd]?(?![\w/.-])"
    r"(?:(?!\s(?:from|in|of|on|inside|within|to|with|by|into|and then|then|so)\s|[.;:](?:\s|$)|,\s+\w+\s).)*",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"^[\s*-]*(?:creat|modif|updat|add|new|edit|test|extend|chang)\w*(?:\s+\([^()]*\))?\s*:\s+(?=`)", re.IGNORECASE
)
_REMOVED = re.compile(r"(?:删除|移除|去掉)[^，。；;\n]*|`[^`\n]+`\s*を(?:削除|廃止)")  # for scripts without spaces
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
_ALONE = re.compile(r"^`[^`\s]+`(?:\s*[,、]\s*`[^`\s]+`)*$|^[\w./@-]+/[\w./-]+$")
_SHOWN = re.compile(r"^\s*(?://|#|--|/\*|<!--)\s*([\w@.()\[\]-]+(?:/[\w@.()\[\]-]+)+)\s*(?:\*/|-->)?\s*$")
_ABOUT = re.compile(  # what a bullet below a file says about it and others
    r"^\s*[-*]\s+\**(?:depends(?:\s+on)?|dependencies|purpose|reason|why|risks?|complexity|imports?|used\s+by|references?|see|mirrors"
    r"|patterns?|based\s+on)\**\s*:",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s*\([^()]*\)(?=\s*[,、]\s*`)")
_HEAD = re.compile(r"\s+[-–—]+\s+|\s[-–—]{2}|:\s+|\s+\(|\s+#|\s+←|\s+<-")
_TREE = re.compile(r"^[\s│├└─┬|`+\\>-]*")
_TREE_COMMENT = re.compile(r"\s+(?:#|←|<-|--|–|—|//|\()|\s{2,}|\t")


def declared(text: str) -> list[str | Outside]:
    """Paths in the value or a bullet of a files field: those before the first ` - `, `: ` or `(`, or else all."""
    found: list[str | Outside] = []
    lines = text.split("\n")
    of_file = bool(paths_in(lines[0], sure=True))
    for line in standing(lines, sure=True):
        if of_file and _ABOUT.match(line):
            continue
        line = _REMARK.sub("", _ACTION.sub("", line))
        head = _HEAD.split(_GONE.sub(" ", line), maxsplit=1)[0].lstrip("- ")
        plain = all(" " not in part.strip() for part in head.split(","))
        found += paths_in(head, sure=True, bare=plain) or paths_in(_GONE.sub(" ", line), sure=True)
    return found


def in_field(field: Field) -> tuple[list[tuple[str | Outside, int]], list[ReadItem]]:
    """Paths of a files field with their lines (of its value, bullets, rows and trees), and the entries without one."""
    found: list[tuple[str | Outside, int]] = []
    unknown: list[ReadItem] = []
    for entry in entries(field.body, value=own_value(field)):
        paths = declared(entry.text)
        found += [(path, entry.line) for path in paths]
        left = any(line.strip() for line in standing(entry.text.split("\n"), sure=True))
        unknown += [] if paths or not left or _GONE.search(entry.text) else [entry]
    trees = [row for fence in fences(field.body) for row in in_tree(fence)]
    return found + trees, [] if trees else unknown


def shown(field: Field) -> Iterator[tuple[str | Outside, int]]:
    """Files whose text is shown in fences, by the comment on the first line: `// src/a.ts`."""
    for fence in fences(field.body):
        match = _SHOWN.match(fence.code[0]) if len(fence.code) > 1 else None
        if match and (path := read_path(match[1], sure=False)):
            yield path, fence.line


def alone(entry: ReadItem) -> list[str | Outside]:
    """The path if the entry is nothing else; otherwise []."""
    return paths_in(entry.text, sure=True) if _ALONE.match(entry.text) else []


def mentioned(text: str) -> list[str | Outside]:
    """Paths in running text: only what is clearly a file, except what it says to read or remove."""
    lines = (line for line in text.split("\n") if not _READ.match(line))
    return paths_in(_CITED.sub(" ", kept("\n".join(standing(lines, sure=False)))), sure=False)


def kept(text: str) -> str:
    """The text without what it says to remove."""
    return _GONE.sub(" ", _REMOVED.sub(" ", text))


def in_tree(fence: Fence) -> Iterator[tuple[str | Outside, int]]:
    """Files of an ASCII tree or of a plain list of paths, with their lines.

    A folder that contains the whole tree, with sources and manifests, is the project itself and not part of the paths.
    """
    stack: list[tuple[int, str]] = []
    rows = [
        (n, raw) for n, raw in enumerate(fence.code, fence.line) if raw.strip() and not raw.startswith(("# ", "//"))
    ]
    columns = [len(_TREE.match(raw)[0]) for _, raw in rows]  # type: ignore[index]  # the pattern matches the empty string
    names = [
        _TREE_COMMENT.split(raw[column:].strip(), maxsplit=1)[0].strip(EDGES)
        for (_, raw), column in zip(rows, columns, strict=True)
    ]
    project = _is_project(names, columns)
    for i, ((n, _), column, name) in enumerate(zip(rows, columns, names, strict=True)):
        stack = [(at, part) for at, part in stack if at < column]
        below = i + 1 < len(rows) and columns[i + 1] > column
        if name.endswith("/") or below:
            stack.append((column, "" if name in (".", "./") or (project and i == 0) else name.rstrip("/")))
        elif path := read_path(
            "/".join([*(part for _, part in stack if part), name]), sure=bool(stack) and "." in name
        ):
            yield path, n


def _is_project(names: Sequence[str], columns: Sequence[int]) -> bool:
    if not names or not names[0].endswith("/") or any(column <= columns[0] for column in columns[1:]):
        return False
    if "/" in names[0].rstrip("/") or names[0].rstrip("/") in SOURCES:
        return False
    nearest = min(columns[1:], default=0)
    inside = {name.rstrip("/") for name, column in zip(names[1:], columns[1:], strict=True) if column == nearest}
    return bool(inside & (SOURCES | MANIFESTS))
