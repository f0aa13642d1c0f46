"""`files`: what a phase was to create is in the tree and not empty."""

from __future__ import annotations

import fnmatch
from pathlib import PurePosixPath

from conductor.checks.project import Project
from conductor.checks.site import NOT_APPLICABLE, Result, listed
from conductor.events import CheckSpec

_MAY_BE_EMPTY = frozenset(["__init__.py", "__init__.pyi", "conftest.py", "py.typed", ".gitkeep", ".keep", ".nojekyll"])
_SMALL = 1024  # bytes; a larger file holds more than blank lines


def check_files(spec: CheckSpec, project: Project) -> Result:
    """Each of the spec's paths (file, folder, or glob where ** spans folders) must name a tracked file with content."""
    if not spec.paths:
        return Result(NOT_APPLICABLE, "no files are named")
    problems = [f"{path}: {why}" for path in spec.paths if (why := _missing(path, project))]
    count = len(spec.paths)
    return listed(
        problems,
        f"{'the file is' if count == 1 else f'all {count} files are'} there",
        f"{len(problems)} of {count} files missing: {', '.join(problem.split(':')[0] for problem in problems)}",
    )


def _missing(path: str, project: Project) -> str | None:
    wanted = PurePosixPath(path)
    if wanted.is_absolute() or ".." in wanted.parts:
        return "leaves the tree"
    found = [file for file in project.files if _matches(PurePosixPath(file).parts, wanted.parts)]
    if not found:
        return "missing"
    whys = {_lacking(file, project) for file in found}
    return None if None in whys else " or ".join(sorted(why for why in whys if why))


def _lacking(file: str, project: Project) -> str | None:
    real = project.locate(file)
    if real is None:
        return "not a regular file inside the tree"
    try:
        size = real.stat().st_size
        blank = size == 0 or (size <= _SMALL and not real.read_bytes().strip())
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "empty" if blank and PurePosixPath(file).name not in _MAY_BE_EMPTY else None


def _matches(names: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a path matches the pattern or is below a match. A part may also be literal: `app/[id]`."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_matches(names[skipped:], pattern[1:]) for skipped in range(len(names) + 1))
    same = bool(names) and (names[0] == pattern[0] or fnmatch.fnmatchcase(names[0], pattern[0]))
    return same and _matches(names[1:], pattern[1:])
