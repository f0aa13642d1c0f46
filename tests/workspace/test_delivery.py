"""The task's commits come onto the user's branch, if that costs the user nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import Run


@pytest.fixture
def result(ws: Workspace, task: Prepared, base: str) -> str:
    """A commit to deliver: one file changed, one new, one gone."""
    (task.path / "app.py").write_text("one\ntwo\nthree\nfour\n")
    (task.path / "pkg").mkdir()
    (task.path / "pkg" / "new.py").write_text("new\n")
    (task.path / "keep.txt").unlink()
    return ws.commit_all(task.path, "work", effect="e1", since=base).commit


def head(repo: Path, git: Run) -> str:
    return git(repo, "rev-parse", "main")


def user_commit(repo: Path, git: Run, name: str = "theirs.py", text: str = "t\n") -> str:
    (repo / name).write_text(text)
    git(repo, "add", name)
    git(repo, "commit", "--quiet", "-m", "by the user")
    return head(repo, git)


def test_nothing_but_delivery_touches_the_users_checkout(
    ws: Workspace, task: Prepared, result: str, repo: Path, git: Run, base: str
) -> None:
    (repo / "untracked").write_text("mine\n")
    index = (repo / ".git" / "index").read_bytes()
    ws.checkpoint(task.path, number=1, subject="c", documents=(), effect="c1")
    ws.rollback(task.path, task.branch, base, name="x")
    assert (repo / ".git" / "index").read_bytes() == index
    assert (head(repo, git), git(repo, "symbolic-ref", "HEAD")) == (base, "refs/heads/main")
    assert git(repo, "status", "--porcelain") == "?? untracked"


def test_a_checked_out_branch_moves_with_its_files(ws: Workspace, result: str, repo: Path, git: Run) -> None:
    assert ws.deliver(result, "main") == result
    assert head(repo, git) == result
    assert git(repo, "status", "--porcelain") == ""
    assert (repo / "pkg" / "new.py").exists()
    assert not (repo / "keep.txt").exists()
    assert ws.deliver(result, "main") == result


def test_a_branch_that_nobody_has_checked_out_just_moves(ws: Workspace, result: str, repo: Path, git: Run) -> None:
    git(repo, "checkout", "--quiet", "-b", "elsewhere")
    assert ws.deliver(result, "main") == result
    assert git(repo, "symbolic-ref", "--short", "HEAD") == "elsewhere"
    assert git(repo, "status", "--porcelain") == ""
    assert not (repo / "pkg").exists()


def test_a_branch_that_moved_on_gets_a_merge(ws: Workspace, result: str, repo: Path, git: Run) -> None:
    theirs = user_commit(repo, git)
    new = ws.deliver(result, "main")
    assert git(repo, "rev-list", "--parents", "-n1", new).split()[1:] == [theirs, result]
    assert head(repo, git) == new
    assert git(repo, "status", "--porcelain") == ""
    assert (repo / "theirs.py").exists()
    assert (repo / "pkg" / "new.py").exists()
    assert ws.deliver(result, "main") == new


def test_a_conflict_leaves_all_as_it_was(ws: Workspace, result: str, repo: Path, git: Run) -> None:
    theirs = user_commit(repo, git, "app.py", "something else\n")
    with pytest.raises(WorkspaceError, match=r"conflict in app\.py") as error:
        ws.deliver(result, "main")
    assert f"git merge {result}" in str(error.value)
    assert head(repo, git) == theirs
    assert git(repo, "status", "--porcelain") == ""


def test_local_changes_that_are_not_in_the_way_stay(ws: Workspace, result: str, repo: Path, git: Run) -> None:
    (repo / ".gitignore").write_text("*.log\nvenv/\nmore\n")
    (repo / "staged.py").write_text("s\n")
    git(repo, "add", "staged.py")
    (repo / "untracked").write_text("u\n")
    assert ws.deliver(result, "main") == result
    assert git(repo, "status", "--porcelain").splitlines() == [" M .gitignore", "A  staged.py", "?? untracked"]


@pytest.mark.parametrize("name", ["app.py", "keep.txt"])
@pytest.mark.parametrize("staged", [False, True])
def test_local_changes_in_the_way_are_kept_and_named(
    ws: Workspace, result: str, repo: Path, git: Run, base: str, name: str, staged: bool
) -> None:
    (repo / name).write_text("unsaved work\n")
    if staged:
        git(repo, "add", name)
    before = git(repo, "status", "--porcelain")
    with pytest.raises(WorkspaceError, match=name):
        ws.deliver(result, "main")
    assert (repo / name).read_text() == "unsaved work\n"
    assert git(repo, "status", "--porcelain") == before
    assert head(repo, git) == base
    assert not (repo / "pkg").exists()


@pytest.mark.parametrize("where", ["pkg/new.py", "pkg", "pkg/new.py/deeper"])
@pytest.mark.parametrize("ignored", [False, True])
def test_untracked_files_in_the_way_are_kept_even_ignored_ones(
    ws: Workspace, result: str, repo: Path, git: Run, base: str, where: str, ignored: bool
) -> None:
    (repo / where).parent.mkdir(parents=True, exist_ok=True)
    (repo / where).write_text("precious\n")
    if ignored:
        (repo / ".git" / "info" / "exclude").write_text("pkg\n")
    with pytest.raises(WorkspaceError, match=r"untracked files .*pkg/new\.py"):
        ws.deliver(result, "main")
    assert (repo / where).read_text() == "precious\n"
    assert head(repo, git) == base
    assert (repo / "keep.txt").exists()


def test_delivered_again_after_the_files_were_written_but_not_the_branch(
    ws: Workspace, result: str, repo: Path, git: Run, base: str
) -> None:
    git(repo, "read-tree", "-m", "-u", base, result)
    assert ws.deliver(result, "main") == result
    assert head(repo, git) == result
    assert git(repo, "status", "--porcelain") == ""


def test_a_checkout_in_another_worktree_of_the_user_counts(
    ws: Workspace, result: str, repo: Path, git: Run, tmp_path: Path
) -> None:
    git(repo, "worktree", "add", "--quiet", "-b", "release", str(tmp_path / "rel ease"))
    assert ws.deliver(result, "release") == result
    assert (tmp_path / "rel ease" / "pkg" / "new.py").exists()
    assert git(tmp_path / "rel ease", "status", "--porcelain") == ""
    assert not (repo / "pkg").exists()


@pytest.mark.parametrize("command", ["merge", "rebase"])
def test_an_operation_of_the_user_is_not_disturbed(
    ws: Workspace, result: str, repo: Path, git: Run, command: str
) -> None:
    git(repo, "checkout", "--quiet", "-b", "other")
    user_commit(repo, git, "app.py", "other\n")
    git(repo, "checkout", "--quiet", "main")
    ours = user_commit(repo, git, "app.py", "ours\n")
    git(repo, command, "other", check=False)
    before = git(repo, "status", "--porcelain")
    with pytest.raises(WorkspaceError, match=r"in progress|conflict"):
        ws.deliver(result, "main")
    assert git(repo, "rev-parse", "main") == ours
    assert git(repo, "status", "--porcelain") == before


def test_a_rebase_of_a_branch_that_could_be_fast_forwarded_is_not_disturbed(
    ws: Workspace, result: str, repo: Path, git: Run, base: str
) -> None:
    git(repo, "checkout", "--quiet", "-b", "other")
    user_commit(repo, git, "app.py", "other\n")
    git(repo, "checkout", "--quiet", "main")
    user_commit(repo, git, "app.py", "ours\n")
    git(repo, "rebase", "other", check=False)
    git(repo, "update-ref", "refs/heads/main", base)
    with pytest.raises(WorkspaceError, match="in progress"):
        ws.deliver(result, "main")
    assert git(repo, "rev-parse", "main") == base


def test_a_branch_that_does_not_exist_is_a_clear_error(ws: Workspace, result: str) -> None:
    with pytest.raises(WorkspaceError, match="there is no commit 'refs/heads/nowhere'"):
        ws.deliver(result, "nowhere")
