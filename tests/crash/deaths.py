"""Runs that die and runs that go on, each a process of its own, and the comparison with one that nothing disturbed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conductor.events import AttemptResumed
from tests.support.places import ROOT
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import Checkout, fingerprint, transcripts, verified

NEVER = ("never", 0)
Point = tuple[str, int]


class Launcher:
    """A fork server that everything is imported in already. Close it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.crash.launcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environ, "PYTHONPATH": str(ROOT)},
        )

    def run(self, box: Sandbox, kill: Point = NEVER, **args: Any) -> int:
        """`conduct run` in a sandbox; the exit code, negative when a signal ended it."""
        return self._play(box, kill, {"spec": ".prelude/READY.md", "agent": f"scripted:{box.script}", **args})

    def go_on(self, box: Sandbox, kill: Point = NEVER, **_: Any) -> int:
        """`conduct continue`, which asks for nothing new."""
        return self._play(box, kill, {})

    def _play(self, box: Sandbox, kill: Point, args: dict[str, Any]) -> int:
        if kill[0] == "git":
            put_before_git(box, kill[1])
        job = {"root": str(box.root), "cwd": str(box.repo), "environ": box.environ, "kill": kill, "args": args}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def put_before_git(box: Sandbox, at: int) -> None:
    """From now on a `git` that kills stands first on the sandbox's PATH; it counts anew."""
    git = box.root / "bin" / "git"
    if not git.exists():
        git.parent.mkdir()
        shutil.copy(Path(__file__).with_name("git_that_kills.sh"), git)
        git.chmod(0o755)
        box.environ["PATH"] = f"{git.parent}:{box.environ['PATH']}"
    (box.root / "kill-at").write_text(str(at))
    (box.root / "git-commands").unlink(missing_ok=True)


class Theatre:
    """One story, played undisturbed once and then as often as wanted with deaths in it."""

    def __init__(self, launcher: Launcher, template: Sandbox, folder: Path, **args: Any) -> None:
        self.launcher = launcher
        self._template = template
        self._folder = folder
        self._args = args
        self._git_commands = 0
        box = self.fresh("undisturbed")
        before = Checkout(box.repo)
        assert launcher.run(box, **args) == 0, output(box)
        self.expected = fingerprint(box, only_task(box))
        self.delivered = before.differs()  # nothing, if the result is not merged into the user's branch
        self.notes = Counter(box.noted())
        self.points = Counter(line.split()[0] for line in (box.root / "points").read_text().splitlines())
        assert verified(box, only_task(box)) == []

    def git_commands(self) -> int:
        """How many git commands change something in an undisturbed run."""
        if not self._git_commands:
            box = self.fresh("git-commands")
            assert self.launcher.run(box, ("git", 0), **self._args) == 0, output(box)
            self._git_commands = len((box.root / "git-commands").read_text().splitlines())
        return self._git_commands

    def fresh(self, name: str) -> Sandbox:
        return self._template.copy(self._folder / name, f"t-{uuid.uuid4().hex[:12]}")

    def differs(self, name: str, *kills: Point, meanwhile: Callable[[Sandbox], None] | None = None) -> list[str]:
        """Play it, dying at each of the points in turn, the last time to its end. What is not as it should be.

        `meanwhile` happens after each death, and may cost work: then only where it all ends is compared.
        """
        box = self.fresh(name)
        before = Checkout(box.repo)
        play = self.launcher.run
        for number, kill in enumerate(kills):
            code = play(box, kill, **self._args)
            # A later death may come too late: what was left to do was less than that.
            if code != -signal.SIGKILL and (code or not number):
                return [f"ended with {code} instead of dying at {kill}: {output(box)}"]
            if meanwhile:
                meanwhile(box)
            play = self.launcher.go_on
        if (code := play(box, **self._args)) != 0:
            return [f"exit code {code}: {output(box)}"]
        task = only_task(box)
        wrong = verified(box, task)
        if (changed := before.differs()) != self.delivered:
            wrong.append(f"of the user's changed: {changed}")
        found = fingerprint(box, task)
        for part, value in self.expected.items():
            if found[part] != value and (part == "tree" or not meanwhile):
                wrong.append(f"{part}: {found[part]} instead of {value}")
        again = Counter(box.noted()) - self.notes
        if meanwhile:
            return [f"{name}: {what}" for what in wrong]
        if again.total() > resumed(box, task) or self.notes - Counter(box.noted()):
            wrong.append(f"executed: {box.noted()}")
        where = (box.root / "points").read_text().splitlines()
        return [f"{name}: {what}" for what in wrong] + ([f"points: {where}"] if wrong else [])


def only_task(box: Sandbox) -> str:
    tasks = box.app().store.tasks()
    assert len(tasks) <= 1
    return tasks[0] if tasks else ""


def resumed(box: Sandbox, task: str) -> int:
    """How many turns were cut off and played again."""
    store = box.app().store
    return sum(isinstance(e.body, AttemptResumed) for stream in transcripts(box, task) for e in store.read(stream))


def output(box: Sandbox) -> str:
    return (box.root / "output").read_text(errors="replace")[-3000:]
