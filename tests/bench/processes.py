"""New processes: how long a bare interpreter takes, `conduct --help`, `conduct emit`, and the resume after SIGKILL."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from conductor.__main__ import GARBAGE
from conductor.core.steps.step import Fact
from conductor.envelope import Recorded
from conductor.events import EffectStarted, TaskCreated, WorkspacePrepared
from conductor.log.store import EventStore
from tests.bench.load import FINDING, history, record
from tests.bench.report import Row, row
from tests.bench.rounds import Case, pair, take_turns
from tests.support.places import ROOT

ROUNDS = 20
EVENTS = 290  # of the task that is resumed: its run is nearly at its end
SCRIPT = Path(sys.executable).with_name("conduct")
CONDUCT = (str(SCRIPT),) if SCRIPT.exists() else (sys.executable, "-m", "conductor")
IMPORTS = "conductor.doors.cli.dispatch, conductor.log.embedded, conductor.doors.cli"
WORK = 4  # events after which a runner has loaded what it works with: claimed, failed, and once more
PATIENCE = 60_000  # milliseconds

replace = msgspec.structs.replace


def environment(home: Path) -> dict[str, str]:
    """That of an installed program: a state folder, and compiled modules are kept."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CONDUCT_", "PYTHONDONTWRITEBYTECODE"))}
    return {**kept, "CONDUCT_HOME": str(home)}


class Processes:
    """Starts Python on the state folder `home`, in which there is a task to go on with."""

    task = "resumed"

    def __init__(self, home: Path, store: EventStore) -> None:
        self._environment = environment(home)
        self._store = store
        record(store, self.task, list(_placed(history(upto=EVENTS), home, self.task)))

    def python(self, code: str) -> Case:
        """Runs code in a new interpreter to its end."""
        return lambda: self._run(sys.executable, "-c", code)

    def imports(self, modules: str) -> Case:
        """Imports modules in a new interpreter, and starts and ends like `conduct`."""
        return self.python(f"import gc, os; gc.set_threshold({GARBAGE}); import {modules}; os._exit(0)")

    def conduct(self, *arguments: str) -> Case:
        """Runs a command to its end."""
        return lambda: self._run(*CONDUCT, *arguments)

    def _run(self, *command: str) -> None:
        subprocess.run(command, cwd=ROOT, env=self._environment, check=True, stdout=subprocess.DEVNULL)

    def resume(self, events: int = 1) -> tuple[float, int]:
        """Go on with the task in a new process and kill it after so many events.

        Returns the seconds to its first action, and its memory in bytes.
        """
        end = self._store.feed_end()
        begin = time.perf_counter()
        process = subprocess.Popen(
            [*CONDUCT, "continue", self.task], cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL
        )
        try:
            end, first = self._next(end)
            seconds = time.perf_counter() - begin
            assert isinstance(first.body, EffectStarted), first.type
            for _ in range(events - 1):
                end, _ = self._next(end)
            return seconds, _memory(process.pid) if events > 1 else 0  # asking takes a process of its own
        finally:
            process.kill()
            process.wait()

    def _next(self, after: str) -> tuple[str, Recorded]:
        (found,) = self._store.feed(after, count=1, block_ms=PATIENCE)
        return found


def _placed(facts: list[Fact], home: Path, task: str) -> Iterator[Fact]:
    """The same run, of a repository and worktrees under `home`, by agents who have nothing to say."""
    folder = home / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    script = folder / "script.toml"
    script.write_text('[[agent]]\n[[agent.turn]]\nsay = "Nothing."\n')
    for fact in facts:
        body = fact.body
        if isinstance(body, TaskCreated):
            settings = replace(body.settings, effect_tries=1_000)  # its worktrees are missing; it is to go on trying
            body = replace(body, repository=str(folder), agent_source=str(script), settings=settings)
        elif isinstance(body, WorkspacePrepared):
            body = replace(body, path=str(home / "worktrees" / task / body.branch.replace("/", "-")))
        yield replace(fact, body=body)


def measure(home: Path, store: EventStore) -> tuple[list[Row], dict[str, float], int]:
    """The rows of the table; processor seconds of processes and of what they import; a working runner's memory."""
    start = Processes(home, store)
    start.resume()  # the first claim, which the next process takes over
    finding = msgspec.json.encode(FINDING).decode()
    cases: dict[str, Case] = {
        "bare": start.python("pass"),
        "help": start.conduct("--help"),
        "emit": start.conduct("emit", start.task, "finding.reported", "--data", finding),
        "resume": start.resume,
    }
    taken = take_turns(cases, rounds=ROUNDS)
    rows = [
        row("conduct --help", pair(taken, "bare", "help"), unit="ms"),
        row(f"conduct emit, to a task of {EVENTS} events", pair(taken, "bare", "emit"), unit="ms", aim="under 5x"),
        row("resume: from SIGKILL to the next action", pair(taken, "bare", "resume"), unit="ms", aim="under 250 ms"),
    ]
    parts: dict[str, Case] = {
        "python -c pass": cases["bare"],
        "import msgspec": start.imports("msgspec"),
        "import what emit imports": start.imports(f"{IMPORTS}.commands.connect.emit"),
        "conduct emit": cases["emit"],
        "import redis": start.imports("redis"),
        "import what continue imports": start.imports(
            f"{IMPORTS}.commands.drive.continue_, conductor.log.redis_client"
        ),
        "resume": cases["resume"],
    }
    spent = take_turns(parts, rounds=ROUNDS // 2, clock=_children)
    return rows, {what: min(seconds) for what, seconds in spent.items()}, start.resume(WORK)[1]


def _memory(pid: int) -> int:
    """Resident bytes of a process. Not from its resource usage, where Linux counts its parent's in."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(told.stdout) * 1024


def _children() -> float:
    """Processor seconds of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
