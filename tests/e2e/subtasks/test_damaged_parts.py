"""A damaged record among those of a task and its subtasks: what needs it asks for a person, the rest goes on."""

from __future__ import annotations

import json
import signal

from conductor.core.state import TaskState
from conductor.errors import Exit
from conductor.events import EffectFailed
from tests.e2e.subtasks.test_subtasks import GOOD, children, diamond, wait_for
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.writing import agent, bash, create, turn


def damage(box: Sandbox, task: str) -> None:
    store = box.app().store
    assert store.connection.call("XDEL", store.keys.stream(task), "2-0") == 1


def left_waits(box: Sandbox) -> tuple[TaskState, str]:
    """A task that waits for one of its parts, which waits for a person; and that part's id."""
    diamond(box, Left=create("x.txt", ""))
    state = box.run()
    assert state.status == "awaiting_subtasks"
    return state, children(box, state)["Left"].id


def test_a_damaged_part_is_shown_and_its_whole_can_still_be_looked_at_and_given_up(sandbox: Sandbox) -> None:
    state, left = left_waits(sandbox)
    damage(sandbox, left)
    told = json.loads(sandbox.conduct("status", "--json").stdout)
    assert (told["id"], told["quarantined"]) == (state.id, False)
    assert {row["part"]: row["damaged"] for row in told["subtasks"]} == {
        "Core": False,
        "Left": True,
        "Right": False,
        "Top": False,
    }
    shown = [line.split()[1:4] for line in sandbox.conduct("status").stdout.splitlines()]
    assert [left, "Left", "damaged"] in shown
    gone_on = sandbox.conduct("continue")
    assert gone_on.returncode == Exit.WAITING, gone_on
    assert (
        f"the record of task {left} is damaged at version 2" in gone_on.stdout and f" verify {left}`" in gone_on.stdout
    )
    cost = sandbox.conduct("cost", "--json")
    assert cost.returncode == Exit.OK and json.loads(cost.stdout)["not_counted"] == [left]
    answered = sandbox.conduct("answer", left, "q1", "retry")
    assert answered.returncode == Exit.STORE and f" verify {left}` says more" in answered.stderr
    assert sandbox.conduct("verify", state.id).returncode == Exit.OK
    given_up = sandbox.conduct("abandon", state.id)
    assert (given_up.returncode, given_up.stderr) == (Exit.OK, "")
    assert sandbox.state(state.id).status == "abandoned"


def test_what_is_built_beside_a_damaged_part_is_built(sandbox: Sandbox) -> None:
    """It is damaged while its whole is paused; only the work that needs it becomes a question."""
    waiting = f'{sandbox.note("here")}; while [ ! -e "$HOME/go" ]; do sleep 0.02; done'
    held = agent(turn(bash(waiting)), turn(GOOD["Left"], report="PASS"), role="implementation-executor", phase="2")
    diamond(sandbox, held)
    process = sandbox.start("run", ".prelude/READY.md", "--yes", "--agent", f"scripted:{sandbox.script}")
    wait_for(sandbox, process)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == Exit.INTERRUPTED
    (sandbox.root / "go").touch()
    task = sandbox.app().store.tasks()[0]
    left = children(sandbox, sandbox.state(task))["Left"].id
    damage(sandbox, left)
    gone_on = sandbox.conduct("continue")
    assert gone_on.returncode == Exit.WAITING, gone_on
    assert f"the record of task {left} is damaged" in gone_on.stdout
    state = sandbox.state(task)
    assert sandbox.state(f"{task}.3").status == "completed"
    (question,) = (asked.question for asked in state.questions.values())
    assert (question.kind, question.module) == ("effect", "Left") and left in question.text
    assert len(sandbox.bodies(task, EffectFailed)) == 1, "to try again cannot help"
    assert sandbox.read(state, "right.py") is not None


def test_a_part_goes_on_where_its_whole_is_damaged(sandbox: Sandbox) -> None:
    state, left = left_waits(sandbox)
    sandbox.script.write_text(sandbox.script.read_text().replace("x.txt", "left.py"))
    damage(sandbox, state.id)
    rows = {row["id"]: row["quarantined"] for row in json.loads(sandbox.conduct("list", "--json").stdout)}
    assert rows == {task: task == state.id for task in rows} and left in rows
    assert sandbox.conduct("status", left).returncode == Exit.OK
    answered = sandbox.conduct("answer", left, "q1", "retry")
    assert answered.returncode == Exit.OK and f"continue {left}`" in answered.stdout, answered
    gone_on = sandbox.conduct("continue", left)
    assert state.id in gone_on.stdout and gone_on.returncode in (Exit.OK, Exit.WAITING), gone_on
    assert sandbox.conduct("verify", left).returncode == Exit.OK
    assert sandbox.conduct("status").returncode == Exit.FAILED, "the whole is what is meant"
