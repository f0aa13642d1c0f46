"""What ended tasks left is cleared when the next one begins; what a user has or looks at stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conductor.core.state import TaskState
from conductor.driving import claims
from conductor.events import (
    Claim,
    EffectReleased,
    EffectStarted,
    RollbackAsked,
    TaskAbandoned,
    TaskStarted,
    WorkspaceCleared,
)
from conductor.tasks.clear import clear_ended
from tests.support.runs import stories
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.witness import Checkout, verified


def cleared(box: Sandbox, task: str) -> list[dict[str, list[str]]]:
    """What the record says was cleared."""
    return [{"removed": [*body.removed], "rescued": [*body.rescued]} for body in box.bodies(task, WorkspaceCleared)]


def worktrees(box: Sandbox) -> list[str]:
    listed = box.git("worktree", "list", "--porcelain").split("\n")
    return [line.removeprefix("worktree ") for line in listed if line.startswith("worktree ")][1:]


def abandoned(box: Sandbox) -> TaskState:
    """A task that was given up in the middle of an agent's work, by a runner that is gone, with work not committed."""
    stories.single(box)
    task = box.create()
    box.app().submit(task, TaskStarted(), actor=PERSON)
    state = box.state(task)
    path = box.home / "worktrees" / task / "task"
    box.app().workspace(state).prepare(state.branch, state.base_commit, path)
    (path / "half.txt").write_text("half done\n")
    box.app().submit(task, TaskAbandoned(), actor=PERSON)
    return box.state(task)


def test_the_worktree_of_an_abandoned_task_goes_and_its_work_is_kept(sandbox: Sandbox) -> None:
    state = abandoned(sandbox)
    before = Checkout(sandbox.repo)
    assert clear_ended(sandbox.app()) == []
    assert worktrees(sandbox) == []
    assert not (sandbox.home / "worktrees" / state.id).exists()
    (told,) = cleared(sandbox, state.id)
    (ref,) = told["rescued"]
    assert told["removed"] == [str(sandbox.home / "worktrees" / state.id / "task")]
    assert sandbox.git("show", f"{ref}:half.txt") == "half done"
    assert sandbox.git("rev-parse", state.branch) == state.base_commit
    assert [line for line in before.differs() if line != "refs"] == []
    assert clear_ended(sandbox.app()) == []
    assert len(cleared(sandbox, state.id)) == 1
    assert verified(sandbox, state.id) == []


def test_a_result_that_is_not_merged_stays_until_it_is(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    state = sandbox.run()
    assert clear_ended(sandbox.app()) == []
    assert worktrees(sandbox) == [state.path]
    assert cleared(sandbox, state.id) == []
    assert not (sandbox.home / "running" / state.id).exists()
    sandbox.git("stash", "--quiet", "--include-untracked")
    sandbox.git("merge", "--quiet", state.branch)  # by hand
    assert clear_ended(sandbox.app()) == []
    assert worktrees(sandbox) == []
    assert cleared(sandbox, state.id) == [{"removed": [state.path], "rescued": []}]


def test_a_task_that_is_taken_up_again_gets_its_worktree_back(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    state = sandbox.run()
    sandbox.git("stash", "--quiet", "--include-untracked")
    sandbox.git("merge", "--quiet", state.branch)
    clear_ended(sandbox.app())
    sandbox.app().submit(state.id, RollbackAsked(1), actor=PERSON)
    back = sandbox.drive(state.id)
    assert worktrees(sandbox) == [state.path]
    sandbox.app().workspace(back).remove(Path(state.path), keep_branch=True)
    again = sandbox.drive(state.id)
    assert again.status == "completed", again.questions
    assert worktrees(sandbox) == [state.path]
    assert sandbox.read(again, "right.txt") == "right\n"


def test_the_next_task_clears(sandbox: Sandbox) -> None:
    state = abandoned(sandbox)
    done = sandbox.conduct("run", ".prelude/READY.md", "--agent", f"scripted:{sandbox.script}", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(sandbox.home / "worktrees" / state.id / "task") not in worktrees(sandbox)
    assert len(worktrees(sandbox)) == 1


def test_while_a_process_that_worked_on_it_lives_nothing_is_touched(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    task = sandbox.create()
    app = sandbox.app()
    app.submit(task, TaskStarted(), actor=PERSON)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        from conductor.process.identity import started

        (effect,) = sandbox.state(task).open
        me = claims.me()
        claim = type(me)(me.host, me.boot, process.pid, started(process.pid) or "")
        app.submit(task, EffectStarted(effect, claim), actor="runner:other")
        version = sandbox.state(task).open[effect].claim_version
        app.submit(task, EffectReleased(effect, version, "stopped"), actor="runner:other")
        state = sandbox.state(task)
        path = sandbox.home / "worktrees" / task / "task"
        app.workspace(state).prepare(state.branch, state.base_commit, path)
        app.submit(task, TaskAbandoned(), actor=PERSON)
        assert clear_ended(app) == []
        assert worktrees(sandbox) == [str(path)]
        process.communicate(b"\n")
    assert clear_ended(app) == []
    assert worktrees(sandbox) == []


def test_while_a_process_elsewhere_may_be_at_it_nothing_is_touched(sandbox: Sandbox) -> None:
    """Its ids say nothing here, so that it is at work as long as its heart beats."""
    stories.single(sandbox)
    app = sandbox.app()
    task = sandbox.create(app)
    app.submit(task, TaskStarted(), actor=PERSON)
    (effect,) = sandbox.state(task).open
    app.submit(task, EffectStarted(effect, Claim("elsewhere", "boot", 1, "0")), actor="runner:elsewhere/1")
    state = sandbox.state(task)
    path = sandbox.home / "worktrees" / task / "task"
    app.workspace(state).prepare(state.branch, state.base_commit, path)
    version = state.open[effect].claim_version
    app.submit(task, TaskAbandoned(), actor=PERSON)
    app.store.heartbeat(task, effect, version, 60_000)
    assert clear_ended(app) == []
    assert worktrees(sandbox) == [str(path)]
    app.store.connection.call("DEL", app.store.keys.claim(task, effect, version))
    assert clear_ended(app) == []
    assert worktrees(sandbox) == []


def test_notes_of_the_dead_go_with_what_they_left_running(sandbox: Sandbox) -> None:
    state = abandoned(sandbox)
    notes = sandbox.home / "running" / state.id / "effect"
    code = (
        "import asyncio, os, sys; from pathlib import Path; from conductor.process.run import run\n"
        f"notes = Path({str(notes)!r})\n"
        "async def leave():\n"
        "    while not [note for note in notes.glob('*') if not note.suffix]:\n"
        "        await asyncio.sleep(0.01)\n"
        "    os._exit(0)\n"
        "async def main():\n"
        "    leaving = asyncio.ensure_future(leave())\n"
        "    await run('sleep 600', cwd=Path('/'), timeout=600, env=os.environ, note=notes)\n"
        "asyncio.run(main())"
    )
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": sandbox.environ["PYTHONPATH"]}, check=True
    )
    (note,) = notes.iterdir()
    group = int(note.read_text().split("\n")[2])
    assert Path(f"/proc/{group}").exists() or sys.platform != "linux"
    assert clear_ended(sandbox.app()) == []
    assert not (sandbox.home / "running" / state.id).exists()
    from conductor.process.identity import started

    assert started(group) is None


def test_a_repository_that_is_gone_is_no_trouble(sandbox: Sandbox) -> None:
    state = abandoned(sandbox)
    sandbox.repo.rename(sandbox.root / "elsewhere")
    assert clear_ended(sandbox.app()) == []
    assert (sandbox.home / "worktrees" / state.id / "task" / "half.txt").exists()
