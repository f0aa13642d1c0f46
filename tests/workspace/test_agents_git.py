"""Whatever an agent did to git, what it left ends as commits on its branch."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from conductor.ids import Branch
from conductor.workspace.workspace import Prepared, Workspace
from tests.support import git_user
from tests.workspace.branches import CommitAll, Run, files, has, on_branch


def test_its_own_commits_stay(module: Prepared, commit_all: CommitAll, git: Run, base: str) -> None:
    (module.path / "a").write_text("a\n")
    git(module.path, "add", "a")
    git(module.path, "commit", "--quiet", "-m", "by the agent")
    own = git(module.path, "rev-parse", "HEAD")
    assert commit_all().commit == own
    (module.path / "b").write_text("b\n")
    done = commit_all()
    assert git(module.path, "rev-parse", f"{done.commit}^") == own
    assert done.created == ("a", "b")


@pytest.mark.parametrize("how", [["--detach"], ["-b", "feature/mine"]])
def test_commits_made_off_the_branch_come_back(
    module: Prepared, commit_all: CommitAll, git: Run, base: str, how: str
) -> None:
    git(module.path, "checkout", "--quiet", *how)
    (module.path / "a").write_text("a\n")
    git(module.path, "add", "a")
    git(module.path, "commit", "--quiet", "-m", "elsewhere")
    elsewhere = git(module.path, "rev-parse", "HEAD")
    (module.path / "b").write_text("b\n")
    done = commit_all()
    assert has(module.path, git, done.commit, elsewhere)
    assert done.created == ("a", "b")
    assert on_branch(module, git, done.commit)


def test_a_switch_to_an_unrelated_branch_brings_its_content(
    module: Prepared, commit_all: CommitAll, git: Run, base: str, repo: Path
) -> None:
    (module.path / "first").write_text("1\n")
    first = commit_all()
    git(module.path, "checkout", "--quiet", "--orphan", "other")
    (module.path / "second").write_text("2\n")
    git(module.path, "add", "-A")
    git(module.path, "commit", "--quiet", "-m", "orphan")
    orphan = git(module.path, "rev-parse", "HEAD")
    done = commit_all(effect="e2")
    assert has(repo, git, done.commit, orphan)
    assert has(repo, git, done.commit, first.commit)
    assert {"first", "second"} <= files(repo, git, done.commit)
    assert on_branch(module, git, done.commit)


def test_looking_at_an_old_commit_and_staying_there_undoes_nothing(
    module: Prepared, commit_all: CommitAll, git: Run, base: str
) -> None:
    (module.path / "n").write_text("n\n")
    first = commit_all()
    git(module.path, "checkout", "--quiet", base)
    assert commit_all(effect="e2").commit == first.commit
    assert (module.path / "n").exists()
    assert on_branch(module, git, first.commit)


def test_a_reset_is_recorded_as_an_undoing_commit(module: Prepared, commit_all: CommitAll, git: Run, base: str) -> None:
    (module.path / "n").write_text("n\n")
    first = commit_all()
    git(module.path, "reset", "--quiet", "--hard", base)
    done = commit_all(effect="e2")
    assert has(module.path, git, done.commit, first.commit)
    assert files(module.path, git, done.commit) == files(module.path, git, base)


def test_amended_and_rebased_history_keeps_both(module: Prepared, commit_all: CommitAll, git: Run, base: str) -> None:
    (module.path / "n").write_text("n\n")
    first = commit_all()
    (module.path / "n").write_text("amended\n")
    git(module.path, "commit", "--quiet", "--amend", "-a", "-m", "amended")
    amended = git(module.path, "rev-parse", "HEAD")
    done = commit_all(effect="e2")
    assert has(module.path, git, done.commit, first.commit)
    assert has(module.path, git, done.commit, amended)
    assert git(module.path, "show", f"{done.commit}:n") == "amended"
    assert commit_all(effect="e2").commit == done.commit


def test_a_deleted_branch_comes_back_with_what_it_had(module: Prepared, commit_all: CommitAll, git: Run) -> None:
    (module.path / "n").write_text("n\n")
    first = commit_all()
    git(module.path, "checkout", "--quiet", "--detach")
    git(module.path, "branch", "--quiet", "-D", module.branch)
    (module.path / "m").write_text("m\n")
    done = commit_all(effect="e2")
    assert has(module.path, git, done.commit, first.commit)
    assert on_branch(module, git, done.commit)


def conflicting(module: Prepared, git: Run, base: str) -> str:
    """Two commits that do not go together; the module's branch holds one of them."""
    git(module.path, "checkout", "--quiet", "-b", "theirs")
    (module.path / "app.py").write_text("theirs\n")
    git(module.path, "commit", "--quiet", "-a", "-m", "theirs")
    git(module.path, "checkout", "--quiet", module.branch)
    (module.path / "app.py").write_text("ours\n")
    git(module.path, "commit", "--quiet", "-a", "-m", "ours")
    return git(module.path, "rev-parse", "HEAD")


@pytest.mark.parametrize("command", [["merge", "theirs"], ["rebase", "theirs"], ["cherry-pick", "theirs"]])
def test_a_merge_rebase_or_pick_left_half_way_ends(
    module: Prepared, commit_all: CommitAll, git: Run, base: str, command: str
) -> None:
    ours = conflicting(module, git, base)
    git(module.path, *command, check=False)
    assert "<<<<<<<" in (module.path / "app.py").read_text()
    (module.path / "app.py").write_text("resolved\n")
    done = commit_all()
    assert has(module.path, git, done.commit, ours)
    assert git(module.path, "show", f"{done.commit}:app.py") == "resolved"
    assert on_branch(module, git, done.commit)
    shown = subprocess.run(["git", "status"], cwd=module.path, capture_output=True, text=True, check=True).stdout
    assert "progress" not in shown
    assert "currently" not in shown


def test_what_a_rebase_had_stashed_by_itself_is_rescued(
    module: Prepared, commit_all: CommitAll, git: Run, base: str, repo: Path
) -> None:
    conflicting(module, git, base)
    (module.path / "keep.txt").write_text("uncommitted\n")
    git(module.path, "rebase", "--autostash", "theirs", check=False)
    assert (module.path / "keep.txt").read_text() == "keep\n"
    (ref,) = commit_all().rescued
    assert git(repo, "show", f"{ref}:keep.txt") == "uncommitted"


def test_a_change_that_keeps_size_and_time_counts(module: Prepared, commit_all: CommitAll, git: Run) -> None:
    git(module.path, "config", "core.trustctime", "false")
    git(module.path, "config", "core.checkStat", "minimal")
    file = module.path / "app.py"
    os.utime(file, (1, 1))
    commit_all()
    time.sleep(1.1)  # git may be built to compare whole seconds
    file.write_text("ONE\ntwo\nthree\n")
    os.utime(file, (1, 1))
    assert commit_all(effect="e2").changed == ("app.py",)


def test_files_hidden_by_index_flags_count(module: Prepared, commit_all: CommitAll, git: Run) -> None:
    git(module.path, "update-index", "--assume-unchanged", "app.py")
    git(module.path, "update-index", "--skip-worktree", "keep.txt")
    (module.path / "app.py").write_text("hidden\n")
    (module.path / "keep.txt").write_text("hidden too\n")
    assert commit_all().changed == ("app.py", "keep.txt")


def test_an_ignored_file_that_was_added_by_force_counts(module: Prepared, commit_all: CommitAll, git: Run) -> None:
    (module.path / "wanted.log").write_text("x\n")
    git(module.path, "add", "--force", "wanted.log")
    assert commit_all().created == ("wanted.log",)


def test_a_broken_index_is_no_obstacle(module: Prepared, commit_all: CommitAll, repo: Path) -> None:
    index = repo / ".git" / "worktrees" / "core" / "index"
    index.write_bytes(b"nonsense")
    (module.path / "n").write_text("n\n")
    assert commit_all().changed == ("n",)


# Repositories within the repository


def test_a_nested_repository_becomes_files_and_its_history_is_set_aside(
    module: Prepared, commit_all: CommitAll, git: Run, root: Path
) -> None:
    nested = module.path / "sub" / "project"
    nested.mkdir(parents=True)
    git_user.init(nested)
    (nested / "main.py").write_text("x\n")
    git(nested, "add", ".")
    git(nested, "commit", "--quiet", "-m", "nested")
    git(module.path, "init", "--quiet", "empty one")
    (module.path / "empty one" / "f").write_text("f\n")
    done = commit_all()
    assert done.created == ("empty one/f", "sub/project/main.py")
    assert len(done.set_aside) == 2
    logs = [git(root, "--git-dir", place, "log", "--format=%s", check=False) for place in done.set_aside]
    assert sorted(logs) == ["", "nested"]


@pytest.mark.parametrize("committed", [False, True])
def test_a_nested_repository_that_was_added_as_a_submodule_becomes_files(
    module: Prepared, commit_all: CommitAll, git: Run, committed: bool
) -> None:
    nested = module.path / "nested"
    nested.mkdir()
    git_user.init(nested)
    (nested / "f").write_text("f\n")
    git(nested, "add", ".")
    git(nested, "commit", "--quiet", "-m", "nested")
    git(module.path, "add", "nested")
    if committed:
        git(module.path, "commit", "--quiet", "-m", "a link and no files")
    done = commit_all()
    assert done.created == ("nested/f",)
    assert git(module.path, "ls-tree", done.commit, "nested").startswith("040000 tree")


def test_a_nested_repository_in_an_ignored_folder_is_left_alone(
    module: Prepared, commit_all: CommitAll, git: Run
) -> None:
    git(module.path, "init", "--quiet", "venv/dep")
    done = commit_all()
    assert (done.changed, done.set_aside) == ((), ())
    assert (module.path / "venv" / "dep" / ".git").is_dir()


def test_a_git_file_that_points_elsewhere_is_not_followed(
    module: Prepared, commit_all: CommitAll, git: Run, repo: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", str(other))
    for replace in ("file", "directory", "link", "nothing"):
        dot = module.path / ".git"
        dot.unlink()
        if replace == "file":
            dot.write_text(f"gitdir: {other / '.git'}\n")
        elif replace == "link":
            dot.symlink_to(repo / ".git")
        elif replace == "directory":
            git_user.init(module.path)
            git(module.path, "commit", "--quiet", "--allow-empty", "-m", "in a repository of its own")
        (module.path / replace).write_text("x\n")
        done = commit_all(effect=replace)
        assert replace in done.created
        assert on_branch(module, git, done.commit)
    assert git(other, "for-each-ref") == ""
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "symbolic-ref", "HEAD") == "refs/heads/main"


def test_submodules_of_the_project_stay_as_they_are(
    ws: Workspace, repo: Path, git: Run, root: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git_user.init(library)
    git(library, "commit", "--quiet", "--allow-empty", "-m", "library")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    git(repo, "commit", "--quiet", "-m", "with a submodule")
    since = git(repo, "rev-parse", "HEAD")
    made = ws.prepare(Branch("conduct/t1.sub"), since, root / "sub")
    assert list((made.path / "lib").iterdir()) == []
    git(made.path, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    (made.path / "lib" / "scratch").write_text("x")
    (made.path / "n").write_text("n\n")
    done = ws.commit_all(made.path, "n", effect="e", since=since)
    assert done.changed == ("n",)
    assert (made.path / "lib" / "scratch").exists()
