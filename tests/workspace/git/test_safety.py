"""What an agent can leave in config, attributes, hooks and nested repositories runs nothing in Conductor's git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import WorkspaceError
from conductor.ids import Branch
from conductor.workspace.workspace import Committed, Conflicted, Prepared, Workspace, inspect
from tests.workspace.branches import Run

Traps = tuple[Path, Callable[..., None]]  # where it is written down that one sprang; what sets them

HOOKS = (
    *("post-checkout", "post-index-change", "reference-transaction", "pre-commit", "prepare-commit-msg", "commit-msg"),
    *("post-commit", "pre-merge-commit", "post-merge", "post-rewrite", "pre-auto-gc", "fsmonitor-watchman"),
)


@pytest.fixture
def traps(tmp_path: Path, repo: Path, git: Run) -> Traps:
    """Everything set that could run `trap`, in the repository's own config, a config of each worktree, and hooks."""
    sprung = tmp_path / "sprung"
    trap = tmp_path / "trap.sh"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> "{sprung}"\n')
    trap.chmod(0o755)
    for folder in (repo / ".git" / "hooks", tmp_path / "hooks"):
        folder.mkdir(exist_ok=True)
        for hook in HOOKS:
            (folder / hook).symlink_to(trap)

    def arm(where: Path, *scope: str) -> None:
        run = f"'{trap}'"
        for key, value in {
            "core.hooksPath": str(tmp_path / "hooks"),
            "core.fsmonitor": run,
            "core.editor": run,
            "core.pager": run,
            "core.askPass": run,
            "core.sshCommand": run,
            "sequence.editor": run,
            "credential.helper": f"!{run}",
            "diff.external": run,
            "diff.evil.command": run,
            "diff.evil.textconv": run,
            "merge.evil.driver": f"{run} %A",
            "filter.evil.clean": f"{run}; cat",
            "filter.evil.smudge": f"{run}; cat",
            "filter.worse=x.process": run,
            "filter.worse=x.clean": f"{run}; cat",
            "commit.gpgSign": "true",
            "gpg.program": run,
            "log.showSignature": "true",
            "merge.verifySignatures": "true",
            "trailer.Conductor-Task.command": run,
            "trailer.Conductor-Task.ifmissing": "add",
            "submodule.recurse": "true",
            "pull.twohead": "evil",
            "gc.auto": "1",
            "protocol.allow": "always",
            "alias.add": f"!{run}",
        }.items():
            git(where, "config", *scope, key, value)

    git(repo, "config", "extensions.worktreeConfig", "true")
    arm(repo, "--local")
    return sprung, arm


def attributes(path: Path) -> None:
    (path / ".gitattributes").write_text("*.py filter=evil diff=evil merge=evil\n*.bin filter=worse=x\n")


def test_the_traps_are_armed(traps: Traps, repo: Path) -> None:
    sprung, _ = traps
    subprocess.run(["git", "status"], cwd=repo, capture_output=True, check=True)
    assert sprung.exists()


def test_nothing_runs(traps: Traps, ws: Workspace, repo: Path, base: str, root: Path, git: Run) -> None:
    sprung, arm = traps
    inspect(repo)
    task = ws.prepare(Branch("conduct/t1"), base, root / "task")
    one = ws.prepare(Branch("conduct/t1.one"), base, root / "one")
    two = ws.prepare(Branch("conduct/t1.two"), base, root / "two")
    for number, made in enumerate((one, two)):
        arm(made.path, "--worktree")
        attributes(made.path)
        (made.path / "app.py").write_text(f"one\n{number}\nthree\n")
        (made.path / "x.bin").write_bytes(bytes([0, number]))
        (made.path / f"only{number}.py").write_text("x\n")
    nested = one.path / "nested"
    nested.mkdir()
    sprung.unlink(missing_ok=True)  # arming it called git, too

    git_init = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "init", "--quiet", str(nested)]
    subprocess.run(git_init, check=True)
    arm(nested)
    (nested / "f.py").write_text("x\n")
    sprung.unlink(missing_ok=True)

    tree = ws.snapshot(one.path)
    first = ws.commit_all(one.path, "one", effect="e1", since=base)
    second = ws.commit_all(two.path, "two", effect="e2", since=base)
    ws.restore(one.path, tree)
    (one.path / "app.py").write_text("by a check\n")
    ws.discard(one.path, first.commit)
    ws.merge(task.path, first.commit, "merge one", effect="m1")
    assert ws.merge(task.path, second.commit, "merge two", effect="m2") == Conflicted(("app.py", "x.bin"))
    mid = root / "two.merge"
    ws.begin_integration(mid, Branch("conduct/t1.two.merge"), ours=first.commit, theirs=second.commit)
    assert "<<<<<<<" in (mid / "app.py").read_text()  # merged as text, not silently one side
    (mid / "app.py").write_text("resolved\n")
    (mid / "x.bin").write_bytes(b"\0resolved")
    done = ws.finish_integration(mid, "resolve", effect="i1")
    assert isinstance(done, Committed)
    ws.merge(task.path, second.commit, "merge two", effect="m2", resolution=done.commit)
    ws.checkpoint(task.path, number=1, subject="c", documents=["D.md"], effect="c1")
    (task.path / "app.py").write_text("unsaved\n")
    assert ws.rescue("r", path=task.path)
    ws.added_lines(base, done.commit)
    ws.changed(base, done.commit)
    ws.read_file(done.commit, "app.py")
    ws.rollback(task.path, Branch("conduct/t1"), first.commit, name="back")
    ws.restore_rescue(task.path, Branch("conduct/t1"), "refs/conductor/rescue/t1/back", effect="again")
    with pytest.raises(WorkspaceError, match="own config names filters"):
        ws.deliver(done.commit, "main")
    for path in (one.path, two.path, mid, task.path):
        ws.remove(path)
    assert not sprung.exists(), sprung.read_text()


def test_a_submodule_that_an_agent_filled_runs_nothing(
    traps: Traps, ws: Workspace, repo: Path, base: str, root: Path, git: Run, tmp_path: Path
) -> None:
    sprung, arm = traps
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{base},lib")
    tree = git(repo, "write-tree")
    since = git(repo, "commit-tree", tree, "-p", base, "-m", "with a submodule")
    made = ws.prepare(Branch("conduct/t1.sub"), since, root / "sub")
    inner = made.path / "lib"
    subprocess.run(["git", "clone", "--quiet", str(repo), str(inner)], check=True, capture_output=True)
    arm(inner)
    git(inner, "config", "filter.inner.clean", f"touch '{sprung}'; cat")  # a name that only the inner config knows
    (inner / ".gitattributes").write_text("* filter=inner\n")
    (inner / "app.py").write_text("ONE\ntwo\nthree\n")  # as long as before: only its content tells
    (made.path / "n").write_text("n\n")
    sprung.unlink(missing_ok=True)
    done = ws.commit_all(made.path, "n", effect="e", since=since)
    ws.discard(made.path, done.commit)
    ws.remove(made.path)
    assert done.changed == ("n",)
    assert not sprung.exists(), sprung.read_text()


def test_missing_objects_are_not_fetched_by_a_command_of_the_config(
    ws: Workspace, module: Prepared, base: str, git: Run, tmp_path: Path
) -> None:
    sprung = tmp_path / "sprung"
    trap = tmp_path / "trap.sh"
    trap.write_text(f'#!/bin/sh\ntouch "{sprung}"\n')
    trap.chmod(0o755)
    git(module.path, "config", "remote.origin.url", f"ext::{trap}")
    git(module.path, "config", "remote.origin.promisor", "true")
    git(module.path, "config", "protocol.ext.allow", "always")
    missing = "1" * 40
    git(module.path, "cat-file", "-p", missing, check=False)
    assert sprung.exists()  # armed
    sprung.unlink()
    with pytest.raises(WorkspaceError):
        ws.restore(module.path, missing)
    assert not sprung.exists()


def test_a_replaced_object_is_not_believed(ws: Workspace, module: Prepared, base: str, git: Run) -> None:
    (module.path / "n").write_text("n\n")
    done = ws.commit_all(module.path, "n", effect="e", since=base)
    git(module.path, "replace", done.commit, base)
    assert ws.changed(base, done.commit) == (("A", "n"),)
    assert ws.tree_of(done.commit) == done.tree


def test_a_required_filter_of_the_repository_stops_instead_of_committing_plain_text(
    ws: Workspace, module: Prepared, base: str, git: Run
) -> None:
    git(module.path, "config", "filter.crypt.clean", "rot13")
    git(module.path, "config", "filter.crypt.required", "true")
    (module.path / ".gitattributes").write_text("secret filter=crypt\n")
    (module.path / "secret").write_text("plain\n")
    with pytest.raises(WorkspaceError, match="git config --global"):
        ws.commit_all(module.path, "n", effect="e", since=base)


def test_a_config_cannot_hide_work_as_ignored(
    ws: Workspace, module: Prepared, base: str, git: Run, tmp_path: Path
) -> None:
    (tmp_path / "everything").write_text("*\n")
    git(module.path, "config", "core.excludesFile", str(tmp_path / "everything"))
    (module.path / "n").write_text("n\n")
    assert ws.commit_all(module.path, "n", effect="e", since=base).created == ("n",)


def test_filters_of_the_users_global_config_are_theirs(
    ws: Workspace, module: Prepared, base: str, git: Run, users_config: Path
) -> None:
    git(module.path, "config", "--global", "filter.up.clean", "tr a-z A-Z")
    git(module.path, "config", "filter.up.clean", "false")
    (module.path / ".gitattributes").write_text("*.up filter=up\n")
    (module.path / "a.up").write_text("loud\n")
    done = ws.commit_all(module.path, "n", effect="e", since=base)
    assert ws.read_file(done.commit, "a.up") == b"LOUD\n"


@pytest.mark.parametrize("commit", ["HEAD", "--all", "main~1", "", "abc", "-n1", "@{u}", ":/x"])
def test_what_is_no_object_id_never_reaches_git(ws: Workspace, task: Prepared, commit: str) -> None:
    for call in (
        lambda: ws.tree_of(commit),
        lambda: ws.read_file(commit, "app.py"),
        lambda: ws.changed(commit, commit),
        lambda: ws.rollback(task.path, Branch("conduct/t1"), commit, name="x"),
        lambda: ws.restore(task.path, commit),
        lambda: ws.deliver(commit, "main"),
        lambda: ws.merge(task.path, commit, "m", effect="e"),
    ):
        with pytest.raises(WorkspaceError):
            call()


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", ".git/config", "a/.GIT/config", "", "a\0b"])
def test_paths_stay_inside(ws: Workspace, task: Prepared, base: str, path: str) -> None:
    with pytest.raises(WorkspaceError):
        ws.read_file(base, path)
    with pytest.raises(WorkspaceError):
        ws.checkpoint(task.path, number=1, subject="c", documents=[path], effect="c1")


def test_a_rescue_ref_of_another_task_or_no_rescue_is_refused(ws: Workspace, task: Prepared) -> None:
    for ref in (
        "refs/heads/main",
        "refs/conductor/rescue/other/x",
        "--x",
        "refs/conductor/rescue/t1/../../../heads/main",
    ):
        with pytest.raises(WorkspaceError):
            ws.restore_rescue(task.path, Branch("conduct/t1"), ref, effect="e")
