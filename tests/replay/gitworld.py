"""A small task whose commits are real: each outcome's commit is made in a repository, each batch recorded at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec

from conductor.core.state import Open
from conductor.envelope import Head
from conductor.events import AgentReported, Body, CheckpointCreated, Outcome
from conductor.log.store import EventStore
from tests.support import git_user
from tests.support.simulation.histories import drafts
from tests.support.simulation.luck import Luck
from tests.support.simulation.world import PERSON, World, plan


class Repository:
    """Makes commits, and is the witness that verification asks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        git_user.init(path)
        self.files = {"README.md": "here before\n"}

    def git(self, *args: str, feed: str = "", ok: bool = True) -> str:
        done = subprocess.run(["git", *args], cwd=self.path, input=feed, capture_output=True, text=True, check=ok)
        return done.stdout.strip() if done.returncode == 0 else ""

    def commit(self, message: str) -> str:
        lines = (f"100644 blob {self.git('hash-object', '-w', '--stdin', feed=t)}\t{p}" for p, t in self.files.items())
        tree = self.git("mktree", feed="\n".join(lines) + "\n")
        return self.git("commit-tree", tree, "-F", "-", feed=message)

    def tree_of(self, commit: str) -> str | None:
        return self.git("rev-parse", "--verify", "-q", f"{commit}^{{tree}}", ok=False) or None

    def message(self, commit: str) -> str | None:
        return self.git("log", "-1", "--format=%B", commit, ok=False) or None

    def diff_paths(self, tree_a: str, tree_b: str) -> tuple[str, ...]:
        return tuple(self.git("diff-tree", "-r", "--name-only", tree_a, tree_b).split("\n")) if tree_a != tree_b else ()


class GitLuck(Luck):
    """Luck's outcomes, with the names of its commits and trees exchanged for real ones."""

    head: Head  # of the task's stream, kept by the world

    def __init__(self, repository: Repository) -> None:
        super().__init__(0, 0.0)
        self.repository = repository
        self.trailer = "Conductor-Chain: {head}"
        self.tree = ""  # what checkpoints say of their tree instead of the truth
        self.extra = ""  # a file that a checkpoint changes besides its documents

    def outcomes(self, held: Open) -> list[Outcome]:
        return [self.real(outcome) for outcome in super().outcomes(held)]

    def real(self, outcome: Outcome) -> Outcome:
        if not hasattr(outcome, "commit"):
            return outcome
        change: dict[str, object] = {}
        commit = outcome.commit
        if len(commit) < 40:
            commit = self.make(outcome, commit)
        if isinstance(outcome, CheckpointCreated):
            change = {"documents": ("DISCOVERIES.md",), "tree": self.tree or self.repository.tree_of(commit)}
        return msgspec.structs.replace(outcome, **{"commit": commit, "tree": self.repository.tree_of(commit), **change})

    def make(self, outcome: Outcome, name: str) -> str:
        message = f"{name}\n"
        if isinstance(outcome, CheckpointCreated):
            self.repository.files["DISCOVERIES.md"] = name
            message += "\n" + self.trailer.format(head=self.head.hash) + "\n"
        if isinstance(outcome, AgentReported) and outcome.role != "code-reviewer":
            self.repository.files["work.py"] = name
        if self.extra:
            self.repository.files[self.extra] = name
        return self.repository.commit(message)


class GitWorld(World):
    """Two small phases, recorded as they happen. `luck` may be told to lie before `run`."""

    def __init__(self, store: EventStore, repository: Repository) -> None:
        self.store, self.git_luck = store, GitLuck(repository)
        self.git_luck.head = Head()
        super().__init__(plan(1, 1))
        self.luck = self.git_luck

    def say(self, body: Body, actor: str = PERSON) -> list[Body]:
        known = len(self.facts)
        batch = super().say(body, actor)
        appended = self.store.append("t", self.git_luck.head, drafts(self.facts[known:]))
        self.git_luck.head = appended.head
        return batch
