"""`tested`: each changed source file is touched by a test."""

from __future__ import annotations

import pytest

from conductor.checks.site import FAILED, NOT_APPLICABLE, PASSED
from tests.checks.ground import Ground

CODE = "def f():\n    return 1\n"


def untouched(ground: Ground) -> list[str]:
    result = ground.check("tested")
    assert result.status == (FAILED if result.output else PASSED)
    return [line.partition(":")[0] for line in result.output.splitlines()]


@pytest.mark.parametrize(
    "test",
    [
        "import pkg.users",
        "from pkg.users import f",
        "from pkg import users",
        "from pkg import f",
        "import importlib; importlib.import_module('pkg.users')",
        "mock.patch('pkg.users.f')",
        "run([python, 'src/pkg/users.py'])",
    ],
)
def test_python_files_are_touched_by_import_or_name(ground: Ground, test: str) -> None:
    ground.base({"src/pkg/__init__.py": "from .users import f\n"})
    ground.commit({"src/pkg/users.py": CODE, "src/pkg/orders.py": CODE, "tests/test_it.py": test + "\n"})
    assert untouched(ground) == ["src/pkg/orders.py"]
    assert ground.check("tested").summary == "1 of 2 source files touched by no test"


def test_an_import_of_the_package_alone_touches_not_all_of_it(ground: Ground) -> None:
    ground.commit(
        {
            "pkg/__init__.py": "from .users import f\nfrom .orders import g\n",
            "pkg/users.py": CODE,
            "pkg/orders.py": "def g():\n    return 1\n",
            "tests/test_it.py": "from pkg import g\n",
        }
    )
    assert untouched(ground) == ["pkg/users.py"]


def test_a_program_run_by_its_name(ground: Ground) -> None:
    ground.commit({"pkg/__main__.py": "print(1)\n", "tests/test_cli.py": "run([python, '-m', 'pkg'])\n"})
    assert untouched(ground) == []


def test_files_without_code_and_configuration_need_no_test(ground: Ground) -> None:
    ground.commit(
        {
            "pkg/__init__.py": '"""Doc."""\nfrom .a import b\n__version__ = "1"\n',
            "setup.py": "setup()\n",
            "vite.config.ts": "export default f({})\n",
            "types.d.ts": "declare function f(): void\n",
            "src/shapes.ts": "// function\nexport interface A { b: string }\n",
            "node_modules/x/index.js": "function f() {}\n",
            "tests/test_a.py": CODE,
            "README.md": "hi\n",
        }
    )
    assert ground.check("tested").status == NOT_APPLICABLE


def test_javascript_files(ground: Ground) -> None:
    ground.commit(
        {
            "src/sum.ts": "export const sum = 1;\n",
            "src/lib/index.ts": "export * from './inner';\n",
            "src/lib/inner.ts": "export const inner = 1;\n",
            "src/aliased.ts": "export const a = 1;\n",
            "src/alone.ts": "export const a = 1;\n",
            "src/sum.test.ts": "import { sum } from './sum';\nimport { inner } from './lib';\nimport '@/aliased';\n",
        }
    )
    assert untouched(ground) == ["src/alone.ts"]


def test_go_and_rust_files(ground: Ground) -> None:
    ground.commit(
        {
            "a/a.go": "package a\nfunc F() {}\n",
            "a/a_test.go": "package a\n",
            "b/b.go": "package b\nfunc F() {}\n",
            "src/inline.rs": "fn f() {}\n#[cfg(test)]\nmod tests {}\n",
            "src/named.rs": "fn f() {}\n",
            "src/alone.rs": "fn f() {}\n",
            "tests/it.rs": "use crate_name::named::f;\n",
        }
    )
    assert untouched(ground) == ["b/b.go", "src/alone.rs"]


def test_unchanged_files_are_not_the_phases(ground: Ground) -> None:
    ground.base({"old.py": CODE})
    ground.commit({"new.py": CODE, "test_new.py": "import new\n"})
    assert untouched(ground) == []
