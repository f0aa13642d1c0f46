"""Python, with the project's own interpreter and the tools installed beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath

from conductor.checks import comments
from conductor.checks.command import check_command, check_paths, find, missing, unfinished
from conductor.checks.comments import Parts
from conductor.checks.languages.language import Language
from conductor.checks.languages.support import interfaces_python, stubs_python
from conductor.checks.languages.support.imports_python import check_python
from conductor.checks.languages.support.source_python import parse_python
from conductor.checks.languages.support.touched_python import touched
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result
from conductor.checks.toolchains import is_test, is_vendored
from conductor.process.ending import interrupted
from conductor.process.run import Finished, run

_NAME = "python"
# (command, files whose presence configures it, (file, section header) that configure it)
_LINTERS: tuple[tuple[list[str], tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (
        ["ruff", "check", "--no-cache", "--force-exclude"],
        ("ruff.toml", ".ruff.toml"),
        (("pyproject.toml", "[tool.ruff"),),
    ),
    (["flake8"], (".flake8",), (("setup.cfg", "[flake8"), ("tox.ini", "[flake8"))),
    (["pylint"], (".pylintrc", "pylintrc"), (("pyproject.toml", "[tool.pylint"), ("setup.cfg", "[pylint"))),
)
_CODE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.Try, ast.Call
)  # fmt: skip


async def _tests(project: Project, root: str) -> Result:
    if not any(is_test(file) and file.endswith(".py") for file in project.files):
        return Result(NOT_APPLICABLE, "the project has no Python tests")
    if find(project, project.python) is None:
        return missing(project.python)
    asked = await _asked_for_pytest(project)
    if why := interrupted(asked):
        return unfinished(why, f"{project.python} -c 'import pytest'", asked)
    if asked.exit_code == 0:
        return await check_command(project, [project.python, "-m", "pytest"], root=root, runs_tests=True)
    if _wants_pytest(project, root):
        return missing("pytest", f"{project.python} -m pytest")
    words = [project.python, "-m", "unittest", "discover"]
    for folder in ("tests", "test"):
        prefix = str(PurePosixPath(root, folder))
        if any(file.startswith(prefix + "/") for file in project.files):
            words += ["-s", folder, *(["-t", "."] if f"{prefix}/__init__.py" in project.files else [])]
            break
    return await check_command(project, words, root=root, runs_tests=True)


async def _asked_for_pytest(project: Project) -> Finished:
    """Run outside the tree, so that a pytest.py of the project is not mistaken for it. Exit 0: it is installed."""
    environment = {name: value for name, value in project.environment.items() if name != "PYTHONPATH"}
    return await run(
        [project.python, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('pytest') is None)"],
        cwd=Path("/"),
        timeout=project.site.settings.check_timeout,
        env=environment,
        note=project.site.note,
    )


def _wants_pytest(project: Project, root: str) -> bool:
    if any(
        PurePosixPath(file).name in ("conftest.py", "pytest.ini") and not is_vendored(file) for file in project.files
    ):
        return True
    tool = project.pyproject(root).get("tool")
    return isinstance(tool, dict) and "pytest" in tool


async def _lint(project: Project, changed: tuple[str, ...]) -> list[Result]:
    results = []
    tops = ["", *project.roots(_NAME)]
    for words, files, sections in _LINTERS:
        configured = any(str(PurePosixPath(top, file)) in project.files for top in tops for file in files)
        if configured or any(_has(project, str(PurePosixPath(top, file)), s) for top in tops for file, s in sections):
            results.append(await check_paths(project, words, changed))
    return results


def _has(project: Project, path: str, section: str) -> bool:
    text = project.read(path) if path in project.files else None
    return text is not None and any(line.strip().startswith(section) for line in text.splitlines())


def _has_code(text: str, path: str) -> bool:
    tree = parse_python(text)
    return tree is None or any(isinstance(node, _CODE) for node in ast.walk(tree))


def _tested(project: Project, sources: tuple[str, ...], tests: Mapping[str, str]) -> set[str]:
    """Files whose modules the tests import or mention, and those that a test of any language mentions by file name."""
    own = {path: text for path, text in tests.items() if PYTHON.owns(path)}
    named = (path for path in sources if _is_named(PurePosixPath(path).name, tests))
    return touched(project, own) | {*named}


def _is_named(name: str, tests: Mapping[str, str]) -> bool:
    pattern = rf"(?<![\w-]){re.escape(name)}\b"
    return any(re.search(pattern, text) for text in tests.values())


def _stubs(text: str, parts: Parts, lines: Collection[int]) -> Iterable[tuple[int, str]]:
    return stubs_python.stubs(text, lines)


PYTHON = Language(
    name=_NAME,
    extensions=(".py",),
    manifests=("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "tox.ini"),
    comments=comments.HASH,
    tests=_tests,
    lint=_lint,
    imports=check_python,
    between=interfaces_python.between,
    offered=interfaces_python.offered,
    has_code=_has_code,
    tested=_tested,
    stubs=_stubs,
)
