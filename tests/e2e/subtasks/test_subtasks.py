"""A plan above the threshold: cut into subtasks, each a task of its own, and brought together."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from conductor.core.state import TaskState
from conductor.errors import Exit
from conductor.events import CheckObserved, SpecAmended, SubtaskRequested, TaskAbandoned, TaskCompletedWithWaivers
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import Checkout, left_running, verified
from tests.support.runs.writing import REVIEWER, Module, Phase, agent, bash, create, turn, work

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
    """Subplan -> the latest task that builds it."""
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


def test_a_failing_part_holds_back_only_what_depends_on_it(sandbox: Sandbox) -> None:
    """Left waits for a person, in its own task; Right is built and merged; the answer lets all go on."""
    bad = create("left.txt", "not what was asked for\n")
    again = work(GOOD["Left"], phase="2", attempt=2)
    before = diamond(sandbox, again, Left=bad)
    state = sandbox.run()
    assert state.status == "awaiting_subtasks"
    built = children(sandbox, state)
    assert list(built) == ["Core", "Left", "Right"]
    assert built["Left"].status == "awaiting_answer" and built["Right"].status == "completed"
    assert sandbox.read(state, "right.py") and sandbox.read(state, "left.py") is None
    assert sandbox.drive(state.id).status == "awaiting_subtasks"
    sandbox.answer(built["Left"], "retry")
    state = sandbox.drive(state.id)
    assert state.status == "completed", state.questions
    assert children(sandbox, state)["Left"].id == built["Left"].id
    sound(sandbox, state, before)


def test_a_part_that_was_finished_by_itself_is_taken(sandbox: Sandbox) -> None:
    before = diamond(sandbox, work(GOOD["Left"], phase="2", attempt=2), Left=create("x.txt", ""))
    state = sandbox.run()
    left = children(sandbox, state)["Left"]
    sandbox.answer(left, "retry")
    assert sandbox.drive(left.id).status == "completed"
    assert sandbox.state(state.id).status == "awaiting_subtasks"
    state = sandbox.drive(state.id)
    assert state.status == "completed"
    sound(sandbox, state, before)


@pytest.mark.parametrize("choice", ["retry", "skip"])
def test_an_abandoned_part_is_begun_anew_or_left_out(sandbox: Sandbox, choice: str) -> None:
    """Left out, it and what the rest cannot do without it are waived."""
    top = create("top.py", "print('top')\n")
    elsewhere = create("x.txt", GOOD["Left"]["text"])
    before = diamond(sandbox, Left=elsewhere, Top=top if choice == "skip" else GOOD["Top"])
    state = sandbox.run()
    left = children(sandbox, state)["Left"]
    sandbox.script.write_text(sandbox.script.read_text().replace("x.txt", "left.py"))
    sandbox.app().submit(left.id, TaskAbandoned("not like this"), actor=PERSON)
    state = sandbox.drive(state.id)
    (asked,) = state.questions.values()
    assert (asked.question.kind, asked.question.module) == ("subtask", "Left")
    sandbox.answer(state, choice)
    state = sandbox.drive(state.id)
    again = children(sandbox, state)["Left"]
    if choice == "retry":
        assert again.id == f"{left.id}r1" and again.status == "completed"
        assert sandbox.read(state, "left.py") is not None
    else:
        assert state.status == "completed_with_waivers", state.questions
        (end,) = sandbox.bodies(state.id, TaskCompletedWithWaivers)
        assert end.waived == ("Left",)
        assert sandbox.read(state, "left.py") is None and sandbox.read(state, "top.py")
    sound(sandbox, state, before)


def test_abandoning_the_parent_abandons_its_parts(sandbox: Sandbox) -> None:
    diamond(sandbox, Left=create("x.txt", ""))
    state = sandbox.run()
    sandbox.app().submit(state.id, TaskAbandoned("enough"), actor=PERSON)
    assert [child.status for child in children(sandbox, state).values()] == ["completed", "abandoned", "completed"]


def test_what_does_not_fit_together_is_found_and_mended(sandbox: Sandbox) -> None:
    """Each part is right by itself, as far as anybody could tell there."""
    top = create("top.py", "import left\nimport right\n\n\ndef top():\n    return left.lefts() + right.right()\n")
    fixed = create("top.py", "import left\nimport right\n\n\ndef top():\n    return left.left() + right.right()\n")
    mend = agent(turn(fixed, report="PASS"), role="fix-executor")
    before = diamond(sandbox, mend, Top=top)
    state = sandbox.run()
    assert state.status == "completed", state.questions
    failed = [b for b in sandbox.bodies(state.id, CheckObserved) if b.status == "failed"]
    assert [(b.kind, "top.py:6" in b.summary) for b in failed] == [("interfaces", True)]
    sound(sandbox, state, before)


def test_killed_in_the_middle_it_comes_to_the_same_end(sandbox: Sandbox) -> None:
    """The process dies while two parts are under way; what it left running is ended, what it did is found."""
    waiting = f'{sandbox.note("here")}; while [ ! -e "$HOME/go" ]; do sleep 0.02; done'
    held = agent(turn(bash(waiting)), turn(GOOD["Left"], report="PASS"), role="implementation-executor", phase="2")
    before = diamond(sandbox, held)
    process = sandbox.start("run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{sandbox.script}")
    wait_for(sandbox, process)
    process.kill()
    process.communicate()
    (sandbox.root / "go").touch()
    done = sandbox.conduct("continue")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    task = sandbox.app().store.tasks()[0]
    state = sandbox.state(task)
    assert state.status == "completed" and not state.parent_task_id
    assert len(sandbox.app().store.tasks()) == 5
    assert len({b.subtask for b in sandbox.bodies(task, SubtaskRequested)}) == 4
    sound(sandbox, state, before)


def test_the_doors_show_the_tree_and_name_who_waits(sandbox: Sandbox) -> None:
    diamond(sandbox, Left=create("x.txt", ""))
    planned = sandbox.conduct("plan").stdout
    assert "decomposed into 4 subtasks" in planned and "after Left, Right" in planned
    run = sandbox.conduct("run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{sandbox.script}")
    assert run.returncode == Exit.WAITING
    task = sandbox.app().store.tasks()[0]
    assert f"answer {task}.2 q1 retry" in run.stdout and f"{task}.2 is waiting for a person" in run.stdout
    told = json.loads(sandbox.conduct("status", "--json").stdout)
    rows = {row["part"]: (row["id"], row["status"], row["phases_done"]) for row in told["subtasks"]}
    assert rows["Core"] == (f"{task}.1", "completed", 1)
    assert rows["Left"] == (f"{task}.2", "awaiting_answer", 0)
    assert rows["Top"] == (f"{task}.4", "", 0)
    listed = [line.partition("  conductor")[0] for line in sandbox.conduct("list").stdout.splitlines()]
    assert [line.startswith("  ") for line in listed] == [False, True, True, True]
    assert sandbox.conduct("answer", f"{task}.2", "q1", "abandon").returncode == Exit.OK
    again = sandbox.conduct("continue")
    assert again.returncode == Exit.WAITING and f"answer {task} q1 skip" in again.stdout
    for of in (task, f"{task}.2"):  # at once, before anything is compared or asked
        other = sandbox.conduct("replan", of)
        assert other.returncode == Exit.REFUSED and not other.stdout
        assert "decomposed into subtasks" in other.stderr and f" abandon {task}`" in other.stderr
    assert sandbox.conduct("abandon", task).returncode == Exit.OK
    assert sandbox.conduct("list").stdout.count("abandoned") == 2


def test_paused_its_parts_stop_and_go_on_as_they_were(sandbox: Sandbox) -> None:
    waiting = f'{sandbox.note("here")}; while [ ! -e "$HOME/go" ]; do sleep 0.02; done'
    held = agent(turn(bash(waiting)), turn(GOOD["Left"], report="PASS"), role="implementation-executor", phase="2")
    before = diamond(sandbox, held)
    process = sandbox.start("run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{sandbox.script}")
    wait_for(sandbox, process)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == Exit.INTERRUPTED
    assert left_running(sandbox.root) == []
    task = sandbox.app().store.tasks()[0]
    state = sandbox.state(task)
    assert state.status == "paused"
    assert not [o for child in children(sandbox, state).values() for o in child.open.values() if o.claim_version]
    (sandbox.root / "go").touch()
    state = sandbox.drive(task)
    assert state.status == "completed"
    sound(sandbox, state, before)


def wait_for(box: Sandbox, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not box.noted():
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.02)


def test_what_is_amended_in_a_part_is_amended_for_the_whole(sandbox: Sandbox) -> None:
    """Approved in Core's own task; the specification reads so, and the parts that come after are told."""
    found = {
        "original": "Core is built",
        "reality": "Core is built of stone",
        "evidence": "core.py:1: def core",
        "why_fact": "it was read",
        "impact": "core",
    }
    report = {"status": "PASS", "summary": "Done.", "corrections": [found]}
    who = {"role": "implementation-executor", "phase": "1"}
    before = diamond(sandbox, agent(turn(GOOD["Core"], report=report), **who))
    state = sandbox.run()
    assert state.status == "awaiting_subtasks"
    sandbox.answer(children(sandbox, state)["Core"], "approve")
    state = sandbox.drive(state.id)
    assert state.status == "completed", state.questions
    (amended,) = sandbox.bodies(state.id, SpecAmended)
    assert amended.amendment.new == "Core is built of stone" and state.amendments == (amended.amendment,)
    built = children(sandbox, state)
    assert [a.new for a in built["Top"].amendments] == ["Core is built of stone"]
    assert "- Core is built of stone" in (sandbox.read(state, ".prelude/READY.md") or "")
    discoveries = sandbox.read(state, ".prelude/DISCOVERIES.md") or ""
    assert discoveries.count("#### Core is built") == 1
    sound(sandbox, state, before)
