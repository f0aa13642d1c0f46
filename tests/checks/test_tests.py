"""`tests`: commands are run and judged; the suites are those the project would run itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.checks.site import FAILED, NOT_APPLICABLE, PASSED, UNAVAILABLE
from conductor.config.settings import Commands, Settings
from tests.checks.ground import Ground

UNITTEST = "import unittest\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(1, {})\n"
# What the interpreter of these tests has installed beside pytest takes its time to start.
PLAIN_PYTEST = '[tool.pytest.ini_options]\naddopts = "-p no:valkey -p no:hypothesispytest -p no:xdist"\n'
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def plain_python(ground: Ground, tmp_path: Path) -> None:
    """An interpreter without pytest: a virtual environment with nothing in it."""
    import venv

    venv.create(ground.repository / ".venv", symlinks=True)


def test_a_command_passes_by_its_exit_code(ground: Ground) -> None:
    ground.commit({"a.txt": "hello\n"})
    result = ground.check("tests", "cat a.txt")
    assert (result.status, result.exit_code, result.output) == (PASSED, 0, "hello\n")
    assert (result.command, result.summary) == ("cat a.txt", "cat a.txt: hello")
    result = ground.check("tests", "echo 2 failed; exit 1")
    assert (result.status, result.exit_code) == (FAILED, 1)
    assert "exit 1: 2 failed" in result.summary


def test_a_command_of_conductor_toml_comes_before_detection(ground: Ground) -> None:
    ground.settings = Settings(commands=Commands(test="echo from the settings"))
    ground.commit({"go.mod": "module m\n"})
    assert ground.check("tests").output == "from the settings\n"
    assert ground.check("tests", "echo from the phase").output == "from the phase\n"


def test_the_time_limit_is_a_failure_that_says_so(ground: Ground) -> None:
    ground.settings = Settings(check_timeout=0.3)
    ground.commit({"a": "1"})
    result = ground.check("tests", "echo begun; sleep 60")
    assert (result.status, result.exit_code, result.output) == (FAILED, None, "begun\n")
    assert "time limit of 0.3 s" in result.summary


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("no-such-tool-here --version", "no-such-tool-here"),
        ("exec no-such-tool-here", "no-such-tool-here"),
        ("sh -c 'no-such-tool-here'", "no-such-tool-here"),
        ("env no-such-tool-here", "no-such-tool-here"),
    ],
)
def test_a_missing_tool_is_unavailable_and_named(ground: Ground, command: str, tool: str) -> None:
    ground.commit({"a": "1"})
    result = ground.check("tests", command)
    assert result.status == UNAVAILABLE
    assert f"{tool} is not installed: install {tool}" in result.summary


@pytest.mark.parametrize(
    "command",
    ["exit 127", "exit 126", "./run-tests.sh", "./not-executable", "echo 'cat: not found'; exit 127", "nope || exit 1"],
)
def test_a_script_that_ends_like_a_missing_tool_is_a_failure(ground: Ground, command: str) -> None:
    ground.commit({"not-executable": "#!/bin/sh\n"})
    assert ground.check("tests", command).status == FAILED


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Ran 0 tests in 0.000s", FAILED),
        ("NO TESTS RAN", FAILED),
        ("===== no tests ran in 0.01s =====", FAILED),
        ("running 0 tests", FAILED),
        ("# tests 0", FAILED),
        ("?   \texample.com/m\t[no test files]", FAILED),
        ("running 0 tests\nrunning 3 tests", PASSED),
        ("Ran 0 tests in 0.000s\nRan 2 tests in 0.1s", PASSED),
        ("ok  \texample.com/m\t0.1s\n?   \texample.com/n\t[no test files]", PASSED),
        ("ok  \texample.com/m\t0.1s [no tests to run]", FAILED),
        ("all fine", PASSED),
    ],
)
def test_a_run_of_no_tests_is_no_pass(ground: Ground, said: str, status: str) -> None:
    ground.commit({"said": said})
    assert ground.check("tests", "cat said").status == status


def test_pytest_runs_the_worktree_and_not_what_is_installed(ground: Ground) -> None:
    ground.settings = Settings(python=sys.executable)
    test = "from pkg.mod import f\n\ndef test_f():\n    assert f() == 1\n"
    ground.commit(
        {"pyproject.toml": PLAIN_PYTEST, "src/pkg/__init__.py": "", "src/pkg/mod.py": "def f():\n    return 1\n"}
    )
    result = ground.check("tests")
    assert (result.status, result.summary) == (NOT_APPLICABLE, "the project has no Python tests")
    ground.commit({"tests/test_mod.py": test})
    result = ground.check("tests")
    assert (result.status, result.exit_code) == (PASSED, 0)
    assert "1 passed" in result.summary
    ground.commit({"src/pkg/mod.py": "def f():\n    return 2\n"})
    result = ground.check("tests")
    assert (result.status, result.exit_code) == (FAILED, 1)
    assert "assert 2 == 1" in result.output


@pytest.mark.parametrize("package", [True, False])
def test_unittest_where_there_is_no_pytest(ground: Ground, tmp_path: Path, package: bool) -> None:
    plain_python(ground, tmp_path)
    more = {"tests/__init__.py": ""} if package else {}
    ground.commit({"pkg.py": "x = 1\n", "tests/test_it.py": UNITTEST.format("1"), **more})
    result = ground.check("tests")
    assert result.status == PASSED, result.output
    assert "-m unittest discover -s tests" in result.command
    ground.commit({"tests/test_it.py": UNITTEST.format("2")})
    assert ground.check("tests").status == FAILED
    ground.commit({"tests/test_it.py": "def test_x():\n    assert False\n"})
    result = ground.check("tests")
    assert result.status == FAILED
    assert "no tests ran" in result.summary


def test_a_suite_for_pytest_without_pytest_is_unavailable(ground: Ground, tmp_path: Path) -> None:
    plain_python(ground, tmp_path)
    ground.commit({"tests/test_it.py": "def test_x(): pass\n", "pyproject.toml": "[tool.pytest.ini_options]\n"})
    result = ground.check("tests")
    assert result.status == UNAVAILABLE
    assert "pip install pytest" in result.summary


def test_an_interpreter_that_is_not_there_is_unavailable(ground: Ground) -> None:
    ground.settings = Settings(python="no/such/python")
    ground.commit({"a.py": "x = 1\n", "tests/test_a.py": "import a\n"})
    assert ground.check("tests").status == UNAVAILABLE
    assert ground.check("imports").status == UNAVAILABLE


@needs_node
def test_npm_test_and_the_users_node_modules(ground: Ground) -> None:
    (ground.repository / "node_modules/greet").mkdir(parents=True)
    (ground.repository / "node_modules/greet/index.js").write_text("export default 'hi';\n")
    (ground.repository / "node_modules/greet/package.json").write_text('{"type": "module", "main": "index.js"}')
    ground.commit(
        {
            "package.json": '{"type": "module", "scripts": {"test": "node run.js"}}',
            "run.js": "import greet from 'greet'; console.log(greet); process.exit(greet === 'hi' ? 0 : 1);\n",
        }
    )
    result = ground.check("tests")
    assert (result.status, result.command) == (PASSED, "npm test --silent"), result.output
    assert not (ground.path / "node_modules").is_symlink()
    assert (ground.repository / "node_modules/greet/index.js").exists()


@needs_node
def test_node_test_without_a_script(ground: Ground) -> None:
    passing = "const test = require('node:test');\ntest('a', () => {});\n"
    ground.commit({"package.json": "{}", "sum.test.js": passing})
    result = ground.check("tests")
    assert (result.status, result.command) == (PASSED, "node --test")
    ground.commit({"sum.test.js": "require('node:test')('a', () => { throw new Error('no'); });\n"})
    assert ground.check("tests").status == FAILED


def test_the_placeholder_of_npm_init_is_no_suite(ground: Ground) -> None:
    script = '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'
    ground.commit({"package.json": script, "index.js": "1\n"})
    assert ground.check("tests").status == NOT_APPLICABLE


@needs_node
def test_several_toolchains_one_after_the_other(ground: Ground) -> None:
    ground.settings = Settings(python=sys.executable)
    ground.commit(
        {
            "backend/pyproject.toml": PLAIN_PYTEST,
            "backend/test_a.py": "def test_a():\n    pass\n",
            "frontend/package.json": '{"scripts": {"test": "exit 4"}}',
        }
    )
    result = ground.check("tests")
    assert (result.status, result.exit_code) == (FAILED, 4)
    assert "1 passed" in result.output
    assert "cd backend && " in result.command
    assert "cd frontend && npm test" in result.command


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        ({"go.mod": "module m\n"}, "go"),
        ({"Cargo.toml": "[package]\n"}, "cargo"),
        ({"package.json": '{"scripts": {"test": "jest"}}'}, "npm"),
    ],
)
def test_toolchains_that_are_not_installed(
    ground: Ground, only_path: Callable[..., None], files: dict[str, str], tool: str
) -> None:
    ground.commit(files)
    only_path()
    result = ground.check("tests")
    assert result.status == UNAVAILABLE
    assert result.summary.startswith(f"{tool} is not installed: install ")


def test_nothing_known_is_not_applicable(ground: Ground) -> None:
    ground.commit({"README.md": "# hi\n"})
    assert ground.check("tests").status == NOT_APPLICABLE


def test_a_command_sees_no_secrets(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "s3cret")
    ground.commit({"a": "1"})
    assert "s3cret" not in ground.check("tests", "env").output
