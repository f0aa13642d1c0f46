"""Worktrees come and go; crashes in between leave nothing that the next call cannot mend."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.ids import Branch
from conductor.workspace.workspace import Prepared, Workspace, initialise
from tests.workspace.branches import Run


def rescues(repo: Path, git: Run) -> list[str]:
    return git(repo, "for-each-ref", "--format=%(refname)", "refs/conductor/rescue/").splitlines()


def test_a_new_branch_starts_at_its_base(ws: Workspace, repo: Path, base: str, root: Path, git: Run) -> None:
    made = ws.prepare(Branch("conduct/t1.api"), base, root / "api")
    assert (made.path, made.branch, made.commit) == (root / "api", "conduct/t1.api", base)
    assert made.tree == git(repo, "rev-parse", f"{base}^{{tree}}")
    assert (made.path / "app.py").read_text() == "one\ntwo\nthree\n"
    assert git(made.path, "status", "--porcelain") == ""
    assert git(made.path, "symbolic-ref", "HEAD") == "refs/heads/conduct/t1.api"


def test_the_base_may_be_a_branch(ws: Workspace, base: str, root: Path) -> None:
    assert ws.prepare(Branch("conduct/t1.api"), "main", root / "api").commit == base


def test_preparing_again_leaves_work_as_it_is(ws: Workspace, module: Prepared, base: str) -> None:
    (module.path / "new.py").write_text("work\n")
    (module.path / "app.py").unlink()
    assert ws.prepare(module.branch, base, module.path) == module
    assert (module.path / "new.py").exists()
    assert not (module.path / "app.py").exists()


def test_cut_short_after_the_worktree_was_added(ws: Workspace, repo: Path, base: str, root: Path, git: Run) -> None:
    git(repo, "worktree", "add", "--quiet", "--no-checkout", "-b", "conduct/t1.api", str(root / "api"), base)
    made = ws.prepare(Branch("conduct/t1.api"), base, root / "api")
    assert (made.path / "app.py").exists()
    assert git(made.path, "status", "--porcelain") == ""


def test_cut_short_after_the_branch_was_made(ws: Workspace, repo: Path, base: str, root: Path, git: Run) -> None:
    git(repo, "branch", "conduct/t1.api", base)
    assert ws.prepare(Branch("conduct/t1.api"), base, root / "api").commit == base


def test_a_folder_that_git_does_not_know_is_moved_aside(ws: Workspace, base: str, root: Path) -> None:
    (root / "api").mkdir(parents=True)
    (root / "api" / "notes").write_text("precious")
    made = ws.prepare(Branch("conduct/t1.api"), base, root / "api")
    assert not (made.path / "notes").exists()
    assert [file.read_text() for file in root.glob(".set-aside/*/api/notes")] == ["precious"]


def test_a_file_where_the_folder_of_a_worktree_was_is_moved_aside(
    ws: Workspace, module: Prepared, base: str, root: Path
) -> None:
    shutil.rmtree(module.path)
    module.path.write_text("precious")
    assert ws.prepare(module.branch, base, module.path, effect="again") == module
    assert (root / ".set-aside" / "again" / "core").read_text() == "precious"
    assert [(moved.folder, moved.paths) for moved in ws.set_aside("again")] == [
        (str(root / ".set-aside" / "again"), ("core",))
    ]


def test_a_worktree_whose_folder_is_gone_is_made_anew_at_its_branch(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "new.py").write_text("work\n")
    done = ws.commit_all(module.path, "work", effect="e1", since=base)
    shutil.rmtree(module.path)
    assert ws.prepare(module.branch, base, module.path).commit == done.commit
    assert (module.path / "new.py").exists()
    assert len(git(repo, "worktree", "list").splitlines()) == 2


def test_a_gone_folder_with_a_detached_commit_loses_nothing(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    git(module.path, "checkout", "--quiet", "--detach")
    git(module.path, "commit", "--quiet", "--allow-empty", "-m", "detached")
    commit = git(module.path, "rev-parse", "HEAD")
    shutil.rmtree(module.path)
    ws.prepare(module.branch, base, module.path)
    (ref,) = rescues(repo, git)
    assert git(repo, "rev-parse", ref) == commit


def test_a_branch_of_somebody_else_is_refused_by_name(
    ws: Workspace, repo: Path, base: str, root: Path, git: Run
) -> None:
    git(repo, "branch", "conduct/t1.api", git(repo, "commit-tree", "-p", base, "-m", "mine", f"{base}^{{tree}}"))
    with pytest.raises(WorkspaceError, match=r"conduct/t1\.api already exists"):
        ws.prepare(Branch("conduct/t1.api"), base, root / "api")
    assert not (root / "api").exists()


def test_a_path_of_another_branch_is_refused(ws: Workspace, module: Prepared, base: str) -> None:
    with pytest.raises(WorkspaceError, match="belongs to branch"):
        ws.prepare(Branch("conduct/t1.other"), base, module.path)


def test_only_folders_under_the_root_are_worktrees(
    ws: Workspace, repo: Path, base: str, root: Path, tmp_path: Path
) -> None:
    root.mkdir(parents=True)
    (root / "link").symlink_to(repo)
    for path in (repo, tmp_path / "elsewhere", root, root / ".." / "up", root / ".set-aside" / "x", root / "link"):
        with pytest.raises(WorkspaceError):
            ws.prepare(Branch("conduct/t1.api"), base, path)
        with pytest.raises(WorkspaceError):
            ws.discard(path, base)


def test_a_worktree_swapped_for_a_link_to_the_users_checkout_is_not_followed(
    ws: Workspace, module: Prepared, repo: Path, base: str
) -> None:
    shutil.rmtree(module.path)
    module.path.symlink_to(repo)
    (repo / "unsaved").write_text("mine")
    for call in (
        lambda: ws.discard(module.path, base),
        lambda: ws.remove(module.path),
        lambda: ws.commit_all(module.path, "x", effect="e", since=base),
    ):
        with pytest.raises(WorkspaceError, match="symbolic link"):
            call()
    assert (repo / "unsaved").read_text() == "mine"


@pytest.mark.parametrize(
    "branch", ["-b", "--upload-pack=x", "a..b", "a b", "x.lock", "a\nb", "@", "refs/heads/x", "a//b"]
)
def test_names_that_are_no_branch_never_reach_git(ws: Workspace, base: str, root: Path, branch: str) -> None:
    with pytest.raises(WorkspaceError, match="cannot name a branch"):
        ws.prepare(Branch(branch), base, root / "x")
    with pytest.raises(WorkspaceError):
        ws.prepare(Branch("conduct/ok"), branch, root / "x")


def test_unicode_spaces_and_long_paths(ws: Workspace, base: str, root: Path) -> None:
    path = root / ("ein sehr langer name " * 8) / "módulo 日本"
    made = ws.prepare(Branch("conduct/módulo-日本"), base, path)
    (made.path / "datei ü\nzwei").write_text("x\n")
    done = ws.commit_all(made.path, "Füge hinzu", effect="e1", since=base)
    assert done.created == ("datei ü\nzwei",)
    assert ws.remove(made.path) != ()


def test_folders_whose_names_look_like_variables(git: Run, tmp_path: Path) -> None:
    repo = tmp_path / "~" / "$HOME ${USER}"
    facts = initialise(repo)
    ws = Workspace(repo, "t1", tmp_path / "$PWD" / "~root")
    made = ws.prepare(Branch("conduct/t1"), facts.commit, tmp_path / "$PWD" / "~root" / "$1")
    (made.path / "$x").write_text("x\n")
    done = ws.commit_all(made.path, "x", effect="e", since=facts.commit)
    assert done.created == ("$x",)
    assert facts.branch and ws.deliver(done.commit, facts.branch) == done.commit
    assert (repo / "$x").exists()


def test_a_repository_that_is_a_linked_worktree_itself(
    repo: Path, base: str, git: Run, tmp_path: Path, root: Path
) -> None:
    git(repo, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    (tmp_path / "linked" / "sub").mkdir()
    ws = Workspace(tmp_path / "linked" / "sub", "t2", root)
    made = ws.prepare(Branch("conduct/t2"), base, root / "task")
    (made.path / "n").write_text("n\n")
    done = ws.commit_all(made.path, "n", effect="e", since=base)
    assert ws.deliver(done.commit, "side") == done.commit
    assert (tmp_path / "linked" / "n").exists()
    assert git(tmp_path / "linked", "status", "--porcelain") == ""
    assert git(repo, "status", "--porcelain") == ""


def test_many_at_once(ws: Workspace, base: str, root: Path, repo: Path, git: Run) -> None:
    def work(number: int) -> str:
        made = ws.prepare(Branch(f"conduct/t1.m{number}"), base, root / f"m{number}")
        (made.path / f"f{number}").write_text("x\n")
        done = ws.commit_all(made.path, "work", effect=f"e{number}", since=base)
        ws.remove(made.path, keep_branch=True)
        return done.commit

    with ThreadPoolExecutor(6) as pool:
        commits = list(pool.map(work, range(6)))
    heads = git(repo, "for-each-ref", "--format=%(objectname)", "refs/heads/conduct/").splitlines()
    assert heads == commits
    assert len(git(repo, "worktree", "list").splitlines()) == 1


def test_another_process_holding_the_index_for_a_moment_is_waited_for(
    ws: Workspace, module: Prepared, base: str
) -> None:
    lock = module.path.parent.parent.parent / "a user's repo" / ".git" / "worktrees" / "core" / "index.lock"
    lock.write_text("")  # and one that nobody holds any more is not waited for forever
    (module.path / "n").write_text("n\n")
    assert ws.commit_all(module.path, "n", effect="e", since=base).created == ("n",)
    assert not lock.exists()


# Removing


def test_merged_work_leaves_nothing_behind(
    ws: Workspace, task: Prepared, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "new.py").write_text("x\n")
    done = ws.commit_all(module.path, "work", effect="e1", since=base)
    ws.merge(task.path, done.commit, "merge", effect="e2")
    assert ws.remove(module.path) == ()
    assert not module.path.exists()
    assert git(repo, "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/conductor/t1/heads/conduct/t1",
        "refs/heads/conduct/t1",
        "refs/heads/main",
    ]
    assert ws.remove(module.path) == ()


def test_unmerged_and_uncommitted_work_is_found_again(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "done.py").write_text("committed\n")
    done = ws.commit_all(module.path, "work", effect="e1", since=base)
    (module.path / "half.py").write_text("uncommitted\n")
    (module.path / "app.py").unlink()
    (ref,) = ws.remove(module.path)
    kept = git(repo, "ls-tree", "-r", "--name-only", ref).splitlines()
    assert kept == [".gitignore", "done.py", "half.py", "keep.txt"]
    assert git(repo, "rev-parse", f"{ref}^") == done.commit
    assert git(repo, "branch", "--list", "conduct/*") == ""


def test_removing_cut_short_after_the_branch_went(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "done.py").write_text("committed\n")
    done = ws.commit_all(module.path, "work", effect="e1", since=base)
    git(repo, "update-ref", "refs/conductor/rescue/t1/core", done.commit)
    git(repo, "update-ref", "-d", "refs/heads/conduct/t1.core")
    git(repo, "update-ref", "-d", "refs/conductor/t1/heads/conduct/t1.core")
    git(module.path, "symbolic-ref", "--delete", "refs/worktree/conductor/branch")
    assert ws.remove(module.path) == ("refs/conductor/rescue/t1/core",)
    assert not module.path.exists()


def test_removing_leaves_no_ref_behind(ws: Workspace, module: Prepared, git: Run, repo: Path) -> None:
    ws.remove(module.path)
    assert git(repo, "for-each-ref", "--format=%(refname)", "refs/conductor") == ""
    assert ws.remove(module.path) == ()


def test_removing_a_branch_that_an_agent_deleted_keeps_its_commits(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "done.py").write_text("committed\n")
    done = ws.commit_all(module.path, "work", effect="e1", since=base)
    git(module.path, "checkout", "--quiet", "--detach", base)
    git(module.path, "branch", "--quiet", "-D", module.branch)
    (ref,) = ws.remove(module.path)
    assert git(repo, "rev-parse", ref) == done.commit


def test_removing_what_is_gone_already_still_keeps_its_commits(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "done.py").write_text("committed\n")
    done = ws.commit_all(module.path, "work", effect="e1", since=base)
    shutil.rmtree(module.path)
    (ref,) = ws.remove(module.path)
    assert git(repo, "rev-parse", ref) == done.commit
    assert git(repo, "branch", "--list", "conduct/*") == ""
    assert len(git(repo, "worktree", "list").splitlines()) == 1


def test_a_worktree_is_removed_with_its_git_file_replaced_and_folders_read_only(
    ws: Workspace, module: Prepared
) -> None:
    (module.path / ".git").unlink()
    (module.path / "venv" / "ro").mkdir(parents=True)
    (module.path / "venv" / "ro" / "f").write_text("x")
    (module.path / "venv" / "ro").chmod(0o500)
    assert ws.remove(module.path) == ()
    assert not module.path.exists()


def test_the_task_branch_can_stay(ws: Workspace, task: Prepared, git: Run, repo: Path) -> None:
    ws.remove(task.path, keep_branch=True)
    assert git(repo, "branch", "--list", "--format=%(refname:short)", "conduct/*") == "conduct/t1"
    assert ws.prepare(Branch("conduct/t1"), task.commit, task.path).commit == task.commit
