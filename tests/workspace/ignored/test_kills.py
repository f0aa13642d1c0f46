"""SIGKILL before each git command and each change of a file name: done again, it ends as if it had been done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor.workspace.workspace import Prepared, Workspace
from tests.workspace.branches import Run

Step = tuple[Callable[[], object], Callable[[Any], None]]  # what is to be done, and what is right of what it returned

STEPS = {"subprocess.Popen", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod"}


def dies(at: int, call: Callable[[], object]) -> bool:
    """Call it in a process of its own that ends itself before its `at`-th step; whether it came so far."""
    child = os.fork()
    if not child:
        left = [at]

        def step(event: str, _: object) -> None:
            if event in STEPS:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(step)
            call()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def attempt(ws: Workspace, made: Prepared, base: str, number: int) -> str:
    """Secrets that only this attempt's rules ignore; its commit."""
    (made.path / ".gitignore").write_text(f".env\nenvs/\n# {number}\n")
    (made.path / ".env").write_text(f"TOKEN={number}\n")
    (made.path / "envs" / "lib").mkdir(parents=True)
    (made.path / "envs" / "lib" / "a.py").write_text(f"{number}\n")
    (made.path / "pkg").mkdir()
    (made.path / "pkg" / ".gitignore").write_text("*.key\n")
    (made.path / "pkg" / "a.key").write_text(f"KEY={number}\n")
    (made.path / "pkg" / "code.py").write_text(f"{number}\n")
    return ws.commit_all(made.path, "attempt", effect=f"attempt {number}", since=base).commit


def known_to_git(repo: Path, number: int) -> list[str]:
    """Which of its secrets are in some object, be it of a rescued commit or of none."""
    found = []
    for text in (f"TOKEN={number}\n", f"KEY={number}\n"):
        told = subprocess.run(["git", "hash-object", "--stdin"], input=text.encode(), capture_output=True, check=True)
        there = subprocess.run(["git", "cat-file", "-e", told.stdout.decode().strip()], cwd=repo, capture_output=True)
        found += [text] if there.returncode == 0 else []
    return found


def told(ws: Workspace, operation: str) -> set[str]:
    found = {path: Path(one.folder, path) for one in ws.set_aside(operation) for path in one.paths}
    assert all(map(os.path.lexists, found.values()))
    return set(found)


def going_back(ws: Workspace, made: Prepared, base: str, repo: Path, git: Run, number: int) -> Step:
    failed = attempt(ws, made, base, number)

    def call() -> object:
        return ws.rollback(made.path, made.branch, base, name=f"op {number}")

    def right(back: Any) -> None:
        assert git(made.path, "status", "--porcelain", "--ignored") == ""
        assert [git(repo, "rev-parse", ref) for ref in back.rescued] == [failed]
        assert told(ws, f"op {number}") == {".env", "envs/", "pkg/"}

    return call, right


def fixing(ws: Workspace, made: Prepared, base: str, repo: Path, git: Run, number: int) -> Step:
    since = attempt(ws, made, base, number)
    (made.path / ".gitignore").write_text("# none\n")
    git(made.path, "rm", "--quiet", "pkg/.gitignore")
    git(made.path, "add", "--all")

    def call() -> object:
        return ws.commit_all(made.path, "fix", effect=f"op {number}", since=since)

    def right(done: Any) -> None:
        assert git(made.path, "status", "--porcelain", "--ignored") == ""
        assert set(done.changed) == {".gitignore", "pkg/.gitignore"}
        assert told(ws, f"op {number}") == {".env", "envs/", "pkg/a.key"}
        ws.rollback(made.path, made.branch, base, name=f"after {number}")

    return call, right


def removing(ws: Workspace, made: Prepared, base: str, repo: Path, git: Run, number: int) -> Step:
    ws.prepare(made.branch, base, made.path)
    attempt(ws, made, base, number)

    def call() -> object:
        return ws.remove(made.path, back_to=base, effect=f"op {number}")

    def right(_: Any) -> None:
        assert not made.path.exists() and not (made.path.parent / ".removed").exists()
        assert told(ws, f"op {number}") == {".env", "envs/", "pkg/"}

    return call, right


FEW = 7  # of the steps, so many apart: for all of them it takes minutes


@pytest.mark.parametrize("apart", [FEW, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
@pytest.mark.parametrize("operation", [going_back, fixing, removing])
def test_killed_anywhere_and_done_again(
    operation: Callable[..., Step], apart: int, ws: Workspace, module: Prepared, base: str, repo: Path, git: Run
) -> None:
    number, died = 1 - apart, True
    while died:
        number += apart
        call, right = operation(ws, module, base, repo, git, number)
        died = dies(number, call)
        right(call())
        secrets = known_to_git(repo, number)
        assert operation is fixing or secrets == [], (number, secrets)  # there an agent has added it to git
    assert number > 40
