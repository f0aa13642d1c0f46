"""What the file tools do when all is well, and what they say when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.agents.tools.files import MAX_FILE, MAX_LINE, MAX_SHOWN
from tests.support.agents.stage import call, toolbox


def test_create_makes_folders_and_says_what_it_did(worktree: Path) -> None:
    tools = toolbox(worktree)

    assert call(tools, "create", path="src/deep/a.py", text="x = 1\n").text == "created src/deep/a.py: 1 lines"
    assert call(tools, "create", path="src/deep/a.py", text="x = 2\ny = 3").text == "overwrote src/deep/a.py: 2 lines"
    assert (worktree / "src/deep/a.py").read_bytes() == b"x = 2\ny = 3"
    assert [p.name for p in (worktree / "src/deep").iterdir()] == ["a.py"]


def test_a_file_keeps_its_mode(worktree: Path) -> None:
    script = worktree / "run.sh"
    script.write_text("#!/bin/sh\necho one\n")
    script.chmod(0o750)
    tools = toolbox(worktree)

    assert not call(tools, "replace", path="run.sh", old="one", new="two").error
    assert script.stat().st_mode & 0o777 == 0o750
    assert not call(tools, "create", path="run.sh", text="#!/bin/sh\n").error
    assert script.stat().st_mode & 0o777 == 0o750


def test_a_write_that_fails_leaves_the_old_file_and_no_other(worktree: Path) -> None:
    (worktree / "a.txt").write_text("old\n")
    tools = toolbox(worktree)

    assert "bytes of text" in call(tools, "create", path="a.txt", text="x" * (MAX_FILE + 1)).text
    assert "not valid Unicode" in call(tools, "create", path="a.txt", text="\ud800").text
    assert call(tools, "create", path="a.txt/b.txt", text="x").error
    assert call(tools, "create", path="n" * 300, text="x").error
    assert (worktree / "a.txt").read_text() == "old\n"
    assert [p.name for p in worktree.iterdir()] == ["a.txt"]


def test_view_numbers_lines_and_takes_a_part(worktree: Path) -> None:
    (worktree / "a.txt").write_text("one\ntwo\x0cstill two\nthree")
    tools = toolbox(worktree)

    assert call(tools, "view", path="a.txt").text == "     1\tone\n     2\ttwo\x0cstill two\n     3\tthree"
    assert call(tools, "view", path="a.txt", first=2, last=2).text == "     2\ttwo\x0cstill two"
    assert call(tools, "view", path="a.txt", first=3, last=99).text == "     3\tthree"
    beyond = call(tools, "view", path="a.txt", first=4)
    assert beyond.error
    assert "the file has 3" in beyond.text


def test_view_lists_a_folder(worktree: Path) -> None:
    (worktree / "src").mkdir()
    (worktree / "b.txt").write_text("")
    tools = toolbox(worktree)

    assert call(tools, "view", path=".").text == "b.txt\nsrc/"
    assert call(tools, "view", path="src").text == "(an empty folder)"
    assert call(tools, "view", path="b.txt").text == "(an empty file)"
    assert call(tools, "view", path="nothing").text == "view: No such file or directory"


def test_view_cuts_what_is_too_much_and_says_how_to_go_on(worktree: Path) -> None:
    (worktree / "long.txt").write_text("x" * 1000 + "\n" + ("y" * 99 + "\n") * 2000)
    (worktree / "wide.txt").write_text("z" * (MAX_LINE + 1))
    tools = toolbox(worktree)

    text = call(tools, "view", path="long.txt").text
    assert len(text) < MAX_SHOWN + 200
    *rows, note = text.splitlines()
    assert note == f"[cut here; the file has 2001 lines; continue with first={len(rows) + 1}]"
    assert call(tools, "view", path="wide.txt").text.endswith("z [line cut]")


@pytest.mark.parametrize("data", [b"\x89PNG\0\0", b"caf\xe9", b"text\0text"])
def test_binary_files_are_refused(worktree: Path, data: bytes) -> None:
    (worktree / "a.bin").write_bytes(data)
    tools = toolbox(worktree)

    for result in (call(tools, "view", path="a.bin"), call(tools, "replace", path="a.bin", old="t", new="u")):
        assert result.error
        assert f"a binary file of {len(data)} bytes" in result.text
    assert (worktree / "a.bin").read_bytes() == data


def test_a_huge_file_is_refused(worktree: Path) -> None:
    (worktree / "big.txt").write_bytes(b"x" * (MAX_FILE + 1))

    assert f"{MAX_FILE + 1} bytes" in call(toolbox(worktree), "view", path="big.txt").text


def test_replace_wants_exactly_one_match(worktree: Path) -> None:
    (worktree / "a.py").write_text("a = 1\nb = 1\n")
    tools = toolbox(worktree)

    assert call(tools, "replace", path="a.py", old="b = 1", new="b = 2").text == "changed a.py at line 2"
    assert "occurs 0 times" in call(tools, "replace", path="a.py", old="c = 1", new="").text
    assert "occurs 2 times" in call(tools, "replace", path="a.py", old=" = ", new=" == ").text
    assert call(tools, "replace", path="a.py", old="", new="x").error
    assert (worktree / "a.py").read_text() == "a = 1\nb = 2\n"


@pytest.mark.parametrize(
    ("before", "line", "text", "after"),
    [
        (b"one\ntwo\n", 0, "zero\n", b"zero\none\ntwo\n"),
        (b"one\ntwo\n", 1, "more", b"one\nmore\ntwo\n"),
        (b"one\ntwo", 2, "three", b"one\ntwo\nthree\n"),
        (b"", 0, "first", b"first\n"),
        (b"one\r\ntwo\r\n", 1, "more\nlines", b"one\r\nmore\r\nlines\r\ntwo\r\n"),
    ],
)
def test_insert(worktree: Path, before: bytes, line: int, text: str, after: bytes) -> None:
    (worktree / "a.txt").write_bytes(before)

    assert not call(toolbox(worktree), "insert", path="a.txt", line=line, text=text).error
    assert (worktree / "a.txt").read_bytes() == after


@pytest.mark.parametrize("line", [-1, 3])
def test_insert_outside_the_file_is_an_error(worktree: Path, line: int) -> None:
    (worktree / "a.txt").write_text("one\ntwo\n")

    result = call(toolbox(worktree), "insert", path="a.txt", line=line, text="x")
    assert result.error
    assert "the file has 2" in result.text


def test_replace_keeps_line_ends(worktree: Path) -> None:
    (worktree / "a.txt").write_bytes(b"one\r\ntwo\r\nthree\r\n")

    assert not call(toolbox(worktree), "replace", path="a.txt", old="one\ntwo", new="1\n2").error
    assert (worktree / "a.txt").read_bytes() == b"1\r\n2\r\nthree\r\n"
