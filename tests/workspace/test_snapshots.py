"""Snapshots, and what checks leave: it is thrown away, and nothing of the agent's with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import CommitAll, Run, files, on_branch


def test_a_snapshot_touches_neither_head_nor_index(ws: Workspace, module: Prepared, git: Run, base: str) -> None:
    (module.path / "staged").write_text("s\n")
    git(module.path, "add", "staged")
    (module.path / "untracked").write_text("u\n")
    (module.path / "keep.txt").unlink()
    before = git(module.path, "status", "--porcelain")
    tree = ws.snapshot(module.path)
    assert files(module.path, git, tree) == {".gitignore", "app.py", "staged", "untracked"}
    assert git(module.path, "status", "--porcelain") == before
    assert git(module.path, "rev-parse", "HEAD") == base


def test_restoring_a_snapshot_is_exact(ws: Workspace, module: Prepared, git: Run, base: str) -> None:
    (module.path / "a").write_text("a\n")
    (module.path / "keep.txt").unlink()
    tree = ws.snapshot(module.path)
    (module.path / "a").unlink()
    (module.path / "a").mkdir()
    (module.path / "a" / "b").write_text("b\n")
    (module.path / "keep.txt").write_text("again\n")
    (module.path / "app.py").write_text("changed\n")
    (module.path / "stays.log").write_text("ignored\n")
    ws.restore(module.path, tree)
    assert ws.snapshot(module.path) == tree
    assert (module.path / "a").read_text() == "a\n"
    assert not (module.path / "keep.txt").exists()
    assert (module.path / "stays.log").exists()
    assert git(module.path, "rev-parse", "HEAD") == base


def test_discarding_tells_what_a_check_wrote(ws: Workspace, module: Prepared, commit_all: CommitAll, git: Run) -> None:
    (module.path / "n").write_text("n\n")
    done = commit_all()
    (module.path / "report.xml").write_text("x")
    (module.path / "out" / "deep").mkdir(parents=True)
    (module.path / "out" / "deep" / "ü").write_text("x")
    (module.path / "app.py").write_text("rewritten by a formatter\n")
    (module.path / "n").unlink()
    (module.path / "cache.log").write_text("x")
    assert ws.discard(module.path, done.commit) == ("app.py", "n", "out/deep/ü", "report.xml")
    assert not (module.path / "out").exists()
    assert (module.path / "cache.log").exists()
    assert on_branch(module, git, done.commit)
    assert ws.discard(module.path, done.commit) == ()


def test_a_check_that_moved_head_is_put_back_and_its_commit_kept(
    ws: Workspace, module: Prepared, commit_all: CommitAll, git: Run, repo: Path
) -> None:
    (module.path / "n").write_text("n\n")
    done = commit_all()
    (module.path / "generated").write_text("g\n")
    git(module.path, "add", ".")
    git(module.path, "commit", "--quiet", "-m", "by a check")
    by_check = git(module.path, "rev-parse", "HEAD")
    assert ws.discard(module.path, done.commit) == ("generated",)
    assert on_branch(module, git, done.commit)
    assert by_check in git(repo, "for-each-ref", "--format=%(objectname)", "refs/conductor/rescue").splitlines()


@pytest.mark.parametrize(
    "left",
    [
        ["commit", "--quiet", "--allow-empty", "-m", "by a check"],
        ["checkout", "--quiet", "--detach"],
        ["checkout", "--quiet", "-b", "of-a-check"],
        ["update-ref", "MERGE_HEAD", "HEAD"],
        ["rm", "--quiet", "--cached", "app.py"],
    ],
    ids=lambda left: " ".join(left[:1] + left[2:3]),
)
def test_a_check_that_changed_no_file_but_what_git_knows_is_put_back(
    ws: Workspace, module: Prepared, base: str, git: Run, left: str
) -> None:
    git(module.path, *left)
    assert ws.discard(module.path, base) == ()
    assert on_branch(module, git, base)
    assert "merg" not in git(module.path, "status").lower()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_a_clear_error(module: Prepared, commit_all: CommitAll) -> None:
    (module.path / "secret").write_text("x")
    (module.path / "secret").chmod(0)
    with pytest.raises(WorkspaceError, match="secret"):
        commit_all()


def test_a_submodule_entry_behind_a_link_does_not_reach_outside(
    module: Prepared, commit_all: CommitAll, git: Run, repo: Path, base: str
) -> None:
    (module.path / "out").symlink_to(repo.parent)
    git(module.path, "update-index", "--add", "--cacheinfo", f"160000,{base},out/{repo.name}")
    commit_all()
    assert (repo / ".git").is_dir()


def test_a_missing_index_still_knows_tracked_files_that_are_ignored(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "tracked.log").write_text("x\n")
    git(module.path, "add", "--force", "tracked.log")
    done = ws.commit_all(module.path, "log", effect="e1", since=base)
    (repo / ".git" / "worktrees" / "core" / "index").unlink()
    assert ws.snapshot(module.path) == done.tree
