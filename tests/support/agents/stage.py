"""A real worktree, a real store and a script, set up for one attempt."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.turns import ToolResult
from conductor.agents.roles.role import role
from conductor.agents.runners.scripted.runner import ScriptedAgent
from conductor.agents.runners.scripted.script import Script
from conductor.agents.tools.toolbox import Toolbox
from conductor.agents.transcript import Transcript
from conductor.ids import EffectId, Tree
from conductor.log.store import EventStore
from tests.support import git_user

EXECUTOR = "implementation-executor"


def git(folder: Path, *words: str, **env: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env=os.environ | env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "README.md").write_text("base\n")
    git_user.init(folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base")
    return folder


def snapshot(folder: Path) -> Tree:
    index = str(folder.parent / "snapshot-index")
    git(folder, "add", "-A", GIT_INDEX_FILE=index)
    return Tree(git(folder, "write-tree", GIT_INDEX_FILE=index))


def restore(folder: Path, tree: str) -> None:
    git(folder, "add", "-A")
    git(folder, "read-tree", "--reset", "-u", tree)


def toolbox(
    folder: Path, role_name: str = EXECUTOR, *, environ: Mapping[str, str] | None = None, timeout: float = 20.0
) -> Toolbox:
    return Toolbox(
        folder,
        role(role_name),
        environ=os.environ if environ is None else environ,
        snapshot=lambda: snapshot(folder),
        restore=lambda tree: restore(folder, tree),
        timeout=timeout,
    )


def call(tools: Toolbox, name: str, **arguments: object) -> ToolResult:
    return asyncio.run(tools.call(name, arguments))


def assignment_in(worktree: Path) -> Assignment:
    return Assignment(
        task="t1",
        effect=EffectId("2:parser:implementation-executor:1"),
        role=EXECUTOR,
        phase="2",
        module="parser",
        attempt=1,
        briefing="Build the parser.",
        path=str(worktree),
    )


class Stage:
    """One attempt; `play` may be called again, as a runner does after a crash: everything but the store is new."""

    def __init__(self, folder: Path, store: EventStore) -> None:
        self.scripts = folder / "script"
        self.scripts.mkdir()
        self.worktree = repository(folder / "tree")
        self.store = store
        self.assignment = assignment_in(self.worktree)

    def write(self, script: str) -> Script:
        (self.scripts / "script.toml").write_text(script)
        return Script.load(self.scripts)

    def transcript(self, store: EventStore | None = None) -> Transcript:
        asked, store = self.assignment, store or self.store
        return Transcript(store, store.blobs, asked.task, asked.effect, asked.role)

    def play(self, script: Script, *, store: EventStore | None = None, timeout: float = 60.0) -> Ended:
        transcript = self.transcript(store)
        agent = ScriptedAgent(script, timeout)
        return asyncio.run(agent.run(self.assignment, toolbox(self.worktree), transcript))

    def journal(self) -> list[str]:
        return [event.type for event in self.store.read(self.transcript().stream)]
