"""`lint`: the project's own linter, on what changed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

import pytest

from conductor.checks.site import FAILED, NOT_APPLICABLE, PASSED, UNAVAILABLE
from conductor.config.settings import Commands, Settings
from tests.checks.ground import Ground

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


def test_no_linter_configured(ground: Ground) -> None:
    ground.commit({"a.py": "import os\n", "pyproject.toml": "[project]\nname = 'a'\n", "a.js": "let a\n"})
    assert ground.check("lint").status == NOT_APPLICABLE


@pytest.mark.parametrize("config", [{"ruff.toml": ""}, {"pyproject.toml": "[tool.ruff.lint]\nselect = ['F']\n"}])
def test_ruff_on_changed_files_only(ground: Ground, config: dict[str, str]) -> None:
    ground.settings = Settings(python=sys.executable)
    ground.base({"old.py": "import os\n", **config})
    ground.commit({"notes.md": "hi\n"})
    assert ground.check("lint").status == NOT_APPLICABLE
    ground.commit({"new.py": "x = 1\n"})
    assert ground.check("lint").status == PASSED
    ground.commit({"new.py": "import os\n", "-dash.py": "x = 1\n"})
    result = ground.check("lint")
    assert (result.status, result.exit_code) == (FAILED, 1)
    assert "new.py" in result.output
    assert "old.py" not in result.output


def test_a_command_of_conductor_toml_overrides(ground: Ground) -> None:
    ground.settings = Settings(commands=Commands(lint="echo mine"))
    ground.commit({"a.py": "x = 1\n"})
    assert ground.check("lint").output == "mine\n"


@needs_npm
def test_the_lint_script_of_package_json(ground: Ground) -> None:
    ground.commit({"package.json": '{"scripts": {"lint": "echo linted; exit 2"}}', "a.js": "let a\n"})
    result = ground.check("lint")
    assert (result.status, result.exit_code, result.output) == (FAILED, 2, "linted\n")


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        ({"ruff.toml": "", "a.py": "x = 1\n"}, "ruff"),
        ({"setup.cfg": "[flake8]\nmax-line-length = 100\n", "a.py": "x = 1\n"}, "flake8"),
        ({".pylintrc": "", "a.py": "x = 1\n"}, "pylint"),
        ({"package.json": '{"scripts": {"lint": "x"}}', "a.ts": "let a\n"}, "npm"),
        ({"package.json": "{}", "eslint.config.js": "", "a.ts": "let a\n"}, "eslint"),
        ({"go.mod": "module m\n", "a.go": "package m\n"}, "go"),
        ({"Cargo.toml": "[package]\n", "clippy.toml": "", "src/lib.rs": "fn f() {}\n"}, "cargo"),
        ({"Cargo.toml": "[package]\n", "rustfmt.toml": "", "src/lib.rs": "fn f() {}\n"}, "cargo"),
    ],
)
def test_a_configured_linter_that_is_not_installed(
    ground: Ground, only_path: Callable[..., None], files: dict[str, str], tool: str
) -> None:
    ground.commit(files)
    only_path("python3")
    result = ground.check("lint")
    assert result.status == UNAVAILABLE
    assert result.summary.startswith(f"{tool} is not installed: ")
