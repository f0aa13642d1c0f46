"""`tested`: a test imports or mentions each source file that a phase added or changed. It cannot tell how well the file
is tested."""

from __future__ import annotations

import re

from conductor.checks.languages.language import Language
from conductor.checks.languages.registry import language_of, registered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, listed
from conductor.checks.toolchains import is_test, is_vendored
from conductor.events import CheckSpec

_CONFIGURATION = re.compile(
    r"(^|/)(setup|noxfile|manage|conf)\.py$|(^|/)(migrations|alembic)/|\.config\.[cm]?[jt]s$|(^|/)\.[^/]+\.[cm]?js$"
    r"|\.d\.[cm]?ts$|(^|/)(gulpfile|Gruntfile)\.js$|(^|/)build\.rs$"
)


def check_tested(spec: CheckSpec, project: Project) -> Result:
    """List the source files with code that no test of the tree touches."""
    sources = {language.name: _sources(project, language) for language in registered().languages}
    count = sum(map(len, sources.values()))
    if not count:
        return Result(NOT_APPLICABLE, "no source file with code changed")
    tests = {
        path: text
        for path in project.files
        if is_test(path) and language_of(path) and not is_vendored(path) and (text := project.read(path)) is not None
    }
    untouched: set[str] = set()
    for language in registered().languages:
        if language.tested is not None and (own := sources[language.name]):
            untouched |= {*own}.difference(language.tested(project, own, tests))
    problems = [f"{path}: touched by no test" for _, path in project.site.changed if path in untouched]
    return listed(
        problems,
        f"all {count} source files touched by tests",
        f"{len(problems)} of {count} source files touched by no test",
    )


def _sources(project: Project, language: Language) -> tuple[str, ...]:
    """The changed files of a language that a test should touch; none if that cannot be determined."""
    if language.has_code is None or language.tested is None:
        return ()
    return tuple(
        path
        for path in project.changed(language.owns)
        if not is_test(path) and not _CONFIGURATION.search(path) and language.has_code(project.read(path) or "", path)
    )
