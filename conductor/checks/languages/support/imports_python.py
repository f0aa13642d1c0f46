"""Resolves the imports of changed Python files with the project's own interpreter."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from conductor.checks.command import find, missing, unfinished
from conductor.checks.languages.support import resolve_imports
from conductor.checks.project import Project
from conductor.checks.site import FAILED, UNAVAILABLE, Result, listed, one_line
from conductor.checks.toolchains import is_test
from conductor.process.ending import interrupted

_ANSWER_LIMIT = 4_000_000  # bytes


async def check_python(project: Project, changed: tuple[str, ...]) -> Result:
    """Resolve each import of the changed files with `resolve_imports`, in a separate process."""
    if find(project, project.python) is None:
        return missing(project.python)
    asked = {
        "top": str(project.site.path),
        "repository": str(project.site.repository),
        "roots": source_roots(project),
        "test_roots": _test_roots(project),
        "files": [[path, is_test(path)] for path in changed],
    }
    words = [project.python, str(Path(resolve_imports.__file__).resolve())]
    finished = await project.run(words, stdin=json.dumps(asked), output_limit=_ANSWER_LIMIT, sources=False)
    command = f"{project.python} resolve_imports.py"
    if finished.timed_out:
        return Result(FAILED, "imports: ended by the time limit", command, None, finished.duration_ms, finished.output)
    if why := interrupted(finished):
        return unfinished(why, command, finished)
    answer = finished.output.rpartition(resolve_imports.RESULT)[2]
    try:
        problems = [f"{path}:{line}: {what}" for path, line, what in json.loads(answer)]
    except ValueError:
        summary = one_line(f"{project.python} cannot resolve imports (Python 3.8 or later is needed)")
        return Result(UNAVAILABLE, summary, command, finished.exit_code, finished.duration_ms, finished.output[:20_000])
    result = listed(
        problems,
        f"imports of {len(changed)} Python files resolve",
        f"{len(problems)} broken Python imports: {'; '.join(problems[:3])}",
    )
    return Result(result.status, result.summary, command, finished.exit_code, finished.duration_ms, result.output)


def _test_roots(project: Project) -> list[str]:
    """pytest adds the folder of every test module outside a package to the search path, for all modules."""
    folders = {PurePosixPath(file).parent for file in project.files if file.endswith(".py") and is_test(file)}
    return sorted(str(folder) for folder in folders if str(folder / "__init__.py") not in project.files)


def source_roots(project: Project) -> list[str]:
    """Folders on the search path when the project runs: the tops, src/, and those named in pyproject.toml."""
    roots: list[str] = []
    for top in project.roots("python") or [""]:
        roots += [str(PurePosixPath(top, folder)) for folder in (".", "src")]
        named = _named(project.pyproject(top))
        roots += [str(PurePosixPath(top, folder)) for folder in named if not folder.startswith("/")]
    return list(dict.fromkeys(roots))


def _named(manifest: dict[str, Any]) -> list[str]:
    """The package folders of setuptools, hatch, poetry, pdm and pytest. Any value may have the wrong type."""
    tool = manifest.get("tool")
    found = [
        *_strings(_at(tool, "setuptools", "packages", "find", "where")),
        *_strings(_at(tool, "setuptools", "package-dir", "")),
        *_strings(_at(tool, "pdm", "build", "package-dir")),
        *_strings(_at(tool, "pytest", "ini_options", "pythonpath")),
        *_strings(_at(tool, "hatch", "build", "targets", "wheel", "sources")),
    ]
    packages = _strings(_at(tool, "hatch", "build", "targets", "wheel", "packages"))
    found += [str(PurePosixPath(package).parent) for package in packages]
    poetry = _at(tool, "poetry", "packages")
    return found + [folder for entry in poetry if (folder := _at(entry, "from"))] if isinstance(poetry, list) else found


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]
