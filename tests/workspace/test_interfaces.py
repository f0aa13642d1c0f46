"""What changed files offer to others, read from commits: within bounds; no tests, no links, nothing but source."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from conductor.checks.languages import registry
from conductor.checks.languages.javascript import JAVASCRIPT
from conductor.checks.languages.language import Language
from conductor.events import Interface
from conductor.workspace import interfaces
from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import CommitAll


def test_what_changed_is_read_and_what_is_gone_offers_nothing(
    ws: Workspace, module: Prepared, base: str, commit_all: CommitAll
) -> None:
    path = module.path
    (path / "app.py").write_text("def serve(port: int) -> None: ...\n")
    (path / "käse\nx.py").write_text("MILD = 1\n")
    (path / "notes.md").write_text("def no(): ...\n")
    (path / "test_app.py").write_text("def test_it(): ...\n")
    (path / "link.py").symlink_to("app.py")
    (path / "data.py").write_bytes(b"\0X = 1\n")
    (path / "src").mkdir()
    (path / "src" / "a.js").write_text("export const a = 1\r\n")
    first = commit_all().commit
    assert ws.interfaces(base, first) == (
        Interface("app.py", ("def serve(port: int) -> None",)),
        Interface("data.py"),
        Interface("käse\nx.py", ("MILD",)),
        Interface("link.py"),
        Interface("src/a.js", ("const a",)),
    )
    (path / "app.py").unlink()
    (path / "src" / "a.js").rename(path / "src" / "b.js")
    second = commit_all(since=first, effect="e2").commit
    gone = Interface("app.py"), Interface("src/a.js"), Interface("src/b.js", ("const a",))
    assert ws.interfaces(first, second) == gone
    assert ws.interfaces(second, second) == ()


def test_what_is_too_large_or_too_much_is_not_read(
    ws: Workspace, module: Prepared, base: str, commit_all: CommitAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interfaces, "SOURCE", 2_000)
    monkeypatch.setattr(interfaces, "SOURCES", 4_000)
    monkeypatch.setattr(interfaces, "TEXT", 600)
    (module.path / "app.py").unlink()
    (module.path / "b.py").write_text("#" * 2_001)
    (module.path / "c.py").write_text("".join(f"x{n} = 1\n" for n in range(interfaces.NAMES + 7)))
    (module.path / "d.py").write_text(f"def long(a: {'x' * 500}): ...\n")
    (module.path / "e.py").write_text(f"def long(a: {'y' * 500}): ...\n")
    (module.path / "f.py").write_text("#" * 1_900 + "\nX = 1\n")
    read = {i.path: i for i in ws.interfaces(base, commit_all().commit)}
    assert read["app.py"] == Interface("app.py")
    assert read["b.py"] == Interface("b.py", unread=True)
    assert (len(read["c.py"].names), read["c.py"].more) == (interfaces.NAMES, 7)
    assert len(read["d.py"].names[0]) == interfaces.LINE
    assert read["e.py"].unread and read["f.py"].unread


@pytest.mark.parametrize("line", ["class A:\n    def a(self, x='\\x1b[31m\\n# b'): ...\n", "def a(\n  b,\n): ...\n"])
def test_a_declaration_is_one_line(
    ws: Workspace, module: Prepared, base: str, commit_all: CommitAll, line: str
) -> None:
    (module.path / "app.py").write_text(line)
    (found,) = ws.interfaces(base, commit_all().commit)
    assert found.names and all("\n" not in name and "\x1b" not in name for name in found.names)


HOSTILE = {
    "minus.py": "x = (" + "-\n" * 100_000 + "1)",
    "nots.py": "x = (" + "not\n" * 50_000 + "1)",
    "lambdas.py": "x = (" + "lambda:\n" * 30_000 + "1)",
    "choices.py": "x = (" + "1 if 1 else\n" * 20_000 + "1)",
    "quoted.py": 'x = f"""{' + "-\n" * 100_000 + '1}"""',
    "sum.py": "x = (1" + "\n+1" * 50_000 + ")",
    "names.py": "def f(a: (b" + "\n.b" * 50_000 + ")): ...\n",
    "elif.py": "if a: pass\n" + "elif a: pass\n" * 20_000,
    "calls.py": "x = (b" + "\n()" * 2_900 + ")",
    "powers.py": "x = (1" + "\n**1" * 2_900 + ")",
    "elifs.py": "if a: pass\n" + "elif a: pass\n" * 2_900,
    "brackets.py": "x = " + "(" * 5_000,
    "wrong.py": "def f(:\n",
    "long.py": "#" * 20_001 + "\nX = 1\n",
    "long.js": "export const a = 1;" + " " * 20_001,
}


def test_hostile_text_costs_its_own_file_and_no_other(
    ws: Workspace, module: Prepared, base: str, commit_all: CommitAll
) -> None:
    for name, text in HOSTILE.items():
        (module.path / name).write_text(text)
    (module.path / "sound.py").write_text("X = 1\n")
    commit = commit_all().commit
    before = threading.stack_size(2**19)  # as small as the stack of a thread is on some systems
    try:
        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(ws.interfaces, base, commit).result()
    finally:
        threading.stack_size(before)
    read = {i.path: i for i in found}
    assert read["sound.py"].names == ("X",)
    assert [name for name in HOSTILE if not read[name].unread] == []


def test_whatever_a_reader_raises_the_others_are_read(
    ws: Workspace,
    module: Prepared,
    base: str,
    commit_all: CommitAll,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    def broken(text: str, path: str) -> Iterator[str]:
        raise MemoryError

    language = Language(name="go", extensions=(".go",), offered=broken)
    monkeypatch.setattr(registry, "BUILT_IN", (JAVASCRIPT, language))
    registry.registered.cache_clear()
    request.addfinalizer(registry.registered.cache_clear)
    (module.path / "a.go").write_text("type A int\n")
    (module.path / "a.js").write_text("export const a = 1\n")
    read = {i.path: i for i in ws.interfaces(base, commit_all().commit)}
    assert read["a.go"] == Interface("a.go", unread=True) and read["a.js"].names == ("const a",)
