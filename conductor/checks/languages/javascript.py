"""JavaScript and TypeScript, with node, npm and the scripts of package.json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from conductor.checks import comments
from conductor.checks.command import check_command, check_paths, find, missing
from conductor.checks.comments import split
from conductor.checks.languages.language import Language
from conductor.checks.languages.support.imports_javascript import check_javascript
from conductor.checks.languages.support.interfaces_javascript import between
from conductor.checks.languages.support.modules_javascript import Modules, imports_of, open_modules
from conductor.checks.languages.support.offered_javascript import offered
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result
from conductor.checks.toolchains import is_test

_NAME = "javascript"
_EXTENSIONS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")
_RUN_BY_NODE = (".js", ".mjs", ".cjs")
_PLACEHOLDER = "no test specified"  # what `npm init` writes
_ESLINT = re.compile(r"(^|/)(\.eslintrc(\.\w+)?|eslint\.config\.[cm]?[jt]s)$")
_CODE = re.compile(r"\b(function|class|const|let|var|enum)\b|=>|\bmodule\.exports\b")
_HOPS = 5  # modules that only re-export


async def _tests(project: Project, root: str) -> Result:
    script = _script(project, root, "test")
    if script is not None and _PLACEHOLDER not in script:
        if find(project, "npm") is None:
            return missing("npm", "npm test")
        return await check_command(project, ["npm", "test", "--silent"], root=root, runs_tests=True)
    if script is not None or not any(is_test(file) and file.endswith(_RUN_BY_NODE) for file in project.files):
        return Result(NOT_APPLICABLE, "package.json names no tests")
    if find(project, "node") is None:
        return missing("node", "node --test")
    return await check_command(project, ["node", "--test"], root=root, runs_tests=True)


async def _lint(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    for root in project.roots(_NAME):
        if _script(project, root, "lint") is not None:
            found = find(project, "npm")
            words = ["npm", "run", "--silent", "lint"]
            results.append(await check_command(project, words, root=root) if found else missing("npm", "npm run lint"))
    if not results and any(_ESLINT.search(file) for file in project.files):
        results.append(await check_paths(project, ["eslint"], changed))
    return results


def _script(project: Project, root: str, name: str) -> str | None:
    """A script of package.json; None if it or a readable package.json is missing."""
    try:
        manifest = json.loads(project.read(str(PurePosixPath(root, "package.json"))) or "{}")
        script = manifest["scripts"][name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return script if isinstance(script, str) else None


def _has_code(text: str, path: str) -> bool:
    parts = split(text, path)
    return parts is not None and _CODE.search(parts.code) is not None


def _tested(project: Project, sources: tuple[str, ...], tests: Mapping[str, str]) -> set[str]:
    """Files that the tests import, or that a test mentions by path or name."""
    return _touched(project, tests) | {path for path in sources if _is_named(PurePosixPath(path), tests)}


def _touched(project: Project, tests: Mapping[str, str]) -> set[str]:
    """Files that the tests import, and what these import in turn if they only re-export it (index.ts)."""
    modules = open_modules(project)
    touched: set[str] = set()
    waiting = [path for path in tests if JAVASCRIPT.owns(path)]
    for _ in range(_HOPS):
        found = {file for path in waiting for file in _imported(project, modules, path)} - touched
        touched |= found
        waiting = [file for file in found if PurePosixPath(file).stem == "index" or is_test(file)]
    return touched


def _imported(project: Project, modules: Modules, path: str) -> list[str]:
    found = imports_of(project.read(path) or "", path)
    return [file for each in found or () if (file := modules.own_file(path, each.specifier)) is not None]


def _is_named(path: PurePosixPath, tests: Mapping[str, str]) -> bool:
    pattern = rf"(?<![\w-]){re.escape(path.name)}\b|[/\"'`]{re.escape(path.stem)}[\"'`]"
    return any(re.search(pattern, text) for text in tests.values())


JAVASCRIPT = Language(
    name=_NAME,
    extensions=_EXTENSIONS,
    manifests=("package.json",),
    comments=comments.JAVASCRIPT,
    tests=_tests,
    lint=_lint,
    imports=check_javascript,
    between=between,
    offered=offered,
    has_code=_has_code,
    tested=_tested,
)
