"""What an agent finds ignored and makes count only by taking a rule away is no work; what it writes itself is."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.workspace.workspace import Committed, Prepared, Workspace
from tests.workspace.branches import CommitAll, Run, files, has, on_branch
from tests.workspace.ignored.kinds import SECRET, in_no_object, write


@pytest.fixture
def first(ws: Workspace, module: Prepared, base: str) -> Callable[..., str]:
    """`first(rules, *names)`: an agent's work, its rules in its commit; the commit."""

    def attempt(rules: str, *names: str) -> str:
        write(module.path / ".gitignore", rules)
        for name in names:
            write(module.path / name)
        done = ws.commit_all(module.path, "first", effect="first", since=base)
        time.sleep(0.02)  # nobody is at work in the moment in which Conductor commits
        return done.commit

    return attempt


@pytest.fixture
def fix(ws: Workspace, module: Prepared) -> Callable[[str], Committed]:
    """`fix(since)`: what the next agent left becomes a commit."""
    return lambda since: ws.commit_all(module.path, "fix", effect="fix", since=since)


def moved(ws: Workspace, operation: str = "fix") -> dict[str, Path]:
    return {path: Path(one.folder, path) for one in ws.set_aside(operation) for path in one.paths}


def rules_go(path: Path, repo: Path, git: Run) -> None:
    (path / ".gitignore").unlink()


def rules_are_others(path: Path, repo: Path, git: Run) -> None:
    write(path / ".gitignore", "*.tmp\n")


def rules_are_negated(path: Path, repo: Path, git: Run) -> None:
    with (path / ".gitignore").open("a") as file:
        file.write("!.env\n!envs/\n")


def an_earlier_state_comes_back(path: Path, repo: Path, git: Run) -> None:
    git(path, "checkout", "HEAD~1", "--", ".gitignore")


def head_goes_back(path: Path, repo: Path, git: Run) -> None:
    git(path, "reset", "--quiet", "--hard", "HEAD~1")


CHANGES = [rules_go, rules_are_others, rules_are_negated, an_earlier_state_comes_back, head_goes_back]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_only_lost_its_rule_is_moved_aside(
    change: Callable[[Path, Path, Run], None],
    ws: Workspace,
    module: Prepared,
    first: Callable[..., str],
    fix: Callable[[str], Committed],
    git: Run,
    repo: Path,
) -> None:
    since = first(".env\nenvs/\n", ".env", "envs/lib/a.py", "envs/b.py")
    change(module.path, repo, git)
    write(module.path / "fix.py", "fixed\n")
    done = fix(since)
    assert "fix.py" in done.created and not {".env", "envs/b.py"} & files(repo, git, done.commit)
    assert set(moved(ws)) == {".env", "envs/"}
    assert moved(ws)[".env"].read_text() == SECRET
    assert on_branch(module, git, done.commit)
    assert in_no_object(repo, git)
    again = fix(since)
    assert (again.commit, again.changed, set(moved(ws))) == (done.commit, done.changed, {".env", "envs/"})


def test_rules_outside_of_the_tree_that_go(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    write(repo / ".git" / "info" / "exclude", ".env\n")
    since = first("*.log\n", ".env")
    (repo / ".git" / "info" / "exclude").unlink()
    assert fix(since).changed == ()
    assert set(moved(ws)) == {".env"}
    assert in_no_object(repo, git)


def test_rules_that_lay_in_what_was_ignored_themselves(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    """Once these are moved, more loses its rule."""
    write(module.path / "own" / ".gitignore", "*.key\n")
    write(module.path / "own" / "code.py")
    since = first("own/\n", "own/a.key")
    rules_go(module.path, repo, git)
    (module.path / "own" / "new.py").write_text("written now\n")
    assert fix(since).created == ("own/new.py",)
    assert set(moved(ws)) == {"own/.gitignore", "own/a.key", "own/code.py"}
    assert fix(since).created == ("own/new.py",)
    assert in_no_object(repo, git)


def test_a_file_that_was_ignored_from_the_beginning(
    ws: Workspace, module: Prepared, base: str, fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    """The rule that goes stood in the user's own commit."""
    write(module.path / "venv" / "lib.py")
    ws.discard(module.path, base)  # as before a check, which may have written it
    time.sleep(0.02)
    rules_go(module.path, repo, git)
    assert fix(base).changed == (".gitignore",)
    assert set(moved(ws)) == {"venv/"}


def test_what_the_agent_writes_after_it_took_the_rule_away_is_its_work(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    since = first("data/\nlib/\n", "lib/tool.py", "data/big.bin", "data/old.csv")
    write(module.path / ".gitignore", "data/*\n!data/.gitkeep\n!data/old.csv\n")
    write(module.path / "data" / ".gitkeep", "")
    write(module.path / "data" / "old.csv", "new\n")
    write(module.path / "lib" / "tool.py", "written again\n")
    assert fix(since).created == ("data/.gitkeep", "data/old.csv", "lib/tool.py")
    assert moved(ws) == {}
    assert (module.path / "data" / "big.bin").exists()


def test_a_new_rule_for_a_new_file_in_one_go(module: Prepared, commit_all: CommitAll) -> None:
    """The user's rules hide what the agent is to write."""
    write(module.path / ".gitignore", "*.log\nvenv/\n!sample.log\n")
    write(module.path / "sample.log", "a sample\n")
    assert commit_all().created == ("sample.log",)


def test_what_moves_to_another_name_is_its_work(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed]
) -> None:
    since = first("dist/\n", "dist/a.js", "src/b.js")
    (module.path / "dist").rename(module.path / "public")
    (module.path / "src").rename(module.path / "lib")
    assert set(fix(since).created) == {"public/a.js", "lib/b.js"}
    assert moved(ws) == {}


def test_an_old_time_of_its_content_does_not_make_it_old(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed]
) -> None:
    """Archives and caches give files the times of long ago."""
    since = first("dist/\n", "dist/a.js")
    (module.path / ".gitignore").unlink()
    write(module.path / "dist" / "a.js", "unpacked\n")
    os.utime(module.path / "dist" / "a.js", (0, 0))
    assert fix(since).created == ("dist/a.js",)


@pytest.mark.parametrize("rules", ["go", "stay"])
def test_an_agent_that_adds_everything_and_commits(
    ws: Workspace,
    module: Prepared,
    first: Callable[..., str],
    fix: Callable[[str], Committed],
    git: Run,
    repo: Path,
    rules: str,
) -> None:
    since = first(".env\n", ".env")
    if rules == "go":
        rules_go(module.path, repo, git)
    write(module.path / "fix.py", "fixed\n")
    git(module.path, "add", *(("--all",) if rules == "go" else ("--force", ".env", "fix.py")))
    git(module.path, "commit", "--quiet", "-m", "everything")
    own = git(module.path, "rev-parse", "HEAD")
    done = fix(since)
    if rules == "stay":  # by force: it is meant
        assert (done.commit, done.created, moved(ws)) == (own, (".env", "fix.py"), {})
        return
    assert done.created == ("fix.py",)
    assert not has(repo, git, done.commit, own)
    assert [git(repo, "rev-parse", ref) for ref in done.rescued] == [own]
    assert set(moved(ws)) == {".env"}
    assert on_branch(module, git, done.commit)
    assert fix(since).commit == done.commit


def test_an_agent_that_adds_everything_and_leaves_it_to_conductor(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    since = first(".env\n", ".env")
    write(module.path / "own.py", "own\n")
    git(module.path, "add", "own.py")
    git(module.path, "commit", "--quiet", "-m", "before")
    rules_go(module.path, repo, git)
    git(module.path, "add", "--all")
    done = fix(since)
    assert done.created == ("own.py",) and set(moved(ws)) == {".env"}


@pytest.mark.parametrize("kept", [False, True])
def test_repositories_in_what_was_ignored(
    ws: Workspace,
    module: Prepared,
    first: Callable[..., str],
    fix: Callable[[str], Committed],
    git: Run,
    repo: Path,
    kept: bool,
) -> None:
    git(module.path, "init", "--quiet", "dep/lib")
    git(module.path, "worktree", "add", "--quiet", "--detach", "dep/tree")
    since = first("dep/\n", "dep/lib/a.py", "dep/b.py")
    write(module.path / ".gitignore", "dep/tree\n" if kept else "")
    assert set(fix(since).changed) == {".gitignore"}
    assert set(moved(ws)) == ({"dep/lib/", "dep/b.py"} if kept else {"dep/"})
    assert (module.path / "dep" / "tree").exists() is kept
    lib = next(place for path, place in moved(ws).items()) / ("" if kept else "lib")
    assert kept or git(lib, "rev-parse", "--git-dir") == ".git"
    ws.remove(module.path)


# Undoing


def test_undoing_a_change_of_rules_deletes_nothing_that_they_ignore(
    ws: Workspace, module: Prepared, git: Run, repo: Path
) -> None:
    """What the agent made meanwhile as well: it goes on after that."""
    write(module.path / ".gitignore", "venv2/\n.env\n")
    before = ws.snapshot(module.path)
    write(module.path / ".env")
    write(module.path / "venv2" / "lib.py")
    write(module.path / ".gitignore", "*.tmp\n")
    write(module.path / "new.py", "undone\n")
    ws.restore(module.path, before, effect="agent")
    assert (module.path / ".env").read_text() == SECRET and (module.path / "venv2" / "lib.py").exists()
    assert not (module.path / "new.py").exists()
    assert ws.snapshot(module.path) == before and moved(ws, "agent") == {}


def test_undoing_a_new_rule_moves_what_it_hid(ws: Workspace, module: Prepared, git: Run, repo: Path) -> None:
    before = ws.snapshot(module.path)
    write(module.path / ".gitignore", ".env\n")
    write(module.path / ".env")
    ws.restore(module.path, before, effect="agent")
    assert set(moved(ws, "agent")) == {".env"}
    assert ws.snapshot(module.path) == before


@pytest.mark.parametrize("writes", [False, True])
def test_a_check_that_changes_rules(
    ws: Workspace, module: Prepared, first: Callable[..., str], git: Run, repo: Path, writes: str
) -> None:
    """Its own files go, what was there before it stays."""
    commit = first(".env\n", ".env")
    write(module.path / ".gitignore", "*.cov\n")
    write(module.path / "a.cov", "by the check\n")
    if writes:
        write(module.path / ".env", "written by the check\n")
    ws.discard(module.path, commit, effect="check")
    assert (module.path / ".env").exists()
    assert set(moved(ws, "check")) == {"a.cov"}
    assert ws.commit_all(module.path, "n", effect="n", since=commit).changed == ()


def test_a_check_that_takes_away_rules_outside_of_the_tree(
    ws: Workspace, module: Prepared, first: Callable[..., str], git: Run, repo: Path
) -> None:
    write(repo / ".git" / "info" / "exclude", ".env\n")
    commit = first("*.log\n", ".env")
    (repo / ".git" / "info" / "exclude").unlink()
    ws.discard(module.path, commit, effect="check")
    assert set(moved(ws, "check")) == {".env"}


def test_what_a_check_leaves_ignored_is_not_the_next_agents_work(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    commit = first("cache/\n", "a.py")
    write(module.path / "cache" / "x")
    assert ws.discard(module.path, commit) == ()
    time.sleep(0.02)
    rules_go(module.path, repo, git)
    assert fix(commit).changed == (".gitignore",)
    assert set(moved(ws)) == {"cache/"}


# Merges that are resolved in a worktree of their own


def test_a_worktree_that_is_made_anew_knows_nothing_of_the_one_before(
    ws: Workspace, module: Prepared, first: Callable[..., str], fix: Callable[[str], Committed], git: Run, repo: Path
) -> None:
    since = first(".env\n", ".env")
    shutil.rmtree(module.path)
    ws.prepare(module.branch, since, module.path)
    rules_go(module.path, repo, git)
    write(module.path / ".env", "its own\n")
    assert fix(since).created == (".env",)
    assert moved(ws) == {}
