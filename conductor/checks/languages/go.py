"""Go, by its own tools."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

from conductor.checks import comments
from conductor.checks.command import check_command, find, missing
from conductor.checks.comments import Parts, split
from conductor.checks.languages.language import Language
from conductor.checks.languages.support.compiled import compiler
from conductor.checks.languages.support.matching import matching
from conductor.checks.languages.support.offered_go import offered
from conductor.checks.project import Project
from conductor.checks.site import PASSED, Result, listed

_NAME = "go"
_STUB = re.compile(r"\bpanic\(\s*[\"'`][^\"'`]*(not (yet )?implemented|unimplemented|TODO)", re.I)


async def _tests(project: Project, root: str) -> Result:
    if find(project, "go") is None:
        return missing("go", "go test ./...")
    return await check_command(project, ["go", "test", "./..."], root=root, runs_tests=True)


async def _lint(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    for root in project.roots(_NAME):
        if find(project, "gofmt") is None or find(project, "go") is None:
            return [missing("go", "gofmt -l && go vet ./...")]
        listing = await check_command(project, ["gofmt", "-l", *(f"./{path}" for path in changed)])
        unformatted = listing.output.split() if listing.status == PASSED else []
        formatted = listed([f"{path}: not formatted (gofmt -w)" for path in unformatted], "formatted", "not gofmt'ed")
        results.append(formatted if listing.status == PASSED else listing)
        results.append(await check_command(project, ["go", "vet", "./..."], root=root))
    return results


def _has_code(text: str, path: str) -> bool:
    parts = split(text, path)
    return parts is not None and re.search(r"\bfunc\b", parts.code) is not None


def _tested(project: Project, sources: tuple[str, ...], tests: Mapping[str, str]) -> set[str]:
    """A test touches every file of its package."""
    packages = {PurePosixPath(test).parent for test in tests if test.endswith("_test.go")}
    return {path for path in sources if PurePosixPath(path).parent in packages}


def _stubs(text: str, parts: Parts, lines: Collection[int]) -> Iterable[tuple[int, str]]:
    return matching(_STUB, text, parts, lines)


GO = Language(
    name=_NAME,
    extensions=(".go",),
    manifests=("go.mod",),
    needs_manifest=True,
    comments=comments.GO,
    tests=_tests,
    lint=_lint,
    imports=compiler(_NAME, "go.mod", ["go", "build", "./..."], ["go", "vet", "./..."]),
    offered=offered,
    has_code=_has_code,
    tested=_tested,
    stubs=_stubs,
)
