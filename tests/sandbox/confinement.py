"""A real repository with a real worktree of a task, and an agent's hands on it, confined or not."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from conductor.agents.contract.turns import ToolResult
from conductor.agents.roles.role import role
from conductor.agents.tools.toolbox import Toolbox
from conductor.config.settings import Settings
from conductor.ids import Branch
from conductor.sandbox.bubblewrap import Places, probe, sandbox
from conductor.workspace.workspace import Committed, Workspace
from tests.support import git_user

EXECUTOR, REVIEWER = "implementation-executor", "code-reviewer"
BWRAP, PLAIN = "bwrap", "plain"


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@cache
def _template() -> Path:
    """A repository whose first commit is to be made; copied, as that is quicker than making it."""
    folder = Path(tempfile.mkdtemp(prefix="ground-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    git_user.init(folder, "--template=")
    (folder / "README.md").write_text("")
    (folder / ".gitignore").write_text("*.log\n")
    _git(folder, "add", "--all")
    return folder


class Ground:
    """`way` says how commands are confined. `other` is a repository that is none of an agent's business."""

    def __init__(self, root: Path, way: str) -> None:
        if way == BWRAP and not (found := probe(os.environ)).program:
            pytest.skip(f"no sandbox to try: {found.reason}")
        self.root, self.way = root, way
        self.home = root / "state"
        self.outside = root / "outside"
        self.outside.mkdir()
        (self.outside / "secret.txt").write_text("secret\n")
        self.repo, self.other = self._repository("repo"), self._repository("other")
        self.workspace = Workspace(self.repo, "t1", self.home / "worktrees" / "t1")
        self.base = self.git(self.repo, "rev-parse", "HEAD")
        self.worktree = self.home / "worktrees" / "t1" / "parser"
        self.workspace.prepare(Branch("conduct/t1"), self.base, self.worktree)
        self.dot = (self.worktree / ".git").read_bytes()

    @property
    def confined(self) -> bool:
        return self.way == BWRAP

    def _repository(self, name: str) -> Path:
        shutil.copytree(_template(), self.root / name)
        (self.root / name / "README.md").write_text(f"{name}\n")
        self.git(self.root / name, "commit", "--quiet", "--all", "-m", "Begin")
        return self.root / name

    def git(self, folder: Path, *words: str) -> str:
        return _git(folder, *words)

    def hands(
        self,
        role_name: str = EXECUTOR,
        *,
        timeout: float = 20.0,
        environ: Mapping[str, str] = os.environ,
        network: bool = False,
    ) -> Toolbox:
        acting = role(role_name)
        settings = Settings(sandbox="require" if self.confined else "off", network=network)
        places = Places(self.home, self.repo, self.repo / ".git")
        return Toolbox(
            self.worktree,
            acting,
            environ=environ,
            snapshot=lambda: self.workspace.snapshot(self.worktree),
            restore=lambda tree: self.workspace.restore(self.worktree, tree),
            timeout=timeout,
            note=self.home / "running",
            sandbox=sandbox(settings, self.worktree, places, environ=environ, writable=not acting.read_only),
        )

    def bash(self, command: str, role_name: str = EXECUTOR, **options: object) -> ToolResult:
        return asyncio.run(self.hands(role_name, **options).call("bash", {"command": command}))  # type: ignore[arg-type]

    def commit(self) -> Committed:
        """What Conductor does when the agent has ended."""
        return self.workspace.commit_all(self.worktree, "Work", effect="e1", since=self.base)

    def read(self, commit: str, path: str) -> bytes | None:
        return self.workspace.read_file(commit, path)
