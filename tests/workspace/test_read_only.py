"""Folders that cannot be written, as package caches have them: their owner's modes are no reason to keep a worktree."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.ids import Branch
from tests.support.ordinary import Ground, as_ordinary_user


def cache(path: Path) -> None:
    """A package cache as Go's module cache is: files and folders without a right to write."""
    for name in ("mod/lib@v1", "mod/lib@v2/deep"):
        (path / name).mkdir(parents=True)
        (path / name / "lib.go").write_text("package lib\n")
    subprocess.run(["chmod", "-R", "a-w", str(path)], check=True)


def modes(folder: Path) -> dict[str, int]:
    return {str(path): stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}


def whole(path: Path) -> None:
    cache(path / "cache")


def to_the_top(path: Path) -> None:
    cache(path / "cache")
    subprocess.run(["chmod", "-R", "a-w", str(path)], check=True)


def unreadable(path: Path) -> None:
    cache(path / "cache")
    (path / "cache" / "mod" / "lib@v1").chmod(0)
    (path / "cache" / "mod").chmod(0o400)


def tracked(path: Path) -> None:
    (path / "vendor").mkdir()
    (path / "vendor" / "lib.go").write_text("package lib\n")
    subprocess.run(["chmod", "-R", "a-w", str(path / "vendor")], check=True)


def prepared(ground: Ground, name: str = "core") -> Path:
    made = ground.workspace.prepare(Branch(f"conduct/t1.{name}"), ground.base, ground.root / name)
    (made.path / ".gitignore").write_text("cache/\n")
    return made.path


def gone(ground: Ground, path: Path) -> None:
    assert not path.exists()
    assert len(ground.git(ground.repo, "worktree", "list").splitlines()) == 1
    assert [p for p in ground.root.rglob("*") if ".set-aside" not in p.parts] == []


@pytest.mark.parametrize("keep_branch", [False, True])
@pytest.mark.parametrize("lock", [whole, to_the_top, unreadable, tracked])
def test_a_worktree_with_read_only_folders_is_removed(lock: Callable[[Path], None], keep_branch: bool) -> None:
    def body(ground: Ground) -> None:
        path = prepared(ground)
        lock(path)
        (ref,) = ground.workspace.remove(path, keep_branch=keep_branch)
        assert ".gitignore" in ground.git(ground.repo, "ls-tree", "-r", "--name-only", ref)
        gone(ground, path)
        assert bool(ground.git(ground.repo, "branch", "--list", "conduct/*")) is keep_branch
        assert ground.workspace.remove(path) == ()

    as_ordinary_user(body)


def test_what_links_lead_to_stays_as_it_is() -> None:
    def body(ground: Ground) -> None:
        path = prepared(ground)
        outside = ground.folder / "outside"
        cache(outside)
        before = modes(outside)
        (path / "cache").mkdir()
        (path / "cache" / "link").symlink_to(outside)
        (path / "link").symlink_to(outside)
        (path / "cache").chmod(0o500)
        ground.workspace.remove(path)
        gone(ground, path)
        assert modes(outside) == before

    as_ordinary_user(body)


@pytest.mark.parametrize("left", ["git forgot it", "only the folder is gone", "deleting was cut short"])
def test_a_removal_that_was_done_by_half_is_done_again(left: str) -> None:
    def body(ground: Ground) -> None:
        path = prepared(ground)
        cache(path / "cache")
        if left == "git forgot it":  # as git's own removal leaves it
            ground.git(ground.repo, "worktree", "remove", "--force", "--force", str(path), check=False)
            assert path.exists()
        elif left == "only the folder is gone":
            (ground.root / ".removed").mkdir()
            path.rename(ground.root / ".removed" / "core")
        else:
            ground.workspace.remove(path, keep_branch=True)
            (ground.root / ".removed").mkdir()
            cache(ground.root / ".removed" / "core")
        ground.workspace.remove(path)
        assert not path.exists()
        ground.workspace.remove(prepared(ground, "next"))
        gone(ground, path)

    as_ordinary_user(body)


def test_clearing_a_task_leaves_nothing_that_is_read_only() -> None:
    def body(ground: Ground) -> None:
        for name in ("one", "two"):
            path = prepared(ground, name)
            ground.workspace.commit_all(path, "rules", effect=name, since=ground.base)
            to_the_top(path)
        told: list[object] = []
        ground.workspace.clear(lambda removed, rescued: told.append((removed, rescued)))
        assert len(told) == 1
        assert not ground.root.exists()

    as_ordinary_user(body)


def test_a_folder_that_stands_in_the_way_is_moved_aside_as_it_is() -> None:
    def body(ground: Ground) -> None:
        place = ground.root / "core"
        cache(place)
        before = {path.removeprefix(str(place)): mode for path, mode in modes(place).items()}
        prepared(ground)
        (moved,) = ground.root.glob(".set-aside/*/core")
        assert {path.removeprefix(str(moved)): mode for path, mode in modes(moved).items()} == before

    as_ordinary_user(body)


def test_what_another_user_owns_is_told_when_the_task_is_cleared() -> None:
    """It keeps no worktree from being removed: only its disk space is still taken."""

    def body(ground: Ground) -> None:
        path = prepared(ground)
        ground.workspace.remove(path)
        subprocess.run(["mkdir", "-p", str(ground.root / ".removed" / "x")], check=True)
        ground.root.chmod(0o500)  # nothing in it can be deleted
        try:
            with pytest.raises(WorkspaceError, match="cannot be deleted") as told:
                ground.workspace.clear(lambda *_: None)
            assert str(ground.root / ".removed") in str(told.value.hint)
        finally:
            ground.root.chmod(0o700)

    as_ordinary_user(body)
