"""What JavaScript and TypeScript files of one part import from another's, and what a file offers: its exports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from conductor.checks.comments import split
from conductor.checks.languages.support.interfaces_declared import STOPS, end_of
from conductor.checks.languages.support.modules_javascript import open_modules
from conductor.checks.project import Project

Found = tuple[str, int, str]

_NAME = r"[A-Za-z_$][\w$]*"
_IMPORT = re.compile(
    rf"\b(?:import|export)\s+(?:type\s+)?(?:(?P<default>{_NAME})\s*,?\s*)?(?:\{{(?P<names>[^{{}}]*)\}})?\s*"
    r"\bfrom\s*(?P<quote>[\"'])(?P<from>[^\"'\n]+)(?P=quote)"
)
_DECLARED = re.compile(
    r"\bexport\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+|async\s+|const\s+(?=enum))?"
    rf"(?:function\s*\*?|class|interface|type|enum|namespace|module)\s+(?P<name>{_NAME})"
)
_VARIABLES = re.compile(rf"\bexport\s+(?:declare\s+)?(?:const|let|var)\s+(?!enum\b)(?P<name>{_NAME})")
_LISTED = re.compile(r"\bexport\s+(?:type\s+)?\{(?P<names>[^{}]*)\}")
_NAMESPACE = re.compile(rf"\bexport\s*\*\s*as\s+(?P<name>{_NAME})")
_WHOLE = re.compile(r"\bexport\s*(?:\*|default\b)[^;{\n]*")  # of another module, or of this one
_BRACKET = re.compile(r"=>|[()\[\]{}<>,=]")
_ARROW = re.compile(r"=\s*(?:async\s*)?(?=\()")
# Everything of another module, CommonJS, several variables or a pattern: what is there, only running it would tell.
_UNKNOWN = re.compile(
    r"\bexport\s*\*\s*from|\bexport\s*=|\bmodule\.exports\b|\bexports\s*[.\[]"
    rf"|\bexport\s+(?:declare\s+)?(?:const|let|var)\s*(?:[\[{{]|{_NAME}\s*(?::[^=;\n]*)?(?:=[^;\n]*)?,\s*(?:\n|{_NAME}))"
)


def between(project: Project, own: Sequence[str], owner: Mapping[str, str]) -> Iterator[Found]:
    """(path, line, what is missing or "") of each name that a file of `own` takes from one of another part."""
    modules = open_modules(project)

    @cache
    def exported(file: str) -> frozenset[str] | None:
        text = project.read(file)
        return exports(text, file) if text is not None else None

    for path in own:
        text = project.read(path)
        for line, specifier, names in taken(text, path) if text is not None else ():
            file = modules.own_file(path, specifier)
            theirs = owner.get(file or "")
            if file is None or theirs is None or theirs == owner[path]:
                continue
            there = exported(file)
            for name in names:
                missing = there is not None and name not in there
                yield path, line, f"{specifier} ({file}, of {theirs}) exports no {name}" if missing else ""


def taken(text: str, path: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """(line, specifier, names) of each import, and of each export from elsewhere, that takes something by name."""
    parts = split(text, path)
    if parts is None:
        return
    for match in _IMPORT.finditer(parts.uncommented):
        if parts.code[match.start()].isspace():
            continue
        names = [name for name, _ in _pairs(match["names"] or "")]
        if match["default"] and match["default"] != "type":
            names.append("default")
        yield text.count("\n", 0, match.start()) + 1, match["from"], tuple(names)


def exports(text: str, path: str) -> frozenset[str] | None:
    """The names that a module exports; None where its text alone does not say."""
    parts = split(text, path)
    if parts is None or _UNKNOWN.search(parts.code):
        return None
    names = {m["name"] for pattern in (_DECLARED, _VARIABLES, _NAMESPACE) for m in pattern.finditer(parts.code)}
    names |= {given for m in _LISTED.finditer(parts.code) for _, given in _pairs(m["names"])}
    return frozenset(names | ({"default"} if re.search(r"\bexport\s+default\b", parts.code) else set()))


def offered(text: str, path: str) -> Iterator[str]:
    """The exports of a module as they are declared, in their order; of a class without its members."""
    parts = split(text, path)
    if parts is None:
        return
    code, plain = parts.code, parts.uncommented
    found = {}
    for match in _WHOLE.finditer(code):
        found[match.start()] = match[0] if "default" in match[0] else plain[match.start() : match.end()]
    for match in _LISTED.finditer(code):
        found[match.start()] = f"{{ {', '.join(given for _, given in _pairs(match['names']))} }}"
    for match in (*_DECLARED.finditer(code), *_VARIABLES.finditer(code)):
        end = end_of(code, match.start())
        arrow = _ARROW.match(code, end)
        close = end_of(code, arrow.end(), (*STOPS, "=>")) if arrow else end
        function = arrow is not None and code.startswith("=>", close)
        last = close + len("=>") if function else end
        found[match.start()] = _without_values(plain[match.start() : last], code[match.start() : last])
    for start in sorted(found):
        yield found[start].removeprefix("export").strip().rstrip(":")


def _without_values(plain: str, code: str) -> str:
    """A head with `=…` for each default of a parameter, which may be a secret. `code`: without its strings."""
    shown, done, depth = [], 0, 0
    hidden: int | None = None  # the depth of the default that is left out
    for match in _BRACKET.finditer(code):
        token = match[0]
        if token in ")]}>" or token == ",":
            if hidden == depth:
                hidden, done = None, match.start()
            depth -= token != ","
        elif token == "=":
            if depth > 0 and hidden is None:
                shown.append(plain[done : match.start()].rstrip() + " =…")
                hidden = depth
        elif token != "=>":
            depth += 1
    return "".join(shown) + (plain[done:] if hidden is None else "")


def _pairs(names: str) -> Iterator[tuple[str, str]]:
    """(name there, name here) of `a, b as c, type D`."""
    for entry in names.split(","):
        words = [word for word in entry.split() if word != "type" or entry.split() == ["type"]]
        if words and re.fullmatch(_NAME, words[0]):
            yield words[0], words[-1]
