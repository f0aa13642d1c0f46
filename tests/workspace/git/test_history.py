"""Reading commits: what changed, which lines were added, what a file holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conductor.workspace.git import refs
from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import Run


@pytest.fixture
def after(ws: Workspace, module: Prepared, base: str) -> str:
    path = module.path
    (path / "app.py").write_text("zero\none\ntwo\nTHREE\n+four\n++ b/five\ndiff --git a/x b/x\n@@ -1 +1 @@\n")
    (path / "keep.txt").unlink()
    (path / 'odd "name"\tü\nline').write_text("first\nsecond no newline")
    (path / "blob").write_bytes(b"\0\1\2")
    (path / "latin1.txt").write_bytes(b"caf\xe9\n")
    (path / "crlf").write_bytes(b"a\r\nb\n")
    (path / ".gitignore").unlink()
    (path / ".gitignore").symlink_to("app.py")
    (path / "zz last").write_text("z\n")
    (path / "zz last").chmod(0o755)
    return ws.commit_all(path, "all kinds", effect="e", since=base).commit


ODD = 'odd "name"\tü\nline'


def test_changed(ws: Workspace, base: str, after: str) -> None:
    assert set(ws.changed(base, after)) == {
        ("T", ".gitignore"),
        ("M", "app.py"),
        ("D", "keep.txt"),
        *(("A", name) for name in (ODD, "blob", "latin1.txt", "crlf", "zz last")),
    }
    assert ws.changed(after, after) == ()


def test_added_lines(ws: Workspace, base: str, after: str) -> None:
    added = ws.added_lines(base, after)
    assert added["app.py"] == (
        (1, "zero"),
        (4, "THREE"),
        (5, "+four"),
        (6, "++ b/five"),
        (7, "diff --git a/x b/x"),
        (8, "@@ -1 +1 @@"),
    )
    assert added[ODD] == ((1, "first"), (2, "second no newline"))
    assert added["latin1.txt"] == ((1, "caf\ufffd"),)
    assert added["zz last"] == ((1, "z"),)
    assert added[".gitignore"] == ((1, "app.py"),)
    assert set(added) == {"app.py", ODD, "latin1.txt", "crlf", ".gitignore", "zz last"}


def test_files_that_only_went_add_nothing(ws: Workspace, base: str, after: str) -> None:
    assert "keep.txt" not in ws.added_lines(base, after)
    assert "blob" not in ws.added_lines(after, base)


def test_the_users_taste_in_diffs_changes_nothing(
    ws: Workspace, base: str, after: str, git: Run, repo: Path, users_config: Path
) -> None:
    before = ws.added_lines(base, after)
    order = repo.parent / "order"
    order.write_text("*.txt\n")
    for key, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.orderFile": str(order),
        "diff.renames": "copies",
        "color.ui": "always",
        "color.diff": "always",
        "core.quotePath": "false",
        "diff.context": "5",
        "diff.interHunkContext": "9",
    }.items():
        git(repo, "config", "--global", key, value)
    assert ws.added_lines(base, after) == before


def test_read_file(ws: Workspace, base: str, after: str) -> None:
    assert ws.read_file(after, ODD) == b"first\nsecond no newline"
    assert ws.read_file(after, "blob") == b"\0\1\2"
    assert ws.read_file(after, ".gitignore") == b"app.py"
    assert ws.read_file(base, "keep.txt") == b"keep\n"
    for missing in ("keep.txt", "nothing", "app.py/x", "-x", "*"):
        assert ws.read_file(after, missing) is None


def test_names_that_are_not_utf_8_can_be_told_and_recorded(ws: Workspace, module: Prepared, base: str) -> None:
    name = os.fsdecode(b"caf\xe9")
    (module.path / name).write_text("x\n")
    done = ws.commit_all(module.path, "latin", effect="e", since=base)
    assert done.created == ("caf\\xe9",)
    (module.path / name).unlink()
    assert ws.discard(module.path, done.commit) == ("caf\\xe9",)
    assert (module.path / name).exists()


def test_trees(ws: Workspace, base: str, after: str, git: Run, repo: Path) -> None:
    assert ws.tree_of(after) == git(repo, "rev-parse", f"{after}^{{tree}}")
    paths = ws.diff_paths(ws.tree_of(base), ws.tree_of(after))
    assert set(paths) == {path for _, path in ws.changed(base, after)}


@pytest.mark.parametrize("name", ["main", "a/b", "conduct/módulo-日本", "v1.0", "x@y", "HEADS"])
def test_branch_names_that_git_accepts(name: str, git: Run, repo: Path) -> None:
    assert refs.branch_name(name) == name
    git(repo, "check-ref-format", "--branch", name)


@pytest.mark.parametrize("text", ["p1: a/b", "..", "", "x.lock", "a\nb", "-x-", "ü 日", "a" * 300, "a@{1}", "~^:?*[\\"])
def test_any_text_makes_a_ref(text: str, git: Run, repo: Path) -> None:
    git(repo, "check-ref-format", refs.rescue("t1", text))
