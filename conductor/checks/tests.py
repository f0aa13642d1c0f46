"""`tests`: a phase's own command, or the project's whole suite as its toolchains would run it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath

from conductor.checks.command import check_command, find, missing, unfinished
from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, combined
from conductor.checks.toolchains import is_test, is_vendored
from conductor.events import CheckSpec
from conductor.process.ending import interrupted
from conductor.process.run import Finished, run

_PLACEHOLDER = "no test specified"  # what `npm init` writes


async def check_tests(spec: CheckSpec, project: Project) -> Result:
    """The spec's command, else the one in conductor.toml, else the suite of every toolchain, one after the other."""
    command = spec.command or project.site.settings.commands.test
    if command is not None:
        return await check_command(project, command, runs_tests=True)
    results = [await _SUITES[toolchain.language](project, toolchain.root) for toolchain in project.toolchains]
    if not results:
        return Result(NOT_APPLICABLE, "no test suite found: set commands.test in conductor.toml")
    return combined(results)


async def _python(project: Project, root: str) -> Result:
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
    """Asked from outside the tree, so that a pytest.py of the project is not mistaken for it. Exit 0: it is there."""
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


async def _javascript(project: Project, root: str) -> Result:
    script = npm_script(project, root, "test")
    if script is not None and _PLACEHOLDER not in script:
        if find(project, "npm") is None:
            return missing("npm", "npm test")
        return await check_command(project, ["npm", "test", "--silent"], root=root, runs_tests=True)
    suffixes = (".js", ".mjs", ".cjs")
    if script is not None or not any(is_test(file) and file.endswith(suffixes) for file in project.files):
        return Result(NOT_APPLICABLE, "package.json names no tests")
    if find(project, "node") is None:
        return missing("node", "node --test")
    return await check_command(project, ["node", "--test"], root=root, runs_tests=True)


def npm_script(project: Project, root: str, name: str) -> str | None:
    """A script of package.json; None when there is none, or no readable package.json."""
    try:
        manifest = json.loads(project.read(str(PurePosixPath(root, "package.json"))) or "{}")
        script = manifest["scripts"][name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return script if isinstance(script, str) else None


async def _go(project: Project, root: str) -> Result:
    if find(project, "go") is None:
        return missing("go", "go test ./...")
    return await check_command(project, ["go", "test", "./..."], root=root, runs_tests=True)


async def _rust(project: Project, root: str) -> Result:
    if find(project, "cargo") is None:
        return missing("cargo", "cargo test")
    return await check_command(project, ["cargo", "test"], root=root, runs_tests=True)


_SUITES: dict[str, Callable[[Project, str], Awaitable[Result]]] = {
    "python": _python,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
}
