"""What no task can be begun with is told before anything is recorded; of two who begin the same at once, one does."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import Exit
from conductor.log.connect import connect
from conductor.log.store import EventStore
from conductor.tasks.create import LARGEST
from conductor.workspace.workspace import Workspace
from tests.doors.cli.stage import SECOND, SPEC, TURNS, Said, User

Conduct = Callable[..., Said]
DROP, MAY_WRITE_ANYTHING = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE


@pytest.fixture
def stored(server_url: str, namespace: str) -> EventStore:
    return EventStore(connect(server_url), namespace)


@pytest.fixture
def run(conduct: Conduct, user: User) -> Conduct:
    """`conduct run` with scripted agents that do what the specification says."""
    agent = user.script("all", TURNS + SECOND)
    return lambda *words: conduct("run", *words, "--agent", agent)


def git(user: User, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=user.repo, env=user.environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def like_a_user() -> None:
    """In a child, before it becomes the command: root, too, is held to the rights of files from here on."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(DROP, MAY_WRITE_ANYTHING, 0, 0, 0)


# ---- the repository ----------------------------------------------------------------------------------------------


def test_without_a_repository(run: Conduct, user: User, stored: EventStore) -> None:
    (user.repo / ".git").rename(user.root / "gone")
    said = run()
    assert said.code == Exit.WORKSPACE
    assert "is not in a git repository" in said.err and " init`" in said.err
    assert stored.tasks() == []


def test_a_repository_without_commits(run: Conduct, user: User, stored: EventStore) -> None:
    git(user, "update-ref", "-d", "HEAD")
    said = run()
    assert said.code == Exit.WORKSPACE
    assert "has no commit yet" in said.err and " init`" in said.err
    assert stored.tasks() == []


def test_a_detached_head_is_built_upon(run: Conduct, user: User) -> None:
    git(user, "checkout", "-q", "--detach")
    head = git(user, "rev-parse", "HEAD")
    said = run()
    assert said.code == Exit.OK, said
    assert "--merge` merges" not in said.out
    assert git(user, "rev-parse", "HEAD") == head


@pytest.mark.parametrize("folder", [".git", ".git/objects", ".git/refs"])
def test_a_read_only_git_folder(user: User, stored: EventStore, folder: str) -> None:
    path = user.repo / folder
    path.chmod(0o555)
    try:
        agent = user.script("all", TURNS + SECOND)
        with user.popen("run", "--agent", agent, preexec_fn=like_a_user) as process:
            out, err = process.communicate(timeout=60)
    finally:
        path.chmod(0o755)
    assert process.returncode == Exit.WORKSPACE, out + err
    assert f"the git folder {path} is not writable" in err and "hint: " in err
    assert stored.tasks() == []


def test_a_read_only_folder_of_the_user_is_built_all_the_same(user: User) -> None:
    """The work is in worktrees: the checkout itself need not be written."""
    user.repo.chmod(0o555)
    try:
        with user.popen("run", "--agent", user.script("all", TURNS + SECOND), preexec_fn=like_a_user) as process:
            out, err = process.communicate(timeout=60)
    finally:
        user.repo.chmod(0o755)
    assert process.returncode == Exit.OK, out + err


def test_a_lock_that_is_none(run: Conduct, user: User, stored: EventStore) -> None:
    (user.repo / ".git" / "conductor.lock").symlink_to(user.root / "elsewhere")
    said = run()
    assert said.code == Exit.WORKSPACE
    assert "conductor.lock" in said.err
    assert not (user.root / "elsewhere").exists()
    assert stored.tasks() == []


@pytest.mark.parametrize("home", ["state", ".git/state", "."])
def test_a_state_folder_in_the_repository(
    run: Conduct, user: User, stored: EventStore, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDUCT_HOME", str(user.repo / home))
    said = run()
    assert said.code == Exit.WORKSPACE
    assert "cannot be in the repository itself" in said.err and "CONDUCT_HOME" in said.err
    assert home == "." or not (user.repo / home).exists()
    assert stored.tasks() == []


# ---- the branch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "wanted", "told"),
    [
        ("conductor", None, "cannot exist beside branch conductor"),
        ("foo", "foo/bar", "branch foo/bar cannot exist beside branch foo"),
        ("foo/bar", "foo", "branch foo cannot exist beside branch foo/bar"),
        ("foo/bar/baz", "foo/bar", "branch foo/bar cannot exist beside branch foo/bar/baz"),
        ("foo", "foo", "branch foo already exists"),
        ("foo", "main", "branch main already exists"),
        ("foo", "-x", "cannot name a branch"),
    ],
)
def test_a_branch_that_is_taken(
    run: Conduct, user: User, stored: EventStore, there: str, wanted: str | None, told: str
) -> None:
    git(user, "branch", there)
    git(user, "pack-refs", "--all")
    said = run(*([f"--branch={wanted}"] if wanted else []))
    assert said.code == Exit.WORKSPACE
    assert told in said.err
    assert stored.tasks() == []
    assert run("--branch", "food/bar").code == Exit.OK


def test_a_branch_that_another_task_is_to_make(conduct: Conduct, stored: EventStore) -> None:
    assert conduct("start", "--driver", "assisted", "--branch", "ours").code == 0
    for name in ("ours", "ours/2"):
        said = conduct("start", "--driver", "assisted", "--new", "--branch", name)
        assert said.code == Exit.WORKSPACE
        assert "ours" in said.err
    assert len(stored.tasks()) == 1
    assert conduct("abandon", "--yes").code == 0
    assert conduct("start", "--driver", "assisted", "--new", "--branch", "ours").code == 0


# ---- the specification -------------------------------------------------------------------------------------------


@pytest.fixture(params=["folder", "pipe", "device", "large", "binary", "missing", "empty"])
def bad(request: pytest.FixtureRequest, user: User) -> tuple[str, str]:
    """A specification that is none, and what is told of it."""
    path = user.root / "spec"
    match request.param:
        case "folder":
            path.mkdir()
            return str(path), "is a folder"
        case "pipe":
            os.mkfifo(path)
            return str(path), "is not a regular file"
        case "device":
            return "/dev/zero", "is not a regular file"
        case "large":
            path.write_text(SPEC + "x" * LARGEST)
            return str(path), "is too large"
        case "binary":
            path.write_bytes(SPEC.encode() + bytes(range(256)))
            return str(path), "text"
        case "missing":
            return str(path), "No such file"
    path.touch()
    return str(path), "is empty"


def test_a_specification_that_is_none(conduct: Conduct, run: Conduct, stored: EventStore, bad: tuple[str, str]) -> None:
    path, told = bad
    for said in (run(path), conduct("plan", path)):
        assert said.code == Exit.USAGE
        assert told in said.err
    assert stored.tasks() == []


# ---- the store ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "told"),
    [("redis://127.0.0.1:1/0", "cannot be reached"), ("{}", "user or password is missing or wrong")],
    ids=["down", "password"],
)
def test_a_store_that_does_not_answer(
    run: Conduct, user: User, server_url: str, url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDUCT_REDIS_URL", url.format(server_url.replace("unix://", "unix://nobody:wrong@")))
    said = run()
    assert said.code == Exit.STORE
    assert told in said.err and "hint: " in said.err
    assert git(user, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


# ---- at once -----------------------------------------------------------------------------------------------------


def waits_or_ended(process: subprocess.Popen[str]) -> bool:
    """Whether it is at the lock, or through."""
    if process.poll() is not None:
        return True
    with contextlib.suppress(FileNotFoundError):  # what it just closed
        return any(fd.readlink().name == "conductor.lock" for fd in Path(f"/proc/{process.pid}/fd").iterdir())
    return False


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at processes through /proc")
def test_of_those_who_begin_the_same_at_once_one_does(user: User, stored: EventStore) -> None:
    """All have found that there is no such task before the first of them may record one."""
    with Workspace(user.repo, "test", user.home).alone():
        processes = [user.popen("start", "--driver", "assisted") for _ in range(3)]
        until = time.monotonic() + 60
        while not all(map(waits_or_ended, processes)) and time.monotonic() < until:
            time.sleep(0.01)
        assert stored.tasks() == []
    ended = [(process.communicate(timeout=60), process.returncode) for process in processes]
    assert sorted(code for _, code in ended) == [Exit.OK, Exit.REFUSED, Exit.REFUSED], ended
    (task,) = stored.tasks()
    assert sum(f" continue {task}`" in err for (_, err), _ in ended) == 2
