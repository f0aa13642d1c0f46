"""What a user's checkout is, and starting one."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.workspace.workspace import Workspace, initialise, inspect
from tests.workspace.branches import Run


def test_facts_of_a_clean_checkout(repo: Path, base: str) -> None:
    facts = inspect(repo)
    assert (facts.top, facts.commit, facts.branch, facts.dirty) == (str(repo), base, "main", ())


def test_changed_staged_and_untracked_paths_are_dirty(repo: Path, git: Run) -> None:
    (repo / "app.py").write_text("changed\n")
    (repo / "ein neues ü\nfile").write_text("x")
    git(repo, "rm", "--quiet", "keep.txt")
    (repo / "ignored.log").write_text("x")
    assert set(inspect(repo).dirty) == {"app.py", "ein neues ü\nfile", "keep.txt"}


def test_a_subfolder_and_a_linked_worktree_are_found(repo: Path, base: str, git: Run, tmp_path: Path) -> None:
    (repo / "deep" / "er").mkdir(parents=True)
    assert inspect(repo / "deep" / "er").top == str(repo)
    git(repo, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    facts = inspect(tmp_path / "linked")
    assert (facts.top, facts.branch, facts.commit) == (str(tmp_path / "linked"), "side", base)


def test_a_detached_head_has_no_branch(repo: Path, base: str, git: Run) -> None:
    git(repo, "checkout", "--quiet", "--detach")
    assert (inspect(repo).branch, inspect(repo).commit) == (None, base)


def test_looking_writes_nothing(repo: Path, git: Run) -> None:
    (repo / "app.py").touch()
    before = (repo / ".git" / "index").read_bytes()
    inspect(repo)
    assert (repo / ".git" / "index").read_bytes() == before


def test_no_repository_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="conduct init"):
        inspect(tmp_path)


def test_a_repository_without_commits_says_what_to_do(tmp_path: Path, git: Run) -> None:
    git(tmp_path, "init", "--quiet", "fresh")
    with pytest.raises(WorkspaceError, match="no commit yet"):
        inspect(tmp_path / "fresh")


def test_a_bare_repository_and_a_git_directory_are_refused(tmp_path: Path, repo: Path, git: Run) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    for inside in (tmp_path / "bare.git", tmp_path / "bare.git" / "refs", repo / ".git" / "refs"):
        with pytest.raises(WorkspaceError, match=r"bare|git directory"):
            inspect(inside)


def test_the_repository_of_the_path_counts_not_that_of_the_environment(
    repo: Path, tmp_path: Path, git: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / "index"))
    assert inspect(repo).top == str(repo)


def test_initialise_starts_a_repository_and_takes_no_file_along(tmp_path: Path, git: Run) -> None:
    folder = tmp_path / "new project"
    folder.mkdir()
    (folder / ".env").write_text("SECRET=1\n")
    facts = initialise(folder)
    assert facts.branch == git(folder, "branch", "--show-current")
    assert facts.dirty == (".env",)
    assert git(folder, "ls-tree", "-r", "--name-only", "HEAD") == ""
    assert initialise(folder) == facts


def test_initialise_keeps_what_is_staged_and_leaves_a_repository_with_commits_alone(
    tmp_path: Path, repo: Path, base: str, git: Run
) -> None:
    git(tmp_path, "init", "--quiet", "fresh")
    (tmp_path / "fresh" / "a").write_text("x")
    git(tmp_path / "fresh", "add", "a")
    initialise(tmp_path / "fresh")
    assert git(tmp_path / "fresh", "diff", "--cached", "--name-only") == "a"
    assert initialise(repo).commit == base


ADA, OWN = "Ada <ada@example.org>", "Conductor <conductor@localhost>"


@pytest.mark.parametrize(
    ("config", "variables", "author", "committer"),
    [
        ("", {}, OWN, OWN),
        ("[user]\nname = Ada\nemail = ada@example.org", {}, ADA, ADA),
        ("[user]\nname = Ada", {}, OWN, OWN),
        ("[user]\nemail = ada@example.org", {}, OWN, OWN),
        ("[user]\nname =\nemail = ada@example.org", {}, OWN, OWN),
        ("[user]\nname = <.>\nemail = ada@example.org", {}, OWN, OWN),
        ("[author]\nname = Ada\nemail = ada@example.org", {}, ADA, OWN),
        ("", {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}, ADA, OWN),
        ("", {"GIT_AUTHOR_NAME": "", "GIT_COMMITTER_EMAIL": "ada@example.org"}, OWN, OWN),
    ],
)
def test_commits_carry_the_users_name_or_conductors(
    tmp_path: Path,
    git: Run,
    monkeypatch: pytest.MonkeyPatch,
    users_config: Path,
    config: str,
    variables: dict[str, str],
    author: str,
    committer: str,
) -> None:
    users_config.write_text(config)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    initialise(tmp_path / "new")
    assert git(tmp_path / "new", "log", "-1", "--format=%an <%ae>, %cn <%ce>") == f"{author}, {committer}"


def test_worktrees_do_not_live_in_the_repository(repo: Path) -> None:
    with pytest.raises(WorkspaceError, match="in the repository itself"):
        Workspace(repo, "t1", repo / ".conductor")


@pytest.mark.parametrize("task", ["", "-x", "a/b", "..", "a b", "x.lock", "a\nb"])
def test_a_task_that_could_not_stand_in_a_ref_is_refused(repo: Path, root: Path, task: str) -> None:
    with pytest.raises(WorkspaceError):
        Workspace(repo, task, root)


def test_an_old_git_is_named(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from conductor.workspace.git import client as module

    monkeypatch.setattr(module, "OLDEST", (99, 0))
    module._gitpython.cache_clear()
    with pytest.raises(WorkspaceError, match="too old"):
        inspect(Path(repo))
    monkeypatch.undo()
    module._gitpython.cache_clear()
