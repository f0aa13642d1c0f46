"""Whether parts that were built separately fit together: a name that one imports from another must exist.

It reads files and runs nothing. What a file's text does not show is not a problem.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conductor.checks.languages.registry import registered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, listed
from conductor.events import CheckSpec


class Use(msgspec.Struct, frozen=True):
    """One name that a file imports from another part's file. `missing`: what is wrong, or ""."""

    path: str
    line: int
    missing: str = ""


def check_interfaces(spec: CheckSpec, project: Project) -> Result:
    """Check each import between the parts in `spec.parts`; a file that several wrote belongs to the first."""
    owner: dict[str, str] = {}
    for part, files in spec.parts.items():
        for path in files:
            if project.locate(path) is not None:
                owner.setdefault(path, part)
    uses = list(_uses(project, owner))
    if not uses:
        return Result(NOT_APPLICABLE, "no part imports from another by name")
    broken = sorted((use for use in uses if use.missing), key=lambda use: (use.path, use.line))
    problems = [f"{use.path}:{use.line}: {use.missing}" for use in broken]
    return listed(
        problems,
        f"{len(uses)} names imported from other parts are there",
        f"{len(problems)} broken imports between parts: {'; '.join(problems[:3])}",
    )


def _uses(project: Project, owner: dict[str, str]) -> Iterator[Use]:
    for language in registered().languages:
        if language.between is not None:
            own = tuple(path for path in owner if language.owns(path))
            yield from (Use(*found) for found in language.between(project, own, owner))
