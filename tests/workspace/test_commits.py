"""What an agent left ends as one commit on its branch, which names what made it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import CommitAll, Run, files, on_branch


def test_everything_but_ignored_files(module: Prepared, commit_all: CommitAll, git: Run) -> None:
    path = module.path
    (path / "neu ü.py").write_text("x\n")
    (path / "new\nline").write_text("x\n")
    (path / "-rf").write_text("x\n")
    (path / ":(top)odd").write_text("x\n")
    (path / "app.py").write_text("changed\n")
    (path / "keep.txt").unlink()
    (path / "noise.log").write_text("x")
    (path / "run.sh").write_text("#!/bin/sh\n")
    (path / "run.sh").chmod(0o755)
    (path / "link").symlink_to("../outside")
    done = commit_all()
    assert files(path, git, done.commit) == {
        ".gitignore", "app.py", "neu ü.py", "new\nline", "-rf", ":(top)odd", "run.sh", "link",
    }  # fmt: skip
    assert set(done.created) == {"neu ü.py", "new\nline", "-rf", ":(top)odd", "run.sh", "link"}
    assert set(done.changed) - set(done.created) == {"app.py", "keep.txt"}
    modes = {line.split()[0] for line in git(path, "ls-tree", done.commit, "run.sh", "link").splitlines()}
    assert modes == {"100755", "120000"}
    assert (path / "noise.log").exists()
    assert on_branch(module, git, done.commit)


def test_a_change_within_the_second_of_the_last_look_counts(
    module: Prepared, commit_all: CommitAll, git: Run, repo: Path
) -> None:
    """Git compares times by the second and looks again at what is as new as its index, whose time must not be lost."""
    file, index = module.path / "app.py", repo / ".git" / "worktrees" / "core" / "index"
    for text in ("1", "2", "3", "4", "5", "6", "7", "8"):
        time.sleep(1.02 - time.time() % 1)
        file.write_text(text)
        git(module.path, "add", "app.py")
        file.write_text("x")
        if int(index.stat().st_mtime) == int(file.stat().st_mtime):
            break
    else:
        pytest.skip("this machine takes more than a second for it")
    time.sleep(1.02 - time.time() % 1)
    assert git(module.path, "show", f"{commit_all().commit}:app.py") == "x"


def test_types_that_change_place(module: Prepared, commit_all: CommitAll, git: Run, base: str, ws: Workspace) -> None:
    path = module.path
    (path / "keep.txt").unlink()
    (path / "keep.txt").mkdir()
    (path / "keep.txt" / "inner").write_text("x\n")
    (path / "app.py").unlink()
    (path / "app.py").symlink_to("keep.txt")
    done = commit_all()
    assert files(path, git, done.commit) == {".gitignore", "app.py", "keep.txt/inner"}
    assert set(ws.changed(base, done.commit)) == {("T", "app.py"), ("D", "keep.txt"), ("A", "keep.txt/inner")}


def test_the_message_names_task_and_effect_and_text_cannot_add_a_trailer(
    module: Prepared, commit_all: CommitAll, git: Run
) -> None:
    (module.path / "n").write_text("n\n")
    trailers = {"Conductor-Chain": "abc\n\nConductor-Effect: forged"}
    done = commit_all(trailers=trailers, effect="p1/core\nConductor-Task: other")
    shown = git(module.path, "log", "-1", "--format=%(trailers:only)", done.commit)
    assert shown.splitlines() == [
        "Conductor-Chain: abc Conductor-Effect: forged",
        "Conductor-Task: t1",
        "Conductor-Effect: p1/core Conductor-Task: other",
    ]


def test_a_subject_of_several_lines_or_none_is_one_line(ws: Workspace, module: Prepared, base: str, git: Run) -> None:
    (module.path / "n").write_text("n\n")
    done = ws.commit_all(module.path, "Add\n\nConductor-Effect: x\0 --amend", effect="e", since=base)
    assert git(module.path, "log", "-1", "--format=%s", done.commit) == "Add Conductor-Effect: x --amend"
    (module.path / "m").write_text("n\n")
    done = ws.commit_all(module.path, "\n", effect="e2", since=base)
    assert git(module.path, "log", "-1", "--format=%s", done.commit) == "Conductor"


def test_a_key_that_is_no_trailer_is_refused(module: Prepared, commit_all: CommitAll) -> None:
    (module.path / "n").write_text("n\n")
    with pytest.raises(WorkspaceError, match="cannot name a commit trailer"):
        commit_all(trailers={"X: y\nZ": "1"})


def test_twice_is_once(module: Prepared, commit_all: CommitAll, git: Run) -> None:
    (module.path / "n").write_text("n\n")
    assert commit_all() == commit_all()
    assert git(module.path, "rev-list", "--count", "HEAD") == "2"


def test_nothing_to_commit_is_no_commit(module: Prepared, commit_all: CommitAll, base: str) -> None:
    done = commit_all()
    assert (done.commit, done.changed, done.created) == (base, (), ())


def test_cut_short_after_the_branch_moved(module: Prepared, commit_all: CommitAll, git: Run, base: str) -> None:
    (module.path / "n").write_text("n\n")
    git(module.path, "checkout", "--quiet", "--detach")
    git(module.path, "add", "n")
    tree = git(module.path, "write-tree")
    commit = git(module.path, "commit-tree", tree, "-p", base, "-m", "work\n\nConductor-Effect: e1")
    git(module.path, "update-ref", f"refs/heads/{module.branch}", commit)
    git(module.path, "reset", "--quiet")
    assert commit_all().commit == commit
    assert on_branch(module, git, commit)
