"""`imports`: what changed files import is there; the project's code is never run for that."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.checks.parsing.trees import LARGEST
from conductor.checks.site import FAILED, NOT_APPLICABLE, PASSED, UNAVAILABLE
from conductor.config.settings import Commands, Settings
from tests.checks.ground import Ground

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture
def python(ground: Ground) -> Ground:
    ground.settings = Settings(python=sys.executable)
    return ground


def problems(ground: Ground, status: str = FAILED) -> list[str]:
    result = ground.check("imports")
    assert result.status == status, result
    return result.output.splitlines()


GOOD = """
from __future__ import annotations
import os.path, sys, xml.etree.ElementTree
import json as j
import msgspec.json
import pkg, pkg.sub.deep
from collections.abc import Mapping
from pkg import VALUE, sub, helper, made_later
from pkg.sub import deep
from pkg.sub.deep import Deep, unpacked, walrus, looped, caught
from pkg.dynamic import anything
from pkg.star import whatever
from . import near, VALUE as again
from .near import near_value
from .sub.deep import Deep as Other
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from nowhere import Type
if sys.version_info < (3, 0):
    import urllib2
try:
    import not_there
except ImportError:
    import neither_there as not_there
try:
    import a_missing.thing
except (ValueError, ModuleNotFoundError):
    pass
import contextlib
with contextlib.suppress(ImportError):
    import optional_thing
"""
PACKAGE = {
    "src/pkg/__init__.py": "from .near import helper\nVALUE: int = 1\n"
    "def f():\n    global made_later\n    made_later = 1\n",
    "src/pkg/near.py": "near_value = 1\ndef helper(): return 1\n",
    "src/pkg/sub/__init__.py": "",
    "src/pkg/sub/deep.py": "class Deep: x = 1\na, (unpacked, *b) = 1, (2, 3)\n"
    "if (walrus := 1):\n    for looped in (): pass\n"
    "try:\n    caught = 1\nexcept ValueError as e:\n    pass\n",
    "src/pkg/dynamic.py": "def __getattr__(name): return name\n",
    "src/pkg/star.py": "from os.path import *\n",
}


def test_python_imports_that_resolve(python: Ground) -> None:
    python.base({**PACKAGE, "pyproject.toml": ""})
    python.commit({"src/pkg/good.py": GOOD})
    assert problems(python, PASSED) == []


def test_python_imports_that_do_not(python: Ground) -> None:
    python.base({**PACKAGE, "pyproject.toml": ""})
    lines = [
        "import no_such_thing",
        "import pkg.gone",
        "from pkg import missing",
        "from pkg.sub import Deep",
        "from . import nothing",
        "from .gone import x",
        "from ..beyond import x",
        "import xml.nope",
        "def later():\n    import hidden_in_a_function",
        "try:\n    import guarded_by_the_wrong_error\nexcept ValueError:\n    pass",
        "import near",
    ]
    python.commit({"src/pkg/bad.py": "\n".join(lines) + "\n"})
    assert problems(python) == [
        "src/pkg/bad.py:1: no module named no_such_thing",
        "src/pkg/bad.py:2: no module named pkg.gone",
        "src/pkg/bad.py:3: pkg has no name missing",
        "src/pkg/bad.py:4: pkg.sub has no name Deep",
        "src/pkg/bad.py:5: . has no name nothing",
        "src/pkg/bad.py:6: no module named .gone",
        "src/pkg/bad.py:7: relative import ..beyond goes beyond the top-level package",
        "src/pkg/bad.py:8: no module named xml.nope",
        "src/pkg/bad.py:10: no module named hidden_in_a_function",
        "src/pkg/bad.py:12: no module named guarded_by_the_wrong_error",
        "src/pkg/bad.py:15: no module named near",
    ]


def test_only_changed_files_are_looked_at(python: Ground) -> None:
    python.base({"old.py": "import no_such_thing\n", "gone.py": "x = 1\n"})
    python.commit({"README.md": "hi\n"})
    assert problems(python, NOT_APPLICABLE) == []
    python.commit({"new.py": "x = 1\n"}, remove=("gone.py",))
    assert problems(python, PASSED) == []


def test_the_projects_code_is_not_run(python: Ground, tmp_path: Path) -> None:
    bomb = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    python.commit(
        {
            "pkg/__init__.py": bomb,
            "pkg/mod.py": bomb + "x = 1\n",
            "sitecustomize.py": bomb,
            "json.py": bomb,
            "conftest.py": bomb,
            "use.py": "from pkg.mod import x\nimport pkg.mod\nimport json\n",
        }
    )
    assert problems(python, PASSED) == []
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content", ["def f(:\n", b"x = '\xff'\n", "x = 1\0\n", "(" * 5000, "<<<<<<< a\n", b"# coding: no-such\nx = 1\n"]
)
def test_a_file_python_cannot_read_fails(python: Ground, content: str | bytes) -> None:
    python.commit({"broken.py": content})
    assert problems(python)[0].startswith("broken.py:")


@pytest.mark.parametrize(
    "manifest",
    [
        '[tool.setuptools.packages.find]\nwhere = ["lib"]\n',
        '[tool.setuptools.package-dir]\n"" = "lib"\n',
        '[tool.hatch.build.targets.wheel]\npackages = ["lib/pkg"]\n',
        '[tool.poetry]\npackages = [{include = "pkg", from = "lib"}]\n',
        '[tool.pytest.ini_options]\npythonpath = "lib"\n',
    ],
)
def test_the_package_folders_of_pyproject(python: Ground, manifest: str) -> None:
    files = {"lib/pkg/__init__.py": "", "lib/pkg/a.py": "x = 1\n", "other/b.py": "from pkg.a import x\n"}
    python.commit({**files, "pyproject.toml": manifest})
    assert problems(python, PASSED) == []
    python.commit({"pyproject.toml": "tool = 3\n[[broken"})
    assert problems(python) == ["other/b.py:1: no module named pkg.a"]


def test_tests_find_their_neighbours(python: Ground) -> None:
    python.commit(
        {
            "tests/conftest.py": "",
            "tests/helpers.py": "def h(): return 1\n",
            "tests/unit/test_a.py": "from helpers import h\nimport beside\n",
            "tests/unit/beside.py": "",
            "tests/other/test_b.py": "import beside\n",
        }
    )
    assert problems(python, PASSED) == []


def test_what_is_installed_from_the_users_checkout_does_not_hide_what_the_worktree_lacks(python: Ground) -> None:
    (python.repository / "lib").mkdir()
    (python.repository / "lib/only_there.py").write_text("x = 1\n")
    environment = python.repository / ".venv"
    import venv

    venv.create(environment, symlinks=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "editable.pth").write_text(f"{python.repository / 'lib'}\n")
    (packages / "installed.py").write_text("")
    python.settings = Settings()
    python.commit({"a.py": "import installed\nimport only_there\n"})
    assert problems(python) == ["a.py:2: no module named only_there"]


def test_a_command_of_conductor_toml_overrides(ground: Ground) -> None:
    ground.settings = Settings(commands=Commands(imports="echo mine; exit 3"))
    ground.commit({"a.py": "x = 1\n"})
    assert ground.check("imports").output == "mine\n"


@needs_node
def test_javascript_imports(ground: Ground) -> None:
    ground.base(
        {
            "package.json": json.dumps({"name": "self", "dependencies": {"left": "1", "right": "1"}}),
            "tsconfig.json": "{ // aliases\n"
            ' "compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["src/lib/*"],},},}',
            "src/lib/util.ts": "export const u = 1;\n",
            "src/view/index.tsx": "export const v = 1;\n",
            "src/plain.js": "module.exports = 1;\n",
            "src/data.json": "{}",
        }
    )
    for package in ("left", "@scope/pkg", "@types/typed"):
        (ground.repository / "node_modules" / package).mkdir(parents=True)
    ground.commit(
        {
            "src/good.ts": "\n".join(
                [
                    "import { u } from './lib/util'",
                    "import {\n  v,\n} from './view'",
                    "import type { T } from './lib/util.js'",
                    "export * from './plain'",
                    "import data from './data.json'",
                    "import 'left'",
                    "import x from '@scope/pkg/deep/file'",
                    "import t from 'typed'",
                    "import fs from 'fs/promises'; import { test } from 'node:test'",
                    "import a from '@lib/util'; import b from '@/somewhere'; import c from '#internal'",
                    "import me from 'self/thing'",
                    "// import gone from './gone'",
                    "const s = \"import gone from './gone'\"",
                    "const t = `require('./gone')`",
                    "const late = await import('./plain')",
                ]
            ),
        }
    )
    assert problems(ground, PASSED) == []
    ground.commit(
        {
            "src/bad.ts": "import a from './nope'\nimport b from 'right'\nconst c = require('unknown')\n"
            "import d from '../../outside'\nexport { e } from '@lib/nope'\n"
        }
    )
    assert problems(ground) == [
        "src/bad.ts:1: no file ./nope",
        "src/bad.ts:2: no package right (declared but not installed)",
        "src/bad.ts:3: no package unknown (not installed)",
        "src/bad.ts:4: no file ../../outside",
        "src/bad.ts:5: no package @lib/nope (not installed)",
    ]


@needs_node
def test_javascript_syntax(ground: Ground) -> None:
    ground.commit(
        {
            "module.js": "import fs from 'fs';\nexport const a = 1;\n",
            "common.cjs": "const fs = require('fs');\n",
            "jsx.js": "export const a = <p>it's</p>;\n",
            "-dash.js": "let a = 1;\n",
        }
    )
    assert problems(ground, PASSED) == []
    ground.commit({"module.js": "import fs from 'fs';\nexport const = 1;\n", "common.cjs": "let a = ;\n"})
    found = problems(ground)
    assert [problem.partition(" ")[0] for problem in found] == ["common.cjs:1:", "module.js:2:"]
    assert all("SyntaxError" in problem for problem in found)


@needs_node
def test_packages_that_were_never_installed_are_unavailable(ground: Ground) -> None:
    ground.commit({"package.json": '{"dependencies": {"left": "1"}}', "a.ts": "import left from 'left'\n"})
    result = ground.check("imports")
    assert result.status == UNAVAILABLE
    assert "npm install (left)" in result.summary
    ground.commit({"a.ts": "import left from 'left'\nimport right from 'right'\n"})
    assert problems(ground) == ["a.ts:2: no package right (not installed)"]


@needs_node
def test_a_file_that_is_too_large_to_parse_is_named(ground: Ground) -> None:
    large = "import gone from './gone'\n" + "export const a = 1\n" * (LARGEST // 15)
    unread = "not read (too large, too slow to parse, or not text)"
    ground.commit({"a.ts": "export const a = 1\n", "large.ts": large})
    result = ground.check("imports")
    assert (result.status, result.output) == (PASSED, f"large.ts: {unread}\n")
    assert result.summary == f"imports of 1 JavaScript files resolve; 1 of 2 files {unread}: large.ts"
    ground.commit({"a.ts": "import gone from './gone'\n"})
    result = ground.check("imports")
    assert result.status == FAILED and "1 of 2 files not read" in result.summary
    assert result.output.splitlines() == ["a.ts:1: no file ./gone", f"large.ts: {unread}"]


@needs_node
@pytest.mark.parametrize(
    "text",
    ["export const a = 1\n" * (LARGEST // 15), "/* " * (LARGEST // 4), "let a = 1 // \0\n"],
    ids=["large", "slow", "binary"],
)
def test_where_no_file_could_be_read_nothing_has_passed(ground: Ground, text: str) -> None:
    ground.commit({"a.ts": text, "b.ts": text})
    result = ground.check("imports")
    unread = "2 of 2 files not read (too large, too slow to parse, or not text): a.ts, b.ts"
    assert (result.status, result.summary) == (UNAVAILABLE, f"no JavaScript imports were checked; {unread}")


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        ({"a.js": "let a = 1;\n"}, "node"),
        ({"go.mod": "module m\n", "a.go": "package m\n"}, "go"),
        ({"Cargo.toml": "[package]\n", "src/lib.rs": "fn f() {}\n"}, "cargo"),
    ],
)
def test_compilers_that_are_not_installed(
    ground: Ground, only_path: Callable[..., None], files: dict[str, str], tool: str
) -> None:
    ground.commit(files)
    only_path()
    result = ground.check("imports")
    assert result.status == UNAVAILABLE
    assert result.summary.startswith(f"{tool} is not installed: install ")


def test_go_without_a_module_fails(ground: Ground) -> None:
    ground.commit({"a.go": "package m\n"})
    assert ground.check("imports").status == FAILED
