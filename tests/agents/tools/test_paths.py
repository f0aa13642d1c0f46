"""File tools stay inside the worktree, whatever the path says and wherever links lead."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.support.agents.stage import call, toolbox

WRITES = [
    ("create", {"text": "x"}),
    ("replace", {"old": "secret", "new": "x"}),
    ("insert", {"line": 0, "text": "x"}),
]
ALL = [("view", {}), *WRITES]


@pytest.mark.parametrize(("tool", "arguments"), ALL)
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../outside/secret.txt", "`..`"),
        ("a/../../outside/secret.txt", "`..`"),
        ("/etc/passwd", "absolute"),
        ("//etc/passwd", "absolute"),
        ("", "not a path"),
        ("a\0b", "not a path"),
        ("a\nb", "not a path"),
        ("\ud800", "not a path"),
    ],
)
def test_a_path_that_leads_out_is_refused(
    worktree: Path, tool: str, arguments: dict[str, str], path: str, why: str
) -> None:
    result = call(toolbox(worktree), tool, path=path, **arguments)

    assert result.error
    assert why in result.text
    assert (worktree.parent / "outside" / "secret.txt").read_text() == "secret\n"


def test_an_absolute_path_into_the_worktree_is_refused_with_the_way_out(worktree: Path) -> None:
    result = call(toolbox(worktree), "create", path=str(worktree / "a.py"), text="x")

    assert result.error
    assert "relative to the working directory" in result.text


@pytest.mark.parametrize(("tool", "arguments"), ALL)
@pytest.mark.parametrize("path", ["link.txt", "folder/secret.txt", "chain.txt", "new.txt"])
def test_links_out_of_the_worktree_are_refused(worktree: Path, tool: str, arguments: dict[str, str], path: str) -> None:
    outside = worktree.parent / "outside"
    (worktree / "link.txt").symlink_to(outside / "secret.txt")
    (worktree / "folder").symlink_to("../outside")
    (worktree / "chain.txt").symlink_to("link.txt")
    (worktree / "new.txt").symlink_to(outside / "not-there-yet.txt")

    result = call(toolbox(worktree), tool, path=path, **arguments)

    assert result.error
    assert "through a link" in result.text
    assert [p.name for p in outside.iterdir()] == ["secret.txt"]
    assert (outside / "secret.txt").read_text() == "secret\n"


def test_a_link_within_the_worktree_is_followed_and_stays(worktree: Path) -> None:
    (worktree / "real.txt").write_text("one\n")
    (worktree / "link.txt").symlink_to("real.txt")
    tools = toolbox(worktree)

    assert not call(tools, "replace", path="link.txt", old="one", new="two").error
    assert (worktree / "link.txt").is_symlink()
    assert (worktree / "real.txt").read_text() == "two\n"


def test_a_link_to_itself_is_an_error(worktree: Path) -> None:
    (worktree / "loop").symlink_to("loop")

    assert call(toolbox(worktree), "view", path="loop").error
    assert call(toolbox(worktree), "create", path="loop", text="x").error


def test_writing_breaks_a_hard_link_to_outside(worktree: Path) -> None:
    outside = worktree.parent / "outside" / "secret.txt"
    os.link(outside, worktree / "hard.txt")
    tools = toolbox(worktree)

    assert not call(tools, "insert", path="hard.txt", line=1, text="mine").error
    assert not call(tools, "create", path="hard.txt", text="all mine").error
    assert outside.read_text() == "secret\n"
    assert (worktree / "hard.txt").read_text() == "all mine"


@pytest.mark.parametrize(("tool", "arguments"), ALL)
@pytest.mark.parametrize(
    "path", [".git", ".git/config", ".GIT/config", "sub/.Git", ".g\u200dit/config", "git~1", ".git. "]
)
def test_git_is_out_of_reach(worktree: Path, tool: str, arguments: dict[str, str], path: str) -> None:
    (worktree / ".git").write_text("gitdir: secret\n")

    result = call(toolbox(worktree), tool, path=path, **arguments)

    assert result.error
    assert (worktree / ".git").read_text() == "gitdir: secret\n"
    assert sorted(p.name for p in worktree.iterdir()) == [".git"]


def test_git_is_out_of_reach_through_a_link_and_not_listed(worktree: Path) -> None:
    (worktree / ".git").mkdir()
    (worktree / ".git" / "config").write_text("secret\n")
    (worktree / "g").symlink_to(".git")
    (worktree / ".gitignore").write_text("*.pyc\n")
    tools = toolbox(worktree)

    assert call(tools, "view", path="g/config").error
    assert call(tools, "create", path="g/config", text="x").error
    assert (worktree / ".git" / "config").read_text() == "secret\n"
    assert call(tools, "view", path=".").text.splitlines() == [".gitignore", "g (a link)"]
    assert not call(tools, "view", path=".gitignore").error


@pytest.mark.parametrize(("tool", "arguments"), ALL)
def test_a_fifo_neither_hangs_nor_is_written(worktree: Path, tool: str, arguments: dict[str, str]) -> None:
    os.mkfifo(worktree / "pipe")

    result = call(toolbox(worktree), tool, path="pipe", **arguments)

    assert result.error
    assert "a FIFO, not a file" in result.text
    assert (worktree / "pipe").is_fifo()


@pytest.mark.parametrize(("tool", "arguments"), ALL)
def test_a_socket_is_refused(
    worktree: Path, monkeypatch: pytest.MonkeyPatch, tool: str, arguments: dict[str, str]
) -> None:
    monkeypatch.chdir(worktree)  # the path of a socket has few bytes
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door")
        result = call(toolbox(worktree), tool, path="door", **arguments)

    assert result.error
    assert "a socket, not a file" in result.text


@pytest.mark.parametrize(("tool", "arguments"), ALL)
def test_a_device_is_refused(worktree: Path, tool: str, arguments: dict[str, str]) -> None:
    """Making one takes privileges, so the device folder is the worktree here."""
    result = call(toolbox(Path("/dev")), tool, path="null", **arguments)

    assert result.error
    assert "a device, not a file" in result.text
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("tool", "arguments"), WRITES)
def test_a_folder_is_not_written_over(worktree: Path, tool: str, arguments: dict[str, str]) -> None:
    (worktree / "src").mkdir()

    result = call(toolbox(worktree), tool, path="src", **arguments)

    assert result.error
    assert "a folder, not a file" in result.text
