"""What one phase made, the next one's briefing tells by name: from the record alone, which needs no repository."""

from __future__ import annotations

import shutil

from conductor.effects.briefing import briefing
from conductor.events import AgentRequested, CheckpointCreated, MergeCompleted
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import verified
from tests.support.runs.writing import Module, Phase, bash, create, work

OPEN = "def open_store(path: str, *, create: bool = False) -> bool:\n    return create and bool(path)\n"
STORE = "\n\nclass Store:\n    def get(self, key: str) -> bytes:\n        return self._find(key)\n\n"
FIND = "    def _find(self, key: str) -> bytes:\n        return key.encode()\n"
READ, WRITE = "def read_all() -> int:\n    return 1\n", "def write_all() -> int:\n    return 2\n"

PHASES = [
    Phase("Store", (Module("store"),), files=("store.py",)),
    Phase("Parts", (Module("read", ("read.py",)), Module("write", ("write.py",)), Module("sync", needs=("read",)))),
    Phase("End", (Module("end"),)),
]
AGENTS = [
    work(create("store.py", OPEN + STORE + FIND), create("old.py", "OLD = 1\n"), phase="1"),
    work(create("read.py", READ), phase="2", module="read"),
    work(create("write.py", WRITE), phase="2", module="write"),
    work(bash("rm old.py && sed -i '3,$d' store.py"), phase="2", module="sync"),
    work(create("end.txt", "end\n"), phase="3"),
]


def given(box: Sandbox, task: str, phase: str, module: str) -> str:
    """The briefing that the module's first agent was given."""
    events = box.app().store.read(task)
    asked = next(
        e for e in events if isinstance(e.body, AgentRequested) and (e.body.phase, e.body.module) == (phase, module)
    )
    assert isinstance(asked.body, AgentRequested)
    return briefing(events[: asked.version], asked.body, box.app().store.blobs)


def test_the_next_phase_reads_the_names_that_the_one_before_made(sandbox: Sandbox) -> None:
    sandbox.begin("A store", PHASES, AGENTS, QUICK + "review = false\n")
    state = sandbox.run()
    names = "    store.py\n      def open_store(path: str, *, create: bool=…) -> bool\n"
    members = "      class Store\n        def get(self, key: str) -> bytes\n"
    first = given(sandbox, state.id, "2", "read")
    assert names + members in first and "old.py\n      OLD" in first and "_find" not in first
    waited = given(sandbox, state.id, "2", "sync")
    assert "    read.py\n      def read_all()" in waited and "write_all" not in waited
    last = given(sandbox, state.id, "3", "end")
    assert names in last and "class Store" not in last and "OLD" not in last
    assert "def read_all()" in last and "def write_all()" in last
    told = [bool(b.interfaces) for b in sandbox.bodies(state.id, MergeCompleted, CheckpointCreated)]
    assert told == [True, True, True, True, True, False, False]  # what phase 3 wrote is no source
    assert verified(sandbox, state.id) == []
    said = sandbox.conduct("brief", state.id, "3")
    assert said.returncode == 0 and names in said.stdout, said.stderr
    shutil.rmtree(sandbox.repo)
    shutil.rmtree(sandbox.home / "worktrees")
    assert given(sandbox, state.id, "3", "end") == last
