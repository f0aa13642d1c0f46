"""`leftovers`: no markers, stubs or conflict markers in the lines a phase added. It reads only; it runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor.checks.comments import split
from conductor.checks.languages.stubs import stubs
from conductor.checks.project import Project
from conductor.checks.site import Result, listed
from conductor.checks.toolchains import is_vendored
from conductor.events import CheckSpec

_MARKER = re.compile(r"(?<!\w)(TODO|FIXME|HACK|XXX(?!-))(?!\w)")
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})(?: |$)")
_QUOTE = "[\"'`]"
_STUBS = (
    (re.compile(r"\b(todo|unimplemented)!\s*[(\[{]"), (".rs",), "a stub"),
    (re.compile(rf"\bpanic\(\s*{_QUOTE}[^\"'`]*(not (yet )?implemented|unimplemented|TODO)", re.I), (".go",), "a stub"),
    (re.compile(rf"\bthrow\s+(new\s+)?[\w.]+\(\s*{_QUOTE}[^\"'`]*not (yet )?implemented", re.I), None, "a stub"),
    (re.compile(r"\bthrow\s+new\s+NotImplemented\w*\("), None, "a stub"),
)


def check_leftovers(spec: CheckSpec, project: Project) -> Result:
    """Markers and stubs are allowed where the phase says so; conflict markers never are."""
    problems: list[str] = []
    for path, lines in sorted(project.site.added.items()):
        found = dict(_conflicts(lines))
        if not project.site.allows_stubs and not is_vendored(path):
            found |= dict(_in_source(path, {number for number, _ in lines}, project))
        problems += [f"{path}:{number}: {what}" for number, what in sorted(found.items())]
    return listed(problems, "nothing left over", f"{len(problems)} left over: {'; '.join(problems[:3])}")


def _conflicts(lines: tuple[tuple[int, str], ...]) -> Iterator[tuple[int, str]]:
    """A row of = alone underlines a heading: both ends must be there."""
    marked = [(number, match[1]) for number, text in lines if (match := _CONFLICT.match(text.rstrip("\r\n")))]
    if {"<<<<<<<", ">>>>>>>"} <= {marker for _, marker in marked}:
        yield from ((number, f"conflict marker {marker}") for number, marker in marked)


def _in_source(path: str, lines: set[int], project: Project) -> Iterator[tuple[int, str]]:
    text = project.read(path)
    parts = split(text, path) if text is not None else None
    if text is None or parts is None:
        return
    if path.endswith(".py"):
        yield from stubs(text, lines)
    for pattern, suffixes, what in _STUBS:
        if suffixes is None or path.endswith(suffixes):
            for match in pattern.finditer(parts.uncommented):
                number = text.count("\n", 0, match.start()) + 1
                if number in lines and parts.code[match.start()] == text[match.start()]:
                    yield number, f"{what} ({' '.join(match[0].split())})"
    for number, comment in enumerate(parts.comments.split("\n"), 1):
        if number in lines and (marker := _MARKER.search(comment)):
            yield number, f"{marker[1]} in a comment: {comment[marker.start() :].strip()[:80]}"
