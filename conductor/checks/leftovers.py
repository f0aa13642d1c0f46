"""`leftovers`: no TODO markers, stubs or conflict markers in the lines a phase added. It reads and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor.checks.languages.registry import language_of, parts_of
from conductor.checks.languages.support.matching import matching
from conductor.checks.project import Project
from conductor.checks.site import Result, listed
from conductor.checks.toolchains import is_vendored
from conductor.events import CheckSpec

_MARKER = re.compile(r"(?<!\w)(TODO|FIXME|HACK|XXX(?!-))(?!\w)")
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})(?: |$)")
_QUOTE = "[\"'`]"
# In any language: these have no other meaning.
_STUBS = (
    re.compile(rf"\bthrow\s+(new\s+)?[\w.]+\(\s*{_QUOTE}[^\"'`]*not (yet )?implemented", re.I),
    re.compile(r"\bthrow\s+new\s+NotImplemented\w*\("),
)


def check_leftovers(spec: CheckSpec, project: Project) -> Result:
    """Markers and stubs are allowed if the phase says so; conflict markers never are."""
    problems: list[str] = []
    for path, lines in sorted(project.site.added.items()):
        found = dict(_conflicts(lines))
        if not project.site.allows_stubs and not is_vendored(path):
            found |= dict(_in_source(path, {number for number, _ in lines}, project))
        problems += [f"{path}:{number}: {what}" for number, what in sorted(found.items())]
    return listed(problems, "nothing left over", f"{len(problems)} left over: {'; '.join(problems[:3])}")


def _conflicts(lines: tuple[tuple[int, str], ...]) -> Iterator[tuple[int, str]]:
    """A row of = alone may underline a heading: both end markers must be present."""
    marked = [(number, match[1]) for number, text in lines if (match := _CONFLICT.match(text.rstrip("\r\n")))]
    if {"<<<<<<<", ">>>>>>>"} <= {marker for _, marker in marked}:
        yield from ((number, f"conflict marker {marker}") for number, marker in marked)


def _in_source(path: str, lines: set[int], project: Project) -> Iterator[tuple[int, str]]:
    text = project.read(path)
    parts = parts_of(text, path) if text is not None else None
    if text is None or parts is None:
        return
    language = language_of(path)
    if language is not None and language.stubs is not None:
        yield from language.stubs(text, parts, lines)
    for pattern in _STUBS:
        yield from matching(pattern, text, parts, lines)
    for number, comment in enumerate(parts.comments.split("\n"), 1):
        if number in lines and (marker := _MARKER.search(comment)):
            yield number, f"{marker[1]} in a comment: {comment[marker.start() :].strip()[:80]}"
