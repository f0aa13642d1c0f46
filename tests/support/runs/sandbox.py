"""A user's repository, a state folder and a script: everything one task needs, away from the machine's own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from conductor.app import App
from conductor.config.environment import Environment
from conductor.core.state import TaskState
from conductor.events import QuestionAnswered, TaskResumed, TaskStarted
from conductor.tasks.create import create
from tests.support import git_user
from tests.support.places import ROOT
from tests.support.runs.writing import Phase, script, specification

PERSON = "person:ada"


def git(folder: Path, *args: str, check: bool = True) -> str:
    """Git as its user would call it; standard output without the last newline."""
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.removesuffix("\n")


class Sandbox:
    """`home` and `repo` lie in `root`; the user has changes of every kind that nobody may touch."""

    def __init__(self, root: Path, url: str, namespace: str, *, folder: str = "project") -> None:
        self.root, self.url, self.namespace = root, url, namespace
        self.repo, self.home = root / folder, root / "home"
        self.script = root / "script.toml"
        self.journal = root / "journal"  # agents note here what they really did; it lies outside every tree
        root.mkdir(parents=True, exist_ok=True)
        self.environ: dict[str, str] = {
            **git_user.without_settings(os.environ),
            "HOME": str(root),
            "CONDUCT_HOME": str(self.home),
            "CONDUCT_REDIS_URL": url,
            "CONDUCT_NAMESPACE": namespace,
            "PYTHONPATH": str(ROOT),
        }

    # ---- what there is before ------------------------------------------------------------------------------------

    def begin(
        self, title: str, phases: Iterable[Phase], agents: Iterable[Mapping[str, Any]], settings: str = "", **spec: Any
    ) -> None:
        """The repository with its specification and the script. `settings` is the text of conductor.toml."""
        self.repo.mkdir(parents=True)
        git_user.init(self.repo)
        files = {
            "README.md": "# Mine\n",
            "notes/kept.txt": "kept\n",
            ".gitignore": "*.log\n",
            ".prelude/READY.md": specification(title, phases, **spec),
            # What these agents are told to do leaves its traces outside of every tree.
            "conductor.toml": f'sandbox = "off"\n{settings}',
        }
        for name, text in files.items():
            (self.repo / name).parent.mkdir(parents=True, exist_ok=True)
            (self.repo / name).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "Begin")
        self.script.write_text(script(agents), encoding="utf-8")
        self.make_dirty()

    def make_dirty(self) -> None:
        """Changes of every kind: staged, not staged, untracked, ignored, stashed; and another branch."""
        (self.repo / "README.md").write_text("# Mine\n\nHalf a stashed thought\n")
        self.git("stash", "--quiet")
        self.git("branch", "mine")
        (self.repo / "README.md").write_text("# Mine\n\nA staged thought\n")
        self.git("add", "README.md")
        (self.repo / "README.md").write_text("# Mine\n\nA staged thought, and one that is not\n")
        (self.repo / "untracked.txt").write_text("mine alone\n")
        (self.repo / "debug.log").write_text("ignored\n")

    def copy(self, root: Path, namespace: str) -> Sandbox:
        """The same beginning somewhere else, to play it again. Only for one in which nothing has run."""
        shutil.copytree(self.root, root, symlinks=True)
        return Sandbox(root, self.url, namespace, folder=self.repo.name)

    def git(self, *args: str, check: bool = True) -> str:
        return git(self.repo, *args, check=check)

    # ---- in this process -----------------------------------------------------------------------------------------

    def app(self, kind: type[App] = App) -> App:
        return kind(Environment.read(self.environ))

    def create(self, app: App | None = None, **options: Any) -> str:
        """A new task; its id."""
        given: dict[str, Any] = {
            "repository": self.repo,
            "agent": f"scripted:{self.script}",
            "actor": PERSON,
            "approve": lambda _: True,
            **options,
        }
        return create(app or self.app(), self.repo / ".prelude" / "READY.md", **given).task

    def drive(self, task: str, app: App | None = None) -> TaskState:
        """Drive it in this process until nothing is left to do."""
        return asyncio.run(self.driven(task, app or self.app()))

    async def driven(self, task: str, app: App) -> TaskState:
        ledger = app.ledger(task)
        state = ledger.catch_up()
        if state.status == "planned":
            ledger.submit(TaskStarted(), actor=PERSON)
        elif state.status == "paused":
            ledger.submit(TaskResumed(), actor=PERSON)
        return await app.runner(ledger).run()

    def run(self, app: App | None = None, **options: Any) -> TaskState:
        """Create a task and drive it."""
        app = app or self.app()
        return self.drive(self.create(app, **options), app)

    def answer(self, state: TaskState, choice: str, hint: str = "") -> None:
        """Answer the only open question of a task."""
        (question,) = state.questions
        self.app().submit(state.id, QuestionAnswered(question, choice, hint), actor=PERSON)

    # ---- as processes --------------------------------------------------------------------------------------------

    def conduct(self, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """`conduct …` in the repository, to its end."""
        process = self.start(*args, cwd=cwd)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *args: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "conductor", *args],
            cwd=cwd or self.repo,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    # ---- what lies there -----------------------------------------------------------------------------------------

    def state(self, task: str) -> TaskState:
        return self.app().ledger(task).catch_up()

    def bodies(self, task: str, *kinds: type[msgspec.Struct]) -> list[Any]:
        """The data of a task's events, of some types or all."""
        return [e.body for e in self.app().store.read(task) if not kinds or isinstance(e.body, kinds)]

    def read(self, state: TaskState, path: str) -> str | None:
        """A file as the task branch has it; None where it has none."""
        done = subprocess.run(
            ["git", "show", f"{state.branch}:{path}"], cwd=self.repo, capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else None

    def note(self, what: str) -> str:
        """A command by which an agent notes that it was really executed. It holds no path: a copy notes in its own."""
        return f'echo "{what}" >> "$HOME/journal"'

    def noted(self) -> list[str]:
        return self.journal.read_text().splitlines() if self.journal.exists() else []
