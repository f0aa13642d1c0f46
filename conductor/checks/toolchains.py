"""Classifies files by name, and finds the tools that a project is run with. It runs nothing."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from conductor.process.environment import scrubbed_environment

_VENDORED = re.compile(
    r"(^|/)(vendor|third_party|node_modules|\.venv|venv)/|\.min\.(js|css)$"
    r"|(^|/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|uv\.lock|poetry\.lock"
    r"|pdm\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock)$"
)
_TEST = re.compile(
    r"(^|/)(tests?|__tests__|specs?|e2e)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$|_test\.(go|rs)$"
    r"|\.(test|spec)\.[cm]?[jt]sx?$"
)

_HINTS = {
    "go": "install Go",
    "gofmt": "install Go",
    "cargo": "install Rust with rustup",
    "cargo-clippy": "rustup component add clippy",
    "rustfmt": "rustup component add rustfmt",
    "node": "install Node.js",
    "npm": "install Node.js, which includes npm",
    "npx": "install Node.js, which includes npx",
}
PYTHON_TOOLS = frozenset(
    ["pytest", "ruff", "flake8", "pylint", "mypy", "pyright", "black", "isort", "tox", "nox", "coverage", "bandit"]
)


class Toolchain(msgspec.Struct, frozen=True):
    """A language of the project and the folder its tools run in, relative to the top ("" is the top)."""

    language: str
    root: str = ""


def is_vendored(path: str) -> bool:
    """Whether the file is third-party or generated: vendored, minified, or a lock file."""
    return _VENDORED.search(path) is not None


def is_test(path: str) -> bool:
    """Whether the file belongs to the tests, by its folder or name."""
    return _TEST.search(path) is not None


def hint(tool: str) -> str:
    """How to install a tool that is missing."""
    if tool in PYTHON_TOOLS:
        return f"python -m pip install {tool}, into the project's environment"
    return _HINTS.get(tool, f"install {tool}, or name another command in conductor.toml")


def interpreter(path: Path, repository: Path, setting: str | None, search: str) -> str:
    """The project's Python: the setting (relative to the repository), a virtual environment, `search`, our own.

    A setting is returned as it is: if it does not exist, that must show.
    """
    if setting is not None:
        return str(repository / Path(setting).expanduser())
    for folder in (path / ".venv", repository / ".venv", path / "venv", repository / "venv"):
        candidate = folder / "bin" / "python"
        if os.access(candidate, os.X_OK):
            return str(candidate)
    return shutil.which("python3", path=search) or sys.executable


def environment(
    path: Path, repository: Path, python: str, roots: Iterable[str], environ: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a check's command: the project's own Python and Node tools first, and the worktree's sources.

    `roots` are the folders of its Python parts. PYTHONPATH takes precedence over an editable install in the user's
    environment: without it, the tests would import the user's checkout instead of the worktree.
    """
    environment = scrubbed_environment(environ)
    rest = environment.get("PATH", os.defpath)
    search = [str(folder / "node_modules" / ".bin") for folder in (path, repository)]
    home = Path(python).parent.parent / "pyvenv.cfg"
    if os.path.isfile(home):  # noqa: PTH113 (Path's raises where a folder may not be searched)
        environment["VIRTUAL_ENV"] = str(home.parent)
    if python != shutil.which("python3", path=rest):
        search.append(str(Path(python).parent))
    environment["PATH"] = os.pathsep.join([*search, rest])
    sources = [folder for root in dict.fromkeys(["", *roots]) for folder in (path / root / "src", path / root)]
    environment["PYTHONPATH"] = os.pathsep.join(str(folder) for folder in sources if os.path.isdir(folder))  # noqa: PTH112
    return environment
