"""Modules' commits come onto the task's branch, cleanly or through an integration worktree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.ids import Branch, Commit
from conductor.workspace.workspace import Committed, Conflicted, Merged, Prepared, Workspace
from tests.workspace.branches import Run


@pytest.fixture
def build(ws: Workspace, base: str, root: Path) -> Callable[..., str]:
    """`build(name, **files)`: a module's worktree with these files committed; the commit."""

    def make(name: str, **files: str | None) -> str:
        made = ws.prepare(Branch(f"conduct/t1.{name}"), base, root / name)
        for file, text in files.items():
            path = made.path / file.replace("_", ".")
            path.unlink() if text is None else path.write_text(text)
        return ws.commit_all(made.path, name, effect=name, since=base).commit

    return make


def parents(repo: Path, git: Run, commit: str) -> list[str]:
    return git(repo, "rev-list", "--parents", "-n1", commit).split()[1:]


def at(made: Prepared, git: Run, commit: str) -> bool:
    assert git(made.path, "rev-parse", "HEAD") == commit
    assert git(made.path, "symbolic-ref", "HEAD") == f"refs/heads/{made.branch}"
    assert git(made.path, "status", "--porcelain") == ""
    return True


def test_a_branch_with_nothing_of_its_own_is_fast_forwarded(
    ws: Workspace, task: Prepared, build: Callable[..., str], git: Run
) -> None:
    one = build("one", one_py="1\n")
    done = ws.merge(task.path, one, "merge one", effect="m1")
    assert isinstance(done, Merged)
    assert done == Merged(Commit(one), ws.tree_of(one), "fast-forward")
    assert (task.path / "one.py").exists()
    assert at(task, git, one)
    assert ws.merge(task.path, one, "merge one", effect="m1") == done


def test_both_sides_moved_is_a_merge_commit_with_trailers(
    ws: Workspace, task: Prepared, build: Callable[..., str], git: Run, repo: Path
) -> None:
    one, two = build("one", one_py="1\n"), build("two", two_py="2\n")
    ws.merge(task.path, one, "merge one", effect="m1")
    done = ws.merge(task.path, two, "merge two", effect="m2", ours=one)
    assert isinstance(done, Merged)
    assert done.how == "clean"
    assert parents(repo, git, done.commit) == [one, two]
    assert git(repo, "log", "-1", "--format=%(trailers:key=Conductor-Effect,valueonly)", done.commit).strip() == "m2"
    assert at(task, git, done.commit)
    assert ws.merge(task.path, two, "merge two", effect="m2", ours=one) == done


def test_cut_short_after_the_branch_moved(
    ws: Workspace, task: Prepared, build: Callable[..., str], git: Run, repo: Path
) -> None:
    one, two = build("one", one_py="1\n"), build("two", two_py="2\n")
    ws.merge(task.path, one, "merge one", effect="m1")
    tree = git(repo, "merge-tree", "--write-tree", one, two)
    commit = git(repo, "commit-tree", tree, "-p", one, "-p", two, "-m", "merge two\n\nConductor-Effect: m2")
    git(repo, "update-ref", "refs/heads/conduct/t1", commit)
    done = ws.merge(task.path, two, "merge two", effect="m2", ours=one)
    assert isinstance(done, Merged)
    assert (done.commit, done.how) == (commit, "clean")
    assert at(task, git, commit)


def test_cut_short_after_the_files_were_written(
    ws: Workspace, task: Prepared, build: Callable[..., str], git: Run, repo: Path
) -> None:
    one, two = build("one", one_py="1\n"), build("two", two_py="2\n")
    ws.merge(task.path, one, "merge one", effect="m1")
    git(task.path, "merge", "--quiet", "--no-commit", "--no-ff", two)
    done = ws.merge(task.path, two, "merge two", effect="m2", ours=one)
    assert isinstance(done, Merged)
    assert (done.how, done.rescued) == ("clean", ())
    assert at(task, git, done.commit)


def test_a_branch_that_moved_meanwhile_is_refused(
    ws: Workspace, task: Prepared, build: Callable[..., str], base: str
) -> None:
    one, two = build("one", one_py="1\n"), build("two", two_py="2\n")
    ws.merge(task.path, one, "merge one", effect="m1")
    with pytest.raises(WorkspaceError, match="not at"):
        ws.merge(task.path, two, "merge two", effect="m2", ours=base)


def test_what_lies_about_in_the_tasks_worktree_is_rescued_first(
    ws: Workspace, task: Prepared, build: Callable[..., str], git: Run, repo: Path
) -> None:
    one = build("one", app_py="from one\n")
    (task.path / "app.py").write_text("unsaved\n")
    (task.path / "stray").write_text("unsaved too\n")
    done = ws.merge(task.path, one, "merge one", effect="m1")
    assert isinstance(done, Merged)
    (ref,) = done.rescued
    assert git(repo, "show", f"{ref}:app.py") == "unsaved"
    assert git(repo, "show", f"{ref}:stray") == "unsaved too"
    assert at(task, git, one)


def test_unrelated_histories_are_a_clear_error(ws: Workspace, task: Prepared, git: Run, repo: Path, base: str) -> None:
    alone = git(repo, "commit-tree", "-m", "alone", f"{base}^{{tree}}")
    with pytest.raises(WorkspaceError, match="unrelated"):
        ws.merge(task.path, alone, "m", effect="m1")


# Conflicts


@pytest.fixture
def conflict(ws: Workspace, task: Prepared, build: Callable[..., str], root: Path) -> tuple[str, str, Path]:
    """Two modules that do not go together; the first one is merged."""
    one = build("one", app_py="one\nours\nthree\n", keep_txt="changed\n", both_py="ours\n", new_py="n\n")
    two = build("two", app_py="one\ntheirs\nthree\n", keep_txt=None, both_py="theirs\n", fine_py="f\n")
    ws.merge(task.path, one, "merge one", effect="m1")
    return one, two, root / "two.merge"


FILES = ("app.py", "both.py", "keep.txt")
BRANCH = "conduct/t1.two.merge"


def test_a_conflict_changes_nothing(ws: Workspace, task: Prepared, conflict: tuple[str, str, Path], git: Run) -> None:
    one, two, _ = conflict
    assert ws.merge(task.path, two, "merge two", effect="m2") == Conflicted(FILES)
    assert at(task, git, one)


def test_an_integration_shows_the_merge_in_progress(ws: Workspace, conflict: tuple[str, str, Path], git: Run) -> None:
    one, two, path = conflict
    assert ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two) == FILES
    assert "<<<<<<<" in (path / "app.py").read_text()
    assert git(path, "rev-parse", "MERGE_HEAD", "HEAD").split() == [two, one]
    unmerged = {line.split("\t")[1] for line in git(path, "ls-files", "-u").splitlines()}
    assert unmerged == set(FILES)
    assert (path / "new.py").exists()
    assert (path / "fine.py").exists()


def test_resolved_and_fast_forwarded(
    ws: Workspace, task: Prepared, conflict: tuple[str, str, Path], git: Run, repo: Path
) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    assert ws.finish_integration(path, "resolve", effect="i1") == Conflicted(FILES)
    (path / "app.py").write_text("one\nboth\nthree\n")
    assert ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two) == FILES  # cut short: nothing is redone
    (path / "both.py").write_text("both\n")
    (path / "helper.py").write_text("h\n")
    assert ws.finish_integration(path, "resolve", effect="i1") == Conflicted(("keep.txt",))
    git(path, "rm", "--quiet", "keep.txt")
    done = ws.finish_integration(path, "resolve", effect="i1")
    assert isinstance(done, Committed)
    assert parents(repo, git, done.commit) == [one, two]
    assert set(done.created) == {"fine.py", "helper.py"}
    assert set(done.changed) == {"app.py", "both.py", "fine.py", "helper.py", "keep.txt"}
    assert ws.finish_integration(path, "resolve", effect="i1") == done
    assert ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two) == FILES
    assert git(path, "rev-parse", "HEAD") == done.commit

    merged = ws.merge(task.path, two, "merge two", effect="m2", resolution=done.commit)
    assert merged == Merged(done.commit, done.tree, "resolved")
    assert at(task, git, done.commit)
    assert ws.merge(task.path, two, "merge two", effect="m2", resolution=done.commit) == merged
    assert ws.remove(path) == ()


def resolve(path: Path) -> None:
    (path / "app.py").write_text("one\nboth\nthree\n")
    (path / "both.py").write_text("both\n")
    (path / "keep.txt").write_text("kept on purpose\n")


def test_an_agent_that_commits_the_merge_itself(
    ws: Workspace, conflict: tuple[str, str, Path], git: Run, repo: Path
) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    resolve(path)
    git(path, "add", "-A")
    git(path, "commit", "--quiet", "-m", "mine")
    own = git(path, "rev-parse", "HEAD")
    done = ws.finish_integration(path, "resolve", effect="i1")
    assert isinstance(done, Committed)
    assert done.commit == own


def test_commits_on_the_way_end_in_one_resolution_and_are_kept(
    ws: Workspace, conflict: tuple[str, str, Path], git: Run, repo: Path
) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    resolve(path)
    git(path, "add", "-A")
    git(path, "commit", "--quiet", "-m", "first try")
    (path / "app.py").write_text("one\nbetter\nthree\n")
    git(path, "commit", "--quiet", "-a", "-m", "second try")
    own = git(path, "rev-parse", "HEAD")
    done = ws.finish_integration(path, "resolve", effect="i1")
    assert isinstance(done, Committed)
    assert parents(repo, git, done.commit) == [one, two]
    assert git(repo, "show", f"{done.commit}:app.py") == "one\nbetter\nthree"
    (ref,) = done.rescued
    assert git(repo, "rev-parse", ref) == own


def test_a_merge_that_was_aborted_is_no_resolution(ws: Workspace, conflict: tuple[str, str, Path], git: Run) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    git(path, "merge", "--abort")
    assert ws.finish_integration(path, "resolve", effect="i1") == Conflicted(FILES)
    assert ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two) == FILES
    assert "<<<<<<<" in (path / "app.py").read_text()


def test_markers_that_were_staged_are_still_conflicts(ws: Workspace, conflict: tuple[str, str, Path], git: Run) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    git(path, "add", "-A")
    left = ws.finish_integration(path, "resolve", effect="i1")
    assert left == Conflicted(("app.py", "both.py"))


def test_begun_again_after_half_of_it(ws: Workspace, conflict: tuple[str, str, Path], git: Run, repo: Path) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    git(path, "update-ref", "-d", "MERGE_HEAD")  # written last
    (path / "fine.py").unlink()
    assert ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two) == FILES
    assert (path / "fine.py").exists()
    resolve(path)
    assert isinstance(ws.finish_integration(path, "resolve", effect="i1"), Committed)


def test_another_integration_in_the_same_place_keeps_the_earlier_one(
    ws: Workspace, conflict: tuple[str, str, Path], git: Run, repo: Path, base: str, build: Callable[..., str]
) -> None:
    one, two, path = conflict
    ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=two)
    resolve(path)
    earlier = ws.finish_integration(path, "resolve", effect="i1")
    assert isinstance(earlier, Committed)
    three = build("three", app_py="one\nthird\nthree\n")
    assert ws.begin_integration(path, Branch(BRANCH), ours=one, theirs=three) == ("app.py",)
    assert git(path, "rev-parse", "HEAD") == one
    kept = git(repo, "for-each-ref", "--format=%(objectname)", "refs/conductor/rescue/").splitlines()
    assert earlier.commit in kept


def test_a_resolution_of_something_else_is_refused(
    ws: Workspace, task: Prepared, conflict: tuple[str, str, Path], git: Run, repo: Path, base: str
) -> None:
    one, two, _ = conflict
    other_merge = git(repo, "commit-tree", "-p", one, "-p", base, "-m", "x", f"{one}^{{tree}}")
    for wrong in (base, two, other_merge, git(repo, "commit-tree", "-p", two, "-p", one, "-m", "x", f"{one}^{{tree}}")):
        with pytest.raises(WorkspaceError):
            found = ws.merge(task.path, two, "merge two", effect="m2", resolution=Commit(wrong))
            assert found is None, found
    assert at(task, git, one)


def test_finishing_what_was_not_begun_is_refused(ws: Workspace, task: Prepared) -> None:
    with pytest.raises(WorkspaceError, match="no integration"):
        ws.finish_integration(task.path, "x", effect="e")
