"""One process with many agents at once, live ones of ours or bare loops of the SDK; what it took, as JSON.

`python -m tests.bench.loops KIND AGENTS TURNS SECONDS FOLDER REDIS-URL`, KIND `ours` or `bare`. FOLDER holds the
repository `project`; the models answer after SECONDS. A warm-up of one agent comes before what is measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from conductor.agents.contract.assignment import Assignment
from conductor.agents.models import model_of
from conductor.agents.roles.role import role
from conductor.agents.runners.anthropic.runner import AnthropicAgent, Sizes
from conductor.agents.tools.toolbox import Toolbox
from conductor.agents.transcript import Transcript
from conductor.ids import NO_TREE, Branch, EffectId
from conductor.log.connect import connect
from conductor.log.connection import Argument, Connection
from conductor.log.store import EventStore
from conductor.workspace.workspace import Workspace, inspect
from tests.support.messages_server.server import KEY
from tests.support.places import ROOT

ROLE = "implementation-executor"
BRIEFING = "Look around, then report. " * 40


class Taken(msgspec.Struct, frozen=True):
    """Seconds and bytes of all agents together; `parts` are the seconds that were waited for each of them."""

    wall: float
    cpu: float  # of this process
    children: float  # processor seconds of the processes that it started
    memory: int  # peak, beyond what there was when the first agent had been at work
    parts: dict[str, float]


class Stopwatch:
    """Adds up what is waited for, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, work: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


class Timed:
    """A connection whose every round trip is timed."""

    def __init__(self, link: Connection, watch: Stopwatch) -> None:
        self._link = link
        self._watch = watch

    def call(self, *args: Argument) -> object:
        return self._watch.timed("the journal: events and texts, synced to disk", lambda: self._link.call(*args))

    def close(self) -> None:
        self._link.close()


def measure(kind: str, agents: int, turns: int, seconds: float, folder: Path, url: str) -> Taken:
    """Start a server and this module in processes of their own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.messages_server", str(turns), str(seconds)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        environ = os.environ | {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.stdout.readline().strip()}
        words = [kind, str(agents), str(turns), str(seconds), str(folder), url]
        command = [sys.executable, "-m", "tests.bench.loops", *words]
        done = subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE)
        return msgspec.json.decode(done.stdout, type=Taken)
    finally:
        server.communicate()


def prepare(folder: Path, agents: int) -> None:
    """A worktree for each agent."""
    workspace = _workspace(folder)
    commit = inspect(folder / "project").commit
    for number in range(agents):
        workspace.prepare(Branch(f"conductor/bench-{number}"), commit, _worktree(folder, number))


def _workspace(folder: Path) -> Workspace:
    return Workspace(folder / "project", "bench", folder / "worktrees")


def _worktree(folder: Path, number: int) -> Path:
    return folder / "worktrees" / f"agent-{number}"


def _ours(folder: Path, url: str, turns: int, watch: Stopwatch) -> Callable[[int], Awaitable[None]]:
    workspace = _workspace(folder)
    store = EventStore(Timed(connect(url), watch), f"loops-{os.getpid()}")
    runner = AnthropicAgent(os.environ, {}, sizes=Sizes(output=1000))

    async def work(number: int) -> None:
        path = _worktree(folder, max(number, 0))
        assignment = Assignment("bench", EffectId(f"agent:{number}"), ROLE, "1", "one", 1, BRIEFING, str(path))
        tools = Toolbox(
            path,
            role(ROLE),
            environ=os.environ,
            snapshot=lambda: watch.timed("git, meanwhile: the tree before the turn", lambda: workspace.snapshot(path)),
            restore=lambda tree: workspace.restore(path, tree),
        )
        ended = await runner.run(assignment, tools, Transcript(store, store.blobs, "bench", f"agent:{number}", ROLE))
        assert (ended.verdict, ended.turns) == ("PASS", turns), ended

    return work


def _bare(turns: int) -> Callable[[int], Awaitable[None]]:
    """What one writes first: a loop that streams, and answers each call without doing anything."""
    from anthropic import AsyncAnthropic

    create: Any = AsyncAnthropic(max_retries=0).messages.create  # its types are for literal arguments
    tools = Toolbox(Path(), role(ROLE), environ={}, snapshot=lambda: NO_TREE, restore=lambda tree: None).definitions()
    mark = {"cache_control": {"type": "ephemeral"}}
    request: dict[str, Any] = {
        "model": model_of(role(ROLE), {}),
        "max_tokens": 1000,
        "system": [{"type": "text", "text": role(ROLE).prompt, **mark}],
        "tools": tools,
    }

    async def work(number: int) -> None:
        said: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": BRIEFING, **mark}]}]
        for _ in range(turns):
            blocks: list[dict[str, Any]] = []
            given: list[str] = []
            async with await create(**request, messages=said, stream=True) as stream:
                async for event in stream:
                    if event.type == "content_block_start":
                        blocks.append(event.content_block.model_dump(mode="json", exclude_none=True))
                        given.append("")
                    elif event.type == "content_block_delta":
                        given[-1] += event.delta.partial_json
            for block, text in zip(blocks, given, strict=True):
                block["input"] = json.loads(text)
            results = [{"type": "tool_result", "tool_use_id": b["id"], "content": "     1\tRead me."} for b in blocks]
            said += [{"role": "assistant", "content": blocks}, {"role": "user", "content": results}]

    return work


def _memory() -> tuple[int, int]:
    """Resident bytes: now, and the most there were. Of a system without /proc the peak alone."""
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most, most
    return int(rows["VmRSS"].split()[0]) * 1024, int(rows["VmHWM"].split()[0]) * 1024


def _processor(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


async def _all(work: Callable[[int], Awaitable[None]], agents: int, watch: Stopwatch) -> Taken:
    await work(-1)
    watch.seconds.clear()
    before, _ = _memory()
    begin = time.perf_counter(), _processor(resource.RUSAGE_SELF), _processor(resource.RUSAGE_CHILDREN)
    await asyncio.gather(*map(work, range(agents)))
    now = time.perf_counter(), _processor(resource.RUSAGE_SELF), _processor(resource.RUSAGE_CHILDREN)
    wall, cpu, children = (b - a for a, b in zip(begin, now, strict=True))
    return Taken(wall, cpu, children, _memory()[1] - before, watch.seconds)


def main(kind: str, agents: str, turns: str, seconds: str, folder: str, url: str) -> None:
    watch = Stopwatch()
    work = _ours(Path(folder), url, int(turns), watch) if kind == "ours" else _bare(int(turns))
    print(msgspec.json.encode(asyncio.run(_all(work, int(agents), watch))).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
