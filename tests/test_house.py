"""The tests' own house: one package, whose modules are imported by their full names; no folder is put before others."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.support.places import ROOT

TESTS = ROOT / "tests"
PACKAGES = ("conductor", "projections", "replay")
MAX_FILES = 16
MAX_LINES = 350


def modules() -> list[Path]:
    return sorted(TESTS.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_every_folder_of_modules_is_a_package() -> None:
    assert {path.parent for path in modules() if not (path.parent / "__init__.py").exists()} == set()


def test_nothing_touches_the_search_path() -> None:
    """What is imported is found by where it stands, whichever test runs first and from wherever."""
    touching = re.compile(r"sys\.path\b|\bsite\.addsitedir\b|from sys import .*\bpath\b|syspath_prepend")
    touched = [path for path in modules() if path != Path(__file__) and touching.search(path.read_text("utf-8"))]
    assert touched == []
    assert "pythonpath" not in (ROOT / "pyproject.toml").read_text("utf-8")


def test_modules_of_tests_are_imported_by_their_full_names() -> None:
    known = sys.stdlib_module_names | packages_distributions().keys() | {*PACKAGES, "tests"}
    bare = [f"{path} imports {name}" for path in modules() for name in imports(path) if name.split(".")[0] not in known]
    assert bare == []


def test_nothing_is_imported_from_a_conftest() -> None:
    assert [path for path in modules() if any(name.endswith("conftest") for name in imports(path))] == []


def test_a_folder_can_be_seen_at_once() -> None:
    counts = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(folder): n for folder, n in counts.items() if n > MAX_FILES} == {}


def test_no_file_is_longer_than_one_can_read_at_once() -> None:
    assert {str(path): n for path in modules() if (n := len(path.read_text("utf-8").splitlines())) > MAX_LINES} == {}
