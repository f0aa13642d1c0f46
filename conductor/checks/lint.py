"""`lint`: the project's own linter, as the project configured it, and no other."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath

from conductor.checks.command import check_command, find, missing
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, PASSED, Result, combined, listed
from conductor.checks.tests import npm_script
from conductor.checks.toolchains import EXTENSIONS
from conductor.events import CheckSpec

_ESLINT = re.compile(r"(^|/)(\.eslintrc(\.\w+)?|eslint\.config\.[cm]?[jt]s)$")
# (command, files whose presence configures it, (file, section header) that does)
_PYTHON: tuple[tuple[list[str], tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (
        ["ruff", "check", "--no-cache", "--force-exclude"],
        ("ruff.toml", ".ruff.toml"),
        (("pyproject.toml", "[tool.ruff"),),
    ),
    (["flake8"], (".flake8",), (("setup.cfg", "[flake8"), ("tox.ini", "[flake8"))),
    (["pylint"], (".pylintrc", "pylintrc"), (("pyproject.toml", "[tool.pylint"), ("setup.cfg", "[pylint"))),
)


async def check_lint(spec: CheckSpec, project: Project) -> Result:
    """The command of conductor.toml, else each configured linter of a language of which a source file changed.

    A linter that takes files gets the changed ones: what stood there before is not the phase's.
    """
    command = spec.command or project.site.settings.commands.lint
    if command is not None:
        return await check_command(project, command)
    results: list[Result] = []
    for language in EXTENSIONS:
        if changed := project.changed(language):
            results += await _LINTERS[language](project, changed)
    return combined(results) if results else Result(NOT_APPLICABLE, "no linter is configured for what changed")


async def _python(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    tops = ["", *project.roots("python")]
    for words, files, sections in _PYTHON:
        configured = any(str(PurePosixPath(top, file)) in project.files for top in tops for file in files)
        if configured or any(_has(project, str(PurePosixPath(top, file)), s) for top in tops for file, s in sections):
            results.append(await _tool(project, words, changed))
    return results


def _has(project: Project, path: str, section: str) -> bool:
    text = project.read(path) if path in project.files else None
    return text is not None and any(line.strip().startswith(section) for line in text.splitlines())


async def _javascript(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    for root in project.roots("javascript"):
        if npm_script(project, root, "lint") is not None:
            found = find(project, "npm")
            words = ["npm", "run", "--silent", "lint"]
            results.append(await check_command(project, words, root=root) if found else missing("npm", "npm run lint"))
    if not results and any(_ESLINT.search(file) for file in project.files):
        results.append(await _tool(project, ["eslint"], changed))
    return results


async def _tool(project: Project, words: list[str], paths: tuple[str, ...]) -> Result:
    if find(project, words[0]) is None:
        return missing(words[0], " ".join(words))
    return await check_command(project, [*words, *(f"./{path}" for path in paths)])


async def _go(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    for root in project.roots("go"):
        if find(project, "gofmt") is None or find(project, "go") is None:
            return [missing("go", "gofmt -l && go vet ./...")]
        listing = await check_command(project, ["gofmt", "-l", *(f"./{path}" for path in changed)])
        unformatted = listing.output.split() if listing.status == PASSED else []
        formatted = listed([f"{path}: not formatted (gofmt -w)" for path in unformatted], "formatted", "not gofmt'ed")
        results.append(formatted if listing.status == PASSED else listing)
        results.append(await check_command(project, ["go", "vet", "./..."], root=root))
    return results


async def _rust(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    for root in project.roots("rust"):
        for names, words, tool in (
            (("clippy.toml", ".clippy.toml"), ["cargo", "clippy", "--", "-D", "warnings"], "cargo-clippy"),
            (("rustfmt.toml", ".rustfmt.toml"), ["cargo", "fmt", "--check"], "rustfmt"),
        ):
            if any(str(PurePosixPath(root, name)) in project.files for name in names):
                absent = next((name for name in ("cargo", tool) if find(project, name) is None), None)
                ran = missing(absent, " ".join(words)) if absent else await check_command(project, words, root=root)
                results.append(ran)
    return results


_LINTERS: dict[str, Callable[[Project, tuple[str, ...]], Awaitable[list[Result]]]] = {
    "python": _python,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
}
