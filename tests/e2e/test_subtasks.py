"""A plan above the threshold: cut into subtasks, each a task of its own, and brought together."""

from __future__ import annotations

import pytest
from sandbox import PERSON, Sandbox
from stories import QUICK
from witness import Checkout, left_running, verified
from writing import REVIEWER, Module, Phase, agent, bash, create, turn, work

from conductor.core.state import TaskState
from conductor.errors import Exit
from conductor.events import SubtaskRequested, TaskAbandoned, TaskCompletedWithWaivers

ALWAYS = QUICK + "decompose_above = 0\nfix_tries = 1\n"
NAMES = ("Core", "Left", "Right", "Top")
GOOD = {
    "Core": create("core.py", "def core():\n    return 1\n"),
    "Left": create("left.py", "from core import core\n\n\ndef left():\n    return core()\n"),
    "Right": create("right.py", "from core import core\n\n\ndef right():\n    return core()\n"),
    "Top": create("top.py", "from left import left\nfrom right import right\n\nprint(left() + right())\n"),
}


def diamond(box: Sandbox, *others: dict[str, object], settings: str = ALWAYS, **calls: dict[str, object]) -> Checkout:
    """Four phases, each a part: two that depend on the first, and one on both. `calls` replace what agents do."""
    phases = [
        Phase("Core", (Module("core"),), files=("core.py",), needs=()),
        Phase("Left", (Module("left"),), files=("left.py",), needs=(1,)),
        Phase("Right", (Module("right"),), files=("right.py",), commands=("grep -q core right.py",), needs=(1,)),
        Phase("Top", (Module("top"),), files=("top.py",), needs=(2, 3)),
    ]
    does = {**GOOD, **calls}
    agents = [work(does[name], phase=str(n)) for n, name in enumerate(NAMES, 1)]
    box.begin("Diamond", phases, [*others, *agents, REVIEWER], settings)
    return Checkout(box.repo)


def children(box: Sandbox, state: TaskState) -> dict[str, TaskState]:
    """Part -> the latest task that builds it."""
    return {b.module: box.state(b.subtask) for b in box.bodies(state.id, SubtaskRequested)}


def sound(box: Sandbox, state: TaskState, before: Checkout) -> None:
    for task in (state.id, *(child.id for child in children(box, state).values())):
        assert verified(box, task) == [], task
    assert before.differs() == []
    assert left_running(box.root) == []


def test_parts_are_tasks_of_their_own_and_come_together(sandbox: Sandbox) -> None:
    before = diamond(sandbox)
    state = sandbox.run()
    assert state.status == "completed", state.questions
    built = children(sandbox, state)
    assert list(built) == ["Core", "Left", "Right", "Top"]
    assert {child.status for child in built.values()} == {"completed"}
    assert {child.parent_task_id for child in built.values()} == {state.id}
    assert all(sandbox.read(state, f"{name.lower()}.py") for name in NAMES)
    assert state.whole.checks["interfaces"].status == "passed"
    sound(sandbox, state, before)
