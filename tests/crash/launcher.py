"""A fork server: everything imported once, then a process of its own for each run, which may die at a given point.

Started by `deaths.Launcher`. A job and its answer are one line of JSON each. The dying is done by a store and a
performer that count, put in at the composition root; the code under test knows nothing of it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import git  # noqa: F401  (preloaded: slow)
import redis  # noqa: F401
import rich.live  # noqa: F401

from conductor.app import App
from conductor.config.environment import Environment
from conductor.core.state import TaskState
from conductor.doors.cli.call import Call
from conductor.doors.cli.commands.drive import continue_, run
from conductor.doors.cli.render.output import Output
from conductor.driving.ledger import Ledger
from conductor.driving.runner import Performer
from conductor.envelope import Draft, Head
from conductor.events import Outcome, Request, type_of
from conductor.log.store import Appended, EventStore


class Death:
    """Ends this process at the `at`-th point of a kind.

    `append`: to the task's stream, just done; `journal`: to a transcript, just done; `effect`: performed, not yet said.
    """

    def __init__(self, kind: str, at: int, points: Path) -> None:
        self._kind, self._at = kind, at
        self._count = {"append": 0, "journal": 0, "effect": 0}
        self._points = points.open("a", buffering=1)
        self._lock = threading.Lock()

    def pass_by(self, kind: str, what: str) -> None:
        with self._lock:
            self._count[kind] += 1
            self._points.write(f"{kind} {self._count[kind]} {what}\n")
            if (kind, self._count[kind]) == (self._kind, self._at):
                os.kill(os.getpid(), signal.SIGKILL)


class DoomedStore(EventStore):
    death: Death

    def append(self, stream: str, expected: Head, drafts: Sequence[Draft], **options: Any) -> Appended:
        appended = super().append(stream, expected, drafts, **options)
        kind = "journal" if "/" in stream else "append"
        self.death.pass_by(kind, f"{type_of(drafts[0].body)} {stream}")
        return appended


class DoomedApp(App):
    def __init__(self, environment: Environment, death: Death) -> None:
        super().__init__(environment)
        self._death = death

    @cached_property
    def store(self) -> EventStore:
        made = DoomedStore(super().store.connection, self.environment.namespace)
        made.death = self._death
        return made

    def performer(self, ledger: Ledger) -> Performer:
        performed = super().performer(ledger)

        async def perform(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
            first = True
            async for outcome in performed(request, claim, state):
                if first:
                    self._death.pass_by("effect", f"{type_of(outcome)} {request.effect}")
                first = False
                yield outcome

        return perform


class DoomedCall(Call):
    def __init__(self, args: argparse.Namespace, death: Death) -> None:
        super().__init__(args, Output(json=False))
        self._death = death

    @cached_property
    def app(self) -> App:
        return DoomedApp(Environment.read(), self._death)


def play(job: dict[str, Any]) -> int:
    """`conduct run`, or `conduct continue` where the job names no specification."""
    root = Path(job["root"])
    (root / "victim").write_text(str(os.getpid()))
    output = os.open(root / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(job["environ"])
    os.chdir(job["cwd"])
    kind, at = job["kill"]
    death = Death(kind, at, root / "points")
    options = {
        "spec": None,
        "repo": ".",
        "branch": None,
        "new": False,
        "yes": True,
        "merge": None,
        "task": None,
        "agent": None,
    }
    args = argparse.Namespace(**options | job["args"])
    return (run.run if args.spec else continue_.run)(DoomedCall(args, death))


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 70
            try:
                os.setsid()
                code = play(json.loads(line))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
