"""Runs the tests on each version of Python that pyproject.toml promises and this machine has, for `make test-pythons`.

Each gets a virtual environment of its own below .venvs/. A version that is not installed is skipped, and said to be.
Needs nothing but the standard library.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.places import ROOT

EVERY_TEST = ("-n", "auto", "-m", "not soak")
_FOUND = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2], sys.executable)"


def promised() -> list[str]:
    """The versions in the classifiers, such as `3.11`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line) for line in project["classifiers"])
    return [match[1] for match in found if match]


def installed(version: str, environ: Mapping[str, str]) -> str | None:
    """An interpreter that can make virtual environments. Those of pyenv and uv need not be on PATH."""
    for candidate in _candidates(version, environ):
        try:
            done = subprocess.run([candidate, "-c", _FOUND], capture_output=True, text=True)
        except OSError:  # it may not be run, or is none
            continue
        if done.returncode == 0 and done.stdout.startswith(f"{version} "):
            return done.stdout.partition(" ")[2].strip()
    return None


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    name = f"python{version}"
    for folder in filter(None, environ.get("PATH", os.defpath).split(os.pathsep)):
        yield Path(folder).absolute() / name
    home = Path(environ.get("HOME") or "/")
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    for versions, pattern in (
        (pyenv / "versions", f"{version}.*"),
        (home / ".local" / "share" / "uv" / "python", f"cpython-{version}.*"),
    ):
        try:
            yield from sorted(versions.glob(f"{pattern}/bin/{name}"), reverse=True)
        except OSError:  # a folder that nobody else may read
            continue


def prepared(version: str, python: str) -> Path:
    """The virtual environment's own interpreter, with the project and what its tests need, as of pyproject.toml."""
    folder = ROOT / ".venvs" / version
    stamp = folder / "installed-dev"
    if not stamp.exists() or stamp.stat().st_mtime < (ROOT / "pyproject.toml").stat().st_mtime:
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--editable", ".[dev]"], cwd=ROOT, check=True)
        stamp.touch()
    return folder / "bin" / "python"


def tested(python: Path, options: list[str]) -> tuple[int, str]:
    """Pytest's exit code and closing line; what it prints is passed on as it comes."""
    last = ""
    command = [str(python), "-m", "pytest", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as running:
        assert running.stdout
        for line in running.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return running.returncode, last


def main(options: list[str]) -> int:
    """0: every version that is installed passed, and there was one."""
    results: list[tuple[str, int | None, str]] = []
    code: int | None
    for version in promised():
        python = installed(version, os.environ)
        if python is None:
            results.append((version, None, "skipped: it is not installed, or not with venv and ensurepip"))
            continue
        print(f"\n==== Python {version}: {python}", flush=True)
        try:
            code, said = tested(prepared(version, python), options or list(EVERY_TEST))
        except subprocess.CalledProcessError as error:
            code, said = 1, f"could not be prepared: {' '.join(error.cmd)} ended with {error.returncode}"
        results.append((version, code, said))
    print()
    for version, code, said in results:
        print(f"Python {version}: {'' if not code else 'FAILED: '}{said}")
    codes = [code for _, code, _ in results if code is not None]
    if not codes:
        print("No promised version of Python was found.")
    return int(not codes or any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
