"""`interfaces`: what one part imports from another by name is there."""

from __future__ import annotations

import asyncio

import pytest

from conductor.checks import Result, run_check
from conductor.events import CheckSpec
from tests.checks.ground import Files, Ground


def between(ground: Ground, one: Files, other: Files, both: Files | None = None) -> Result:
    """The check, with the files of two parts."""
    ground.commit({**one, **other, **(both or {})})
    parts = {"one": tuple(one), "other": tuple(other)}
    return asyncio.run(run_check(CheckSpec("interfaces", "interfaces", parts=parts), ground.site()))


THERE = "def foo():\n    pass\n\n\nBAR = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "from a.x import foo, BAR\n",
        "from a import x\n\nx.foo()\n",
        "import a.x\n\na.x.foo()\n",
        "import a.x as ax\n\nax.BAR\n",
        "try:\n    from a.x import gone\nexcept ImportError:\n    gone = None\n",
        "from a.x import *\n",
        "import a.x\n\n\ndef f(a):\n    return a.x.gone\n",
    ],
)
def test_python_that_fits(ground: Ground, text: str) -> None:
    result = between(ground, {"a/__init__.py": "", "a/x.py": THERE}, {"b.py": text})
    assert result.status in ("passed", "not_applicable"), result.output


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("\nfrom a.x import foo, gone\n", "b.py:2: a.x (a/x.py, of one) has no name gone"),
        ("import a.x\n\na.x.gone()\n", "b.py:3: a.x (a/x.py, of one) has no name gone"),
        ("import a.x as ax\nprint(ax.gone)\n", "b.py:2: a.x (a/x.py, of one) has no name gone"),
        ("from a import gone\n", "b.py:1: a (a/__init__.py, of one) has no name gone"),
    ],
)
def test_python_that_does_not(ground: Ground, text: str, where: str) -> None:
    result = between(ground, {"a/__init__.py": "", "a/x.py": THERE}, {"b.py": text})
    assert result.status == "failed"
    assert result.output.splitlines() == [where]


def test_relative_imports_and_source_folders(ground: Ground) -> None:
    one: Files = {"src/p/__init__.py": "", "src/p/x.py": THERE}
    result = between(ground, one, {"src/p/y.py": "from .x import foo, gone\n", "src/q.py": "from p.x import lost\n"})
    assert [line.split(":")[:2] for line in result.output.splitlines()] == [["src/p/y.py", "1"], ["src/q.py", "1"]]


def test_within_a_part_and_outside_of_parts_nothing_is_asked(ground: Ground) -> None:
    ground.base({"old.py": "OLD = 1\n"})
    one: Files = {"a.py": "X = 1\n", "b.py": "from a import gone\nfrom old import lost\n"}
    assert between(ground, one, {"c.py": "Y = 1\n"}).status == "not_applicable"


def test_names_that_only_running_the_file_would_tell_are_not_complained_about(ground: Ground) -> None:
    one: Files = {"a.py": "globals()['x'] = 1\n", "broken.py": "def (:\n"}
    assert between(ground, one, {"b.py": "from a import x\nfrom broken import y\n"}).status == "passed"


@pytest.mark.parametrize(
    ("there", "here", "broken"),
    [
        ("export function foo() {}\nexport class C {}\n", "import { foo, C as D } from './x'\n", []),
        ("const a = 1\nexport { a as b }\nexport default a\n", "import a, { b } from './x.js'\n", []),
        ("export interface I {}\nexport type T = I\nexport enum E { A }\n", "import type { I, T } from './x'\n", []),
        ("export const a = 1\n", "import { a } from './x'\nimport * as all from './x'\nimport './x'\n", []),
        ("export * from './y'\n", "import { anything } from './x'\n", []),
        ("module.exports = { a: 1 }\n", "import { a } from './x'\n", []),
        ("export const { p, q } = f()\n", "import { p } from './x'\n", []),
        ("export const bar = 1, baz = 2\n", "import { baz } from './x'\n", []),
        (
            "export function foo() {}\n",
            "\nimport { foo, gone } from './x'\n",
            ["b.ts:2: ./x (x.ts, of one) does not export gone"],
        ),
        ("export const a = 1\n", "import x from './x'\n", ["b.ts:1: ./x (x.ts, of one) does not export default"]),
        ("const a = 1\n", "export { a } from './x'\n", ["b.ts:1: ./x (x.ts, of one) does not export a"]),
        ("// export const a = 1\n", "import {\n  a,\n} from './x'\n", ["b.ts:1: ./x (x.ts, of one) does not export a"]),
        ("export const a = 1\n", "// import { gone } from './x'\n", []),
    ],
)
def test_typescript(ground: Ground, there: str, here: str, broken: list[str]) -> None:
    one: Files = {"x.ts": there}
    other: Files = {"b.ts": here}
    result = between(ground, one, other)
    assert result.output.splitlines() == broken
    assert (result.status == "failed") is bool(broken)


def test_a_file_that_both_wrote_is_the_first_ones(ground: Ground) -> None:
    ground.commit({"a.py": "X = 1\n", "b.py": "from a import gone\n"})
    parts: dict[str, tuple[str, ...]] = {"one": ("a.py", "b.py"), "other": ("b.py", "missing.py")}
    result = asyncio.run(run_check(CheckSpec("interfaces", "interfaces", parts=parts), ground.site()))
    assert result.status == "not_applicable"
