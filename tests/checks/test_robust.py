"""A check never raises for what a project contains."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from conductor.checks import KINDS, run_check
from conductor.checks.languages.registry import recognise
from conductor.checks.site import SUMMARY_LIMIT
from conductor.checks.toolchains import Toolchain, is_test
from conductor.config.settings import Settings
from conductor.errors import UsageError, WorkspaceError
from conductor.events import CheckSpec
from tests.checks.ground import Files, Ground

NASTY: Files = {
    "binary.py": b"\x00\x01\x02" * 100,
    "latin.py": b"# caf\xe9 TODO\nx = 1\n",
    "bom.py": b"\xef\xbb\xbfimport os\n",
    "deep.py": "(" * 3000 + ")" * 3000,
    "chain.py": "x = " + "+".join(["1"] * 3000) + "\n",
    "minus.py": "x = " + "-" * 200_000 + "1\n",
    "huge.py": "x = 1  # TODO\n" * 150_000,
    "long.js": "let a = '" + "x" * 500_000,
    "imports.js": "import " * 50_000,
    "unclosed.ts": "/* never closed\n`${`",
    "unclosed.rs": 'r#"' * 500,
    "loop.py": Path("loop.py"),
    "outside.py": Path("/etc/passwd"),
    "dir/up": Path(".."),
    "package.json": '{"scripts": {"test": 7, "lint": []}, "dependencies": 3}',
    "tsconfig.json": "[" * 5000,
    "pyproject.toml": "a = " + "[" * 5000,
    "sub/pyproject.toml": "[[[",
    "setup.cfg": b"\xff\xfe",
    "weird name\n'\"; rm -rf ~.py": "import os\n",
    "tests/test_\N{SNOWMAN}.py": "from . import *\nfrom ...... import y\n",
    "go.mod": b"\xff",
}


@pytest.mark.parametrize("kind", ["files", "imports", "lint", "leftovers", "tested", "tests"])
def test_a_project_of_nasty_files(ground: Ground, kind: str) -> None:
    ground.settings = Settings(python=sys.executable, check_timeout=60)
    ground.commit(NASTY)
    result = ground.check(kind, paths=("**/*.py", "[", "**/**/x", "\N{SNOWMAN}", ""))
    assert result.status in ("passed", "failed", "not_applicable", "unavailable")
    assert len(result.summary) <= SUMMARY_LIMIT


NO_ONE_READS = ("a = " + "[" * 100_000, "a = " + "9" * 5_000, "tool = 3", "[tool]\npytest = nan")
ENDLESS = "a" + ".a" * 50_000 + " = 1"  # pytest itself would be at it for minutes


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("kind", "text"), [*((k, t) for k in ("imports", "tests") for t in NO_ONE_READS), ("imports", ENDLESS)]
)
def test_a_manifest_that_no_one_can_read_says_nothing(ground: Ground, kind: str, text: str) -> None:
    ground.settings = Settings(python=sys.executable, check_timeout=60)
    ground.commit({"pyproject.toml": text, "a.py": "import os\n", "test_a.py": "import a\n\ndef test_a():\n    pass\n"})
    assert ground.check(kind).status in ("passed", "failed", "not_applicable", "unavailable")


def test_an_unknown_kind_and_an_unreadable_tree_are_errors(ground: Ground) -> None:
    ground.commit({"a": "1"})
    site = ground.site()
    with pytest.raises(UsageError):
        asyncio.run(run_check(CheckSpec("k", "magic"), site))
    import msgspec

    for tree in ("0" * 40, "HEAD", "--help"):
        with pytest.raises(WorkspaceError):
            asyncio.run(run_check(CheckSpec("k", "files", paths=("a",)), msgspec.structs.replace(site, tree=tree)))


def test_toolchains_are_recognised_by_their_files() -> None:
    assert recognise(["a.py"]) == (Toolchain("python"),)
    assert recognise(["a.ts"]) == (Toolchain("javascript"),)
    assert recognise(["go.mod", "cmd/go.mod"]) == (Toolchain("go"),)
    assert recognise(["a.go", "a.rs", "README.md"]) == ()
    assert recognise(["back/pyproject.toml", "apps/web/package.json", "x/y/z/Cargo.toml", "vendor/go.mod"]) == (
        Toolchain("python", "back"),
        Toolchain("javascript", "apps/web"),
    )
    assert recognise(["Cargo.toml", "crates/a/Cargo.toml", "setup.py"]) == (Toolchain("python"), Toolchain("rust"))


def test_test_files_are_recognised_by_folder_or_name() -> None:
    tests = ["tests/a.py", "a/test/b.js", "test_a.py", "x/a_test.py", "a_test.go", "a.spec.tsx", "__tests__/a.js"]
    assert all(map(is_test, tests))
    assert not any(map(is_test, ["testing.py", "contest.py", "latest/a.py", "a.test.md", "src/spectrum.ts"]))


def test_every_kind_is_known() -> None:
    assert set(KINDS) == {"files", "tests", "imports", "interfaces", "lint", "leftovers", "tested"}
