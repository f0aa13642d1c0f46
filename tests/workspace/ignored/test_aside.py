"""Ignored files when one tree gives way to another: they stay only where they are ignored again; all are kept."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.ids import Branch
from conductor.workspace.workspace import Committed, Prepared, Workspace
from tests.support.ordinary import Ground, as_ordinary_user
from tests.workspace.branches import Run, files
from tests.workspace.ignored.kinds import (
    KINDS,
    SECRET,
    Back,
    Failed,
    NextCommit,
    in_no_object,
    negated,
    nested,
    read_only,
    write,
)

CLEAN = {".gitignore", "app.py", "keep.txt", "next.py"}


def moved(ws: Workspace, operation: str = "back") -> dict[str, Path]:
    """Path -> where it is now."""
    return {path: Path(one.folder, path) for one in ws.set_aside(operation) for path in one.paths}


def test_what_only_the_failed_attempt_ignored_is_moved_aside(
    ws: Workspace, task: Prepared, failed: Failed, back: Back, next_commit: NextCommit, git: Run, repo: Path, base: str
) -> None:
    failed(".env\nenvs/\n*.log\nvenv/\n", ".env", "envs/one/lib.py", "noise.log", "venv/lib.py")
    back()
    assert git(task.path, "status", "--porcelain") == ""
    places = moved(ws)
    assert set(places) == {".env", "envs/"}
    assert places[".env"].read_text() == SECRET
    assert (places["envs/"] / "one" / "lib.py").read_text() == SECRET
    assert not (task.path / "envs").exists()
    assert (task.path / "noise.log").exists() and (task.path / "venv" / "lib.py").exists()  # the base ignores these
    assert next_commit() == CLEAN
    assert in_no_object(repo, git)
    assert [one.count for one in ws.set_aside("back")] == [2]
    assert not any(place.is_relative_to(task.path) or place.is_relative_to(repo) for place in places.values())


def test_going_back_to_where_everything_is_ignored_moves_nothing(
    ws: Workspace, task: Prepared, failed: Failed, back: Back
) -> None:
    failed("*.log\nvenv/\nmore/\n", "noise.log", "venv/lib.py")
    back()
    assert ws.set_aside("back") == ()
    assert (task.path / "noise.log").exists() and (task.path / "venv" / "lib.py").exists()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_of_every_kind(
    kind: Callable[[Path], None],
    ws: Workspace,
    task: Prepared,
    base: str,
    back: Back,
    next_commit: NextCommit,
    git: Run,
    repo: Path,
) -> None:
    kind(task.path)
    ws.commit_all(task.path, "failed", effect="attempt", since=base)
    before = ws.set_aside("attempt")
    back()
    assert git(task.path, "status", "--porcelain", "--ignored") == ""
    expected = KINDS[kind]
    if kind in (nested, negated, read_only):  # whose folders are gone: what was tracked in them went
        expected = {path.partition("/")[0] + "/" for path in expected}
    assert {path for one in ws.set_aside("back") for path in one.paths} == expected
    assert before == ()
    assert next_commit() == CLEAN
    assert in_no_object(repo, git)


def test_a_folder_of_which_a_part_is_ignored_again_is_taken_apart(
    ws: Workspace, task: Prepared, failed: Failed, back: Back, next_commit: NextCommit
) -> None:
    names = ("data/a.csv", "data/deep/b.csv", "data/deep/noise.log", "data/own/c.csv", "data/venv/d.py")
    failed("data/\n*.log\nvenv/\n", *names)
    back()
    assert set(moved(ws)) == {"data/a.csv", "data/deep/b.csv", "data/own/"}
    assert (task.path / "data" / "deep" / "noise.log").exists() and (task.path / "data" / "venv" / "d.py").exists()
    assert next_commit() == CLEAN


def test_rules_outside_of_the_tree_go_on_to_hold(
    ws: Workspace,
    task: Prepared,
    failed: Failed,
    back: Back,
    next_commit: NextCommit,
    git: Run,
    repo: Path,
    tmp_path: Path,
    users_config: Path,
) -> None:
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "exclude").write_text("*.mine\n")
    (tmp_path / "everywhere").write_text("*.everywhere\n")
    git(repo, "config", "--global", "core.excludesFile", str(tmp_path / "everywhere"))
    failed("*.mine\n*.everywhere\n*.here\n", "a.mine", "a.everywhere", "a.here")
    back()
    assert set(moved(ws)) == {"a.here"}
    assert (task.path / "a.mine").exists() and (task.path / "a.everywhere").exists()
    assert next_commit() == CLEAN


def test_what_the_user_ignores_everywhere_is_ignored_whatever_the_repository_says(
    ws: Workspace, task: Prepared, base: str, git: Run, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "config" / "git" / "ignore", "*.everywhere\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    git(task.path, "config", "core.excludesFile", os.devnull)
    write(task.path / "a.everywhere")
    assert ws.commit_all(task.path, "n", effect="e", since=base).changed == ()


def test_a_file_in_the_way_is_kept(ws: Workspace, task: Prepared, base: str, git: Run, repo: Path) -> None:
    """The tree that is returned to has files where the failed one ignored others."""
    for name in ("settings", "folder/in", "plain", "same"):
        write(task.path / name, "tracked\n")
    (task.path / "link").mkdir()
    write(task.path / "link" / "in", "tracked\n")
    good = ws.commit_all(task.path, "good", effect="good", since=base).commit
    git(task.path, "rm", "--quiet", "-r", "settings", "folder", "plain", "link", "same")
    write(task.path / ".gitignore", "settings\nfolder\nplain\nlink\nsame\n")
    write(task.path / "settings" / "mine")
    write(task.path / "folder")
    write(task.path / "plain")
    write(task.path / "same", "tracked\n")
    (task.path / "link").symlink_to(repo)
    ws.commit_all(task.path, "failed", effect="failed", since=base)
    ws.rollback(task.path, task.branch, good, name="back")
    places = moved(ws)
    assert {path.rstrip("/") for path in places} == {"settings", "folder", "plain", "link"}
    assert places["plain"].read_text() == SECRET and places["link"].is_symlink()
    assert git(task.path, "status", "--porcelain") == ""
    assert (task.path / "folder" / "in").read_text() == "tracked\n"
    assert (repo / "app.py").exists()


def test_a_merge_that_brings_other_rules(
    ws: Workspace, task: Prepared, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    write(task.path / ".gitignore", ".env\n")
    write(task.path / ".env")
    ws.commit_all(task.path, "rules", effect="rules", since=base)
    write(module.path / ".gitignore", "*.tmp\n")
    write(module.path / "app.py", "module\n")
    theirs = ws.commit_all(module.path, "module", effect="module", since=base).commit
    path = task.path.parent / "core.merge"
    ours = git(task.path, "rev-parse", "HEAD")
    ws.begin_integration(path, Branch("conduct/t1.core.merge"), ours=ours, theirs=theirs)
    write(path / ".gitignore", "*.tmp\n")
    resolved = ws.finish_integration(path, "resolve", effect="resolve")
    assert isinstance(resolved, Committed)
    ws.merge(task.path, theirs, "merge", effect="merge", resolution=resolved.commit)
    assert moved(ws, "merge")[".env"].read_text() == SECRET
    assert ws.commit_all(task.path, "next", effect="next", since=base).commit == resolved.commit
    assert in_no_object(repo, git)


def test_taking_rescued_work_up_again(
    ws: Workspace, task: Prepared, failed: Failed, back: Back, base: str, git: Run, repo: Path
) -> None:
    failed(".env\n", ".env")
    (ref,) = back().rescued
    write(task.path / ".gitignore", "*.key\n")
    write(task.path / "a.key")
    ws.commit_all(task.path, "other", effect="other", since=base)
    ws.restore_rescue(task.path, task.branch, ref, effect="again")
    assert set(moved(ws, "again")) == {"a.key"}
    assert git(task.path, "status", "--porcelain", "--ignored") == ""
    assert in_no_object(repo, git)


def test_a_checkpoint_over_rules_that_nobody_committed(ws: Workspace, task: Prepared, git: Run, repo: Path) -> None:
    write(task.path / ".gitignore", ".env\n")
    write(task.path / ".env")
    done = ws.checkpoint(task.path, number=1, subject="c", documents=(), effect="c1")
    assert git(repo, "show", f"{done.rescued[0]}:.gitignore") == ".env"
    assert moved(ws, "c1")[".env"].read_text() == SECRET
    assert in_no_object(repo, git)


@pytest.mark.parametrize("rules", ["committed", "not committed"])
def test_a_module_that_is_taken_back_with_its_phase(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path, rules: str
) -> None:
    write(module.path / ".gitignore", ".env\nvenv/\n")
    write(module.path / ".env")
    write(module.path / "venv" / "lib.py")
    if rules == "committed":
        ws.commit_all(module.path, "rules", effect="rules", since=base)
    (ref,) = ws.remove(module.path, back_to=base, effect="back")
    assert ".gitignore" in files(repo, git, ref)
    assert set(moved(ws)) == {".env"}
    assert not module.path.exists()
    assert ws.remove(module.path, back_to=base, effect="back") == ()
    assert set(moved(ws)) == {".env"}


def test_a_removal_that_is_cut_short_rescues_no_half_of_it(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    write(module.path / ".gitignore", ".env\n")
    write(module.path / ".env")
    done = ws.commit_all(module.path, "rules", effect="rules", since=base)
    git(module.path, "read-tree", "-u", "-m", "HEAD", base)  # as far as it came
    (ref,) = ws.remove(module.path, back_to=base, effect="back")
    assert git(repo, "rev-parse", ref) == done.commit


def test_merged_work_takes_its_ignored_files_with_it(
    ws: Workspace, task: Prepared, module: Prepared, base: str
) -> None:
    write(module.path / ".gitignore", ".env\n")
    write(module.path / ".env")
    done = ws.commit_all(module.path, "rules", effect="rules", since=base)
    ws.merge(task.path, done.commit, "merge", effect="merge")
    assert ws.remove(module.path, effect="c1") == ()
    assert ws.set_aside("c1") == ()


def test_clearing_keeps_what_no_branch_ignores(ws: Workspace, task: Prepared, module: Prepared, base: str) -> None:
    write(task.path / ".gitignore", ".env\n")
    write(task.path / ".env")
    write(module.path / "a.log")
    told = []
    ws.clear(lambda removed, rescued: told.append((removed, [moved.names for moved in ws.set_aside()])))
    assert told == [([str(module.path), str(task.path)], [".env"])]
    assert not task.path.exists() and not module.path.exists()
    ((one,),) = [ws.set_aside()]
    assert Path(one.folder, ".env").read_text() == SECRET


def test_a_branch_that_is_prepared_again_where_a_removal_was_cut_short(
    ws: Workspace, module: Prepared, base: str, git: Run
) -> None:
    write(module.path / "half.py", "rescued already\n")
    git(module.path, "symbolic-ref", "--delete", "refs/worktree/conductor/branch")
    ws.prepare(module.branch, base, module.path, effect="again")
    assert set(moved(ws, "again")) == {"half.py"}
    assert git(module.path, "status", "--porcelain") == ""


def test_many_are_counted_and_not_all_named(ws: Workspace, task: Prepared, failed: Failed, back: Back) -> None:
    failed("*.tmp\n", *(f"{number:03}.tmp" for number in range(120)))
    back()
    (one,) = ws.set_aside("back")
    assert (len(one.paths), one.count) == (50, 120)
    assert str(one) == f"000.tmp, 001.tmp, 002.tmp, 003.tmp, 004.tmp and 115 more, now in {one.folder}"
    assert len(list(Path(one.folder).iterdir())) == 120


def test_twice_under_one_name_overwrites_nothing(
    ws: Workspace, task: Prepared, failed: Failed, back: Back, base: str
) -> None:
    for number in range(3):
        failed(".env\nvenv2/\n", ".env", "venv2/a")
        write(task.path / ".env", f"{number}\n")
        back()
    kept = [Path(one.folder, ".env").read_text() for one in ws.set_aside("back")]
    assert kept == ["0\n", "1\n", "2\n"]


def test_what_was_moved_aside_leads_nowhere(
    ws: Workspace, task: Prepared, failed: Failed, back: Back, base: str, tmp_path: Path
) -> None:
    """A link that was moved is not followed when something else of that name comes after it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    failed("data\n")
    (task.path / "data").symlink_to(outside)
    back()
    failed("data/\n", "data/secret")
    back()
    assert list(outside.iterdir()) == []
    assert sum(one.count for one in ws.set_aside("back")) == 2


def test_read_only_folders_are_left_by_an_ordinary_user_as_well() -> None:
    def body(ground: Ground) -> None:
        ws = ground.workspace
        made = ws.prepare(Branch("conduct/t1"), ground.base, ground.root / "task")
        write(made.path / "src" / "old.py", "old\n")
        good = ws.commit_all(made.path, "good", effect="good", since=ground.base).commit
        read_only(made.path)
        write(made.path / "src" / "new.py", "new\n")
        (made.path / "src" / "old.py").unlink()
        ws.commit_all(made.path, "failed", effect="failed", since=good)
        subprocess.run(["chmod", "-R", "a-w", *map(str, made.path.iterdir())], check=True)
        back = ws.rollback(made.path, made.branch, good, name="back")
        assert ground.git(made.path, "status", "--porcelain", "--ignored") == ""
        assert ground.git(made.path, "rev-parse", "HEAD") == back.commit == good
        assert {path for one in ws.set_aside("back") for path in one.paths} == {"cache/", "certs/"}
        (cache,) = ground.root.glob(".set-aside/back/task/cache")
        assert oct(cache.stat().st_mode)[-3:] == "555"  # as it was

    as_ordinary_user(body)


def test_a_name_that_is_taken_where_it_goes(ws: Workspace, task: Prepared, base: str) -> None:
    """A whole worktree, or a file in its place, was moved there by the same operation."""
    for _ in range(2):
        write(task.path / ".gitignore", ".env\n")
        write(task.path / ".env")
        ws.rollback(task.path, task.branch, base, name="back")
        subprocess.run(["rm", "-rf", str(task.path)], check=True)
        task.path.write_text("a file")
        ws.prepare(task.branch, base, task.path, effect="back")
    assert sorted(names for one in ws.set_aside("back") for names in one.paths) == [".env", ".env", "task", "task"]
