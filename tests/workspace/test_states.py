"""Checkpoints, rescue, rollback and taking up rescued work: known states, and nothing lost on the way between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.workspace.workspace import Committed, Prepared, Workspace
from tests.workspace.branches import Run


def names(repo: Path, git: Run, commit: str) -> list[str]:
    return git(repo, "ls-tree", "-r", "-z", "--name-only", commit).rstrip("\0").split("\0")


def rescued(repo: Path, git: Run) -> dict[str, str]:
    listed = git(repo, "for-each-ref", "--format=%(refname) %(objectname)", "refs/conductor/rescue/").splitlines()
    return dict(line.split() for line in listed)


def at(made: Prepared, git: Run, commit: str) -> bool:
    assert git(made.path, "rev-parse", "HEAD") == commit
    assert git(made.path, "symbolic-ref", "HEAD") == f"refs/heads/{made.branch}"
    assert git(made.path, "status", "--porcelain") == ""
    return True


@pytest.fixture
def work(ws: Workspace, task: Prepared, base: str) -> Callable[..., str]:
    """`work(name)`: a file of that name, committed in the task's worktree; the commit."""

    def add(name: str) -> str:
        (task.path / name).write_text(f"{name}\n")
        return ws.commit_all(task.path, name, effect=name, since=base).commit

    return add


@pytest.fixture
def checkpoint(ws: Workspace, task: Prepared) -> Callable[..., Committed]:
    def make(number: int, *documents: str, effect: str = "") -> Committed:
        return ws.checkpoint(
            task.path,
            number=number,
            subject=f"Checkpoint {number}",
            documents=documents,
            effect=effect or f"c{number}",
            trailers={"Conductor-Chain": "abc"},
        )

    return make


# Checkpoints


def test_only_the_documents_are_in_it(
    ws: Workspace, task: Prepared, work: Callable[..., str], checkpoint: Callable[..., Committed], git: Run, repo: Path
) -> None:
    checked = work("a.py")
    (task.path / "docs ü").mkdir()
    (task.path / "docs ü" / "D.md").write_text("found\n")
    (task.path / "GONE.log").write_text("ignored, and yet a document\n")
    (task.path / "stray.py").write_text("not a document\n")
    done = checkpoint(1, "docs ü/D.md", "GONE.log", "not there.md")
    assert done.changed == done.created == ("GONE.log", "docs ü/D.md")
    assert ws.diff_paths(ws.tree_of(checked), done.tree) == ("GONE.log", "docs ü/D.md")
    assert git(repo, "rev-parse", f"{done.commit}^", "refs/conductor/t1/checkpoint/1").split() == [checked, done.commit]
    assert "Conductor-Chain: abc" in git(repo, "log", "-1", "--format=%B", done.commit)
    assert at(task, git, done.commit)
    (ref,) = done.rescued
    assert git(repo, "show", f"{ref}:stray.py") == "not a document"
    assert not (task.path / "stray.py").exists()


def test_each_is_a_commit_of_its_own_even_with_nothing_in_it(
    task: Prepared, checkpoint: Callable[..., Committed], base: str, git: Run
) -> None:
    first, second = checkpoint(1), checkpoint(2)
    assert len({base, first.commit, second.commit}) == 3
    assert first.tree == second.tree
    assert checkpoint(2) == second
    assert at(task, git, second.commit)


def test_cut_short_before_its_ref_was_set(
    task: Prepared, checkpoint: Callable[..., Committed], git: Run, repo: Path
) -> None:
    (task.path / "D.md").write_text("x\n")
    done = checkpoint(1, "D.md")
    git(repo, "update-ref", "-d", "refs/conductor/t1/checkpoint/1")
    assert checkpoint(1, "D.md") == done
    assert git(repo, "rev-parse", "refs/conductor/t1/checkpoint/1") == done.commit


def test_a_document_that_went_is_a_deletion(
    task: Prepared, checkpoint: Callable[..., Committed], git: Run, repo: Path
) -> None:
    (task.path / "D.md").write_text("x\n")
    checkpoint(1, "D.md")
    (task.path / "D.md").unlink()
    assert "D.md" not in names(repo, git, checkpoint(2, "D.md").commit)


def test_a_document_behind_a_link_is_refused(
    task: Prepared, checkpoint: Callable[..., Committed], tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "D.md").write_text("secret\n")
    (task.path / "docs").symlink_to(tmp_path / "outside")
    with pytest.raises(WorkspaceError, match="symbolic link"):
        checkpoint(1, "docs/D.md")


def test_a_number_that_is_used_again_keeps_the_earlier_checkpoint(
    ws: Workspace,
    task: Prepared,
    work: Callable[..., str],
    checkpoint: Callable[..., Committed],
    git: Run,
    repo: Path,
    base: str,
) -> None:
    first = checkpoint(1)
    ws.rollback(task.path, task.branch, base, name="back")
    git(repo, "update-ref", "-d", "refs/conductor/rescue/t1/back")
    again = checkpoint(1, effect="c1 again")
    assert git(repo, "rev-parse", "refs/conductor/t1/checkpoint/1") == again.commit
    assert first.commit in rescued(repo, git).values()


# Rescue


def test_uncommitted_work_is_rescued_without_touching_the_branch(
    ws: Workspace, module: Prepared, base: str, git: Run, repo: Path
) -> None:
    (module.path / "new ü.py").write_text("x\n")
    (module.path / "keep.txt").unlink()
    before = git(module.path, "status", "--porcelain")
    ref = ws.rescue("p1: core/half done", path=module.path)
    assert ref == "refs/conductor/rescue/t1/p1-core-half-done"
    assert names(repo, git, ref) == [".gitignore", "app.py", "new ü.py"]
    assert git(repo, "rev-parse", f"{ref}^") == base
    assert git(module.path, "status", "--porcelain") == before
    assert ws.rescue("p1: core/half done", path=module.path) == ref


def test_nothing_unsaved_is_no_ref(ws: Workspace, module: Prepared, git: Run, repo: Path) -> None:
    assert ws.rescue("x", path=module.path) is None
    assert rescued(repo, git) == {}


def test_nothing_rescued_is_overwritten(ws: Workspace, module: Prepared, base: str, git: Run, repo: Path) -> None:
    refs = []
    for text in ("one", "two", "two", "three"):
        (module.path / "f").write_text(text)
        refs.append(ws.rescue("x", path=module.path))
    prefix = "refs/conductor/rescue/t1/x"
    assert refs == [prefix, f"{prefix}-2", f"{prefix}-2", f"{prefix}-3"]
    assert [git(repo, "show", f"{ref}:f") for ref in dict.fromkeys(refs)] == ["one", "two", "three"]
    assert ws.rescue("x", commit=base) == f"{prefix}-4"
    assert ws.rescue("x", commit=base) == f"{prefix}-4"


def test_a_detached_commit_is_rescued(ws: Workspace, module: Prepared, git: Run, repo: Path) -> None:
    git(module.path, "checkout", "--quiet", "--detach")
    git(module.path, "commit", "--quiet", "--allow-empty", "-m", "detached")
    ref = ws.rescue("x", path=module.path)
    assert git(repo, "rev-parse", ref) == git(module.path, "rev-parse", "HEAD")


def test_rescued_work_survives_garbage_collection(ws: Workspace, module: Prepared, git: Run, repo: Path) -> None:
    (module.path / "precious").write_text("x\n")
    ref = ws.rescue("x", path=module.path)
    ws.remove(module.path)
    git(repo, "reflog", "expire", "--expire=now", "--all")
    git(repo, "gc", "--quiet", "--prune=now")
    assert git(repo, "show", f"{ref}:precious") == "x"


# Rollback


def test_rolling_back_keeps_the_failed_work(
    ws: Workspace, task: Prepared, work: Callable[..., str], checkpoint: Callable[..., Committed], git: Run, repo: Path
) -> None:
    good = checkpoint(1).commit
    work("failed one")
    tip = work("failed two")
    (task.path / "half").write_text("uncommitted\n")
    back = ws.rollback(task.path, task.branch, good, name="p2/e7")
    assert (back.commit, back.tree) == (good, ws.tree_of(good))
    assert at(task, git, good)
    assert not (task.path / "failed one").exists()
    first, second = back.rescued
    assert git(repo, "rev-parse", first) == tip
    assert git(repo, "show", f"{second}:half") == "uncommitted"
    assert ws.rollback(task.path, task.branch, good, name="p2/e7") == back


def test_rolling_back_to_where_it_stands_rescues_nothing(
    ws: Workspace, task: Prepared, work: Callable[..., str], git: Run
) -> None:
    tip = work("a")
    assert ws.rollback(task.path, task.branch, tip, name="x").rescued == ()
    assert at(task, git, tip)


@pytest.mark.parametrize("done", ["rescued", "branch moved"])
def test_a_rollback_cut_short_still_names_what_it_rescued(
    ws: Workspace, task: Prepared, work: Callable[..., str], git: Run, repo: Path, base: str, done: str
) -> None:
    tip = work("failed")
    git(repo, "update-ref", "refs/conductor/rescue/t1/x", tip)
    if done == "branch moved":
        git(task.path, "reset", "--quiet", "--hard", base)
    back = ws.rollback(task.path, task.branch, base, name="x")
    assert back.rescued == ("refs/conductor/rescue/t1/x",)
    assert at(task, git, base)


def test_a_rollback_cut_short_among_the_files_rescues_no_mixture(
    ws: Workspace, task: Prepared, work: Callable[..., str], git: Run, base: str
) -> None:
    work("failed")
    git(task.path, "read-tree", "-u", "-m", "HEAD", base)
    assert ws.rollback(task.path, task.branch, base, name="x").rescued == ("refs/conductor/rescue/t1/x",)
    assert at(task, git, base)


def test_rolling_back_makes_a_lost_worktree_anew(
    ws: Workspace, task: Prepared, work: Callable[..., str], git: Run, base: str
) -> None:
    import shutil

    tip = work("failed")
    shutil.rmtree(task.path)
    back = ws.rollback(task.path, task.branch, base, name="x")
    assert git(task.path, "rev-parse", back.rescued[0]) == tip
    assert at(task, git, base)


def test_a_rebase_that_was_going_on_is_over_after_a_rollback(
    ws: Workspace, task: Prepared, base: str, git: Run
) -> None:
    for name in ("left", "right"):
        git(task.path, "checkout", "--quiet", "-B", name, base)
        (task.path / "app.py").write_text(name)
        git(task.path, "commit", "--quiet", "-a", "-m", name)
    git(task.path, "rebase", "left", check=False)
    back = ws.rollback(task.path, task.branch, base, name="x")
    assert "progress" not in git(task.path, "status")
    assert back.rescued
    assert at(task, git, base)


# Taking rescued work up again


def test_rescued_work_is_taken_up_again(
    ws: Workspace, task: Prepared, work: Callable[..., str], git: Run, base: str
) -> None:
    tip = work("failed")
    (ref,) = ws.rollback(task.path, task.branch, base, name="x").rescued
    done = ws.restore_rescue(task.path, task.branch, ref, effect="r1")
    assert (done.commit, done.created, done.rescued) == (tip, ("failed",), ())
    assert at(task, git, tip)
    assert ws.restore_rescue(task.path, task.branch, ref, effect="r1").commit == tip


def test_what_came_after_is_rescued_in_turn(
    ws: Workspace, task: Prepared, work: Callable[..., str], git: Run, repo: Path, base: str
) -> None:
    tip = work("failed")
    (ref,) = ws.rollback(task.path, task.branch, base, name="x").rescued
    newer = work("newer")
    (task.path / "half").write_text("uncommitted\n")
    done = ws.restore_rescue(task.path, task.branch, ref, effect="r1")
    assert at(task, git, tip)
    assert git(repo, "rev-parse", done.rescued[0]) == newer
    assert git(repo, "show", f"{done.rescued[1]}:half") == "uncommitted"


def test_a_rescue_that_is_not_there_is_a_clear_error(ws: Workspace, task: Prepared) -> None:
    with pytest.raises(WorkspaceError, match="there is no commit"):
        ws.restore_rescue(task.path, task.branch, "refs/conductor/rescue/t1/nothing", effect="r")
