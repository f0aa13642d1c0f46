"""`leftovers`: markers, stubs and conflict markers, in the lines a phase added and nowhere else."""

from __future__ import annotations

import pytest

from conductor.checks.site import FAILED, PASSED
from tests.checks.ground import Ground


def found(ground: Ground) -> list[str]:
    result = ground.check("leftovers")
    assert (result.status == FAILED) == bool(result.output)
    return result.output.splitlines()


@pytest.mark.parametrize(
    ("name", "line", "hit"),
    [
        ("a.py", "x = 1  # TODO: more", True),
        ("a.py", "x = '# TODO: more'", False),
        ("a.py", 'x = """\n# FIXME\n"""', False),
        ("a.py", "TODOS = 1  # the TODOLIST and XXX-XX-XXXX", False),
        ("a.py", "x = f'{1}'  # HACK", True),
        ("broken.py", "def f(:  # TODO later", True),
        ("a.js", "f('// TODO', /[\"'\\/]/, `// FIXME ${x}`) // XXX see", True),
        ("a.js", "f('// TODO', /[\"'\\/]/, `// FIXME ${x}`, 4 / 2 / 1)", False),
        ("a.ts", "/* one\n * TODO two */", True),
        ("a.tsx", "const a = <p>it's https://TODO.example</p>", False),
        ("a.rs", "fn f<'a>(x: &'a str) -> char { '\"' } // FIXME", True),
        ("a.rs", 'let s = r#"// TODO "quoted" "#;', False),
        ("a.go", "s := `// TODO`", False),
        ("a.go", "s := 1 // TODO", True),
        ("a.sh", 'echo "# TODO" a#TODO', False),
        ("a.sh", "echo 1 # TODO", True),
        ("a.yaml", "text: it's fine # FIXME", True),
        ("a.html", "<p>TODO</p> <!-- TODO -->", True),
        ("a.html", "<p>TODO, isn't it</p>", False),
        ("a.sql", "select 'TODO -- no' -- HACK", True),
        ("Dockerfile", "RUN x # TODO", True),
        ("README.md", "TODO: write <!-- TODO -->", False),
        ("notes.txt", "# TODO", False),
        ("vendor/a.go", "// TODO", False),
        ("web/node_modules/a.js", "// TODO", False),
        ("a.min.js", "// TODO", False),
    ],
)
def test_markers_in_comments(ground: Ground, name: str, line: str, hit: bool) -> None:
    ground.commit({name: line + "\n"})
    assert bool(found(ground)) is hit


def test_only_added_lines_count(ground: Ground) -> None:
    ground.base({"a.py": "# TODO old\n\n\ndef old():\n    pass\n"})
    ground.commit({"a.py": "# TODO old\nx = 1\n# FIXME new\n\n\ndef old():\n    pass\n"})
    assert found(ground) == ["a.py:3: FIXME in a comment: FIXME new"]


STUBS = '''
def only_pass():
    pass


async def only_dots(): ...


def only_docstring():
    """Will come."""


class A:
    def raises(self):
        """Later."""
        raise NotImplementedError("later")
'''


def test_python_stubs(ground: Ground) -> None:
    ground.commit({"a.py": STUBS})
    assert found(ground) == [
        "a.py:2: only_pass is a stub (pass)",
        "a.py:6: only_dots is a stub (...)",
        "a.py:9: only_docstring is a stub (only a docstring)",
        "a.py:14: raises is a stub (raise NotImplementedError)",
    ]


NOT_STUBS = '''
import abc
import typing
from abc import ABC, abstractmethod
from typing import Protocol, overload


class Wrong(Exception):
    """Body is only this."""


class Empty(Exception):
    pass


class P(Protocol):
    def member(self) -> int: ...


class G(typing.Protocol[int]):
    def member(self) -> int:
        """Says something."""


class Base(ABC):
    @abstractmethod
    def one(self): ...

    @abc.abstractmethod
    def two(self):
        """Says something."""

    def three(self):
        raise NotImplementedError


@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x):
    return x


@click.group()
def cli():
    """The commands."""


def quiet():
    """Does nothing on purpose."""
    return
'''


def test_what_python_leaves_empty_on_purpose(ground: Ground) -> None:
    ground.commit({"a.py": NOT_STUBS, "b.pyi": "def f() -> int: ...\n"})
    assert found(ground) == []


@pytest.mark.parametrize(
    ("name", "line", "hit"),
    [
        ("a.rs", "fn f() { todo!() }", True),
        ("a.rs", 'fn f() { unimplemented!("later") }', True),
        ("a.rs", 'fn f() { print("todo!()") }', False),
        ("a.go", 'panic("not implemented")', True),
        ("a.go", 'panic("index out of range")', False),
        ("a.js", "throw new Error('Not implemented')", True),
        ("a.ts", 'throw new TypeError("not yet implemented: x")', True),
        ("a.ts", "throw new Error('wrong')", False),
        ("a.ts", "const s = \"throw new Error('not implemented')\"", False),
        ("a.js", "// throw new Error('not implemented')", False),
    ],
)
def test_stubs_of_other_languages(ground: Ground, name: str, line: str, hit: bool) -> None:
    ground.commit({name: line + "\n"})
    assert bool(found(ground)) is hit


CONFLICT = "a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n"


@pytest.mark.parametrize("name", ["a.py", "README.md", "package-lock.json", "data.unknown"])
def test_conflict_markers_are_never_allowed(ground: Ground, name: str) -> None:
    ground.allows_stubs = True
    ground.commit({name: CONFLICT})
    assert found(ground) == [
        f"{name}:2: conflict marker <<<<<<<",
        f"{name}:4: conflict marker =======",
        f"{name}:6: conflict marker >>>>>>>",
    ]


def test_what_only_looks_like_a_conflict(ground: Ground) -> None:
    ground.commit({"a.md": "Title\n=======\n\n<<<<<<<< eight\n", "b.txt": " <<<<<<< a\n >>>>>>> b\n"})
    assert found(ground) == []


def test_a_phase_that_allows_stubs(ground: Ground) -> None:
    ground.allows_stubs = True
    ground.commit({"a.py": STUBS + "# TODO\n"})
    result = ground.check("leftovers")
    assert (result.status, result.summary) == (PASSED, "nothing left over")
