"""What a failed attempt may leave ignored, kind by kind, and what of it is to be moved aside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from conductor.workspace.workspace import RolledBack
from tests.support import git_user
from tests.workspace.branches import Run

Failed = Callable[..., str]  # what the fixtures of these names return
Back = Callable[[], RolledBack]
NextCommit = Callable[..., set[str]]

SECRET = "TOKEN=not-a-real-one\n"


def write(path: Path, text: str = SECRET) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def in_no_object(repo: Path, git: Run, text: str = SECRET) -> bool:
    """No object at all holds it: not even a rescued commit."""
    blob = subprocess.run(["git", "hash-object", "--stdin"], input=text.encode(), capture_output=True, check=True)
    return git(repo, "cat-file", "-t", blob.stdout.decode().strip(), check=False) == ""


def nested(top: Path) -> None:
    write(top / "pkg" / ".gitignore", "*.key\n")
    write(top / "pkg" / "deep" / "a.key")
    write(top / "pkg" / "deep" / "code.py", "code\n")


def nested_and_untracked(top: Path) -> None:
    """Rules that no commit has: they lie in a folder that was ignored as a whole."""
    write(top / ".gitignore", "own/\n")
    write(top / "own" / ".gitignore", "*.key\n")
    write(top / "own" / "a.key")


def negated(top: Path) -> None:
    write(top / ".gitignore", "data/*\n!data/keep.csv\n")
    write(top / "data" / "keep.csv", "kept\n")
    write(top / "data" / "private.csv")


def link(top: Path) -> None:
    write(top / ".gitignore", "link\nfolder\n")
    (top / "link").symlink_to("nowhere")
    (top / "folder").symlink_to("/etc")


def odd_names(top: Path) -> None:
    write(top / ".gitignore", "*.odd\n")
    for name in (b"new\nline.odd", b"\xff\xfe.odd", b"-rf.odd", "ü ü.odd".encode(), b":(top)x.odd"):
        Path(os.fsdecode(os.fsencode(top) + b"/" + name)).write_text(SECRET)


def repository(top: Path) -> None:
    write(top / ".gitignore", "dep/\n")
    subprocess.run(["git", "init", "--quiet", str(top / "dep" / "lib")], check=True)
    write(top / "dep" / "lib" / "a.py")


def worktree(top: Path) -> None:
    write(top / ".gitignore", "dep/\n")
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", "dep/tree"], cwd=top, check=True)
    write(top / "dep" / "tree" / "a.py")


def submodule(top: Path) -> None:
    """Not ignored, but no more part of the tree that is returned to."""
    (top / "sub").mkdir()
    git_user.init(top / "sub")
    subprocess.run(["git", "commit", "--quiet", "--allow-empty", "-m", "x"], cwd=top / "sub", check=True)
    write(top / ".gitignore", "sub/\n")


def read_only(top: Path) -> None:
    write(top / ".gitignore", "cache/\n*.pem\n")
    write(top / "cache" / "mod" / "lib.go")
    write(top / "certs" / "a.pem")
    write(top / "certs" / "code.py", "code\n")
    for path in (top / "cache" / "mod" / "lib.go", top / "certs" / "a.pem"):
        path.chmod(0o400)


KINDS: dict[Callable[[Path], None], set[str]] = {
    nested: {"pkg/deep/a.key"},
    nested_and_untracked: {"own/"},
    negated: {"data/private.csv"},
    link: {"link", "folder"},
    odd_names: {"new\nline.odd", "\\xff\\xfe.odd", "-rf.odd", "ü ü.odd", ":(top)x.odd"},
    repository: {"dep/"},
    worktree: {"dep/"},
    submodule: {"sub/"},
    read_only: {"cache/", "certs/a.pem"},
}
