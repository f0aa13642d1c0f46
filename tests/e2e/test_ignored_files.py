"""Files that agents had ignored: none of them comes onto a branch because a rule went, and a user is told of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conductor.core.state import TaskState
from conductor.effects.briefing import briefing
from conductor.events import AgentReported, AgentRequested, PhaseRolledBack, TaskRolledBack
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import Checkout, verified
from tests.support.runs.writing import Module, Phase, agent, bash, create, turn, work

SETTINGS = QUICK + "review = false\nfix_tries = 0\n"
RULES = create(".gitignore", ".env\nvenv/\n")
SECRETS = bash("echo TOKEN=x > .env; mkdir -p venv/lib; echo x > venv/lib/big.py; chmod -R a-w venv")
GOOD, BAD = create("one.txt", "one\n"), create("one.txt", "poor\n")
PHASES = [Phase("One", (Module("one"),), files=("one.txt",), commands=("grep -qx one one.txt",))]


def fixer(*calls: dict[str, object], attempt: int) -> dict[str, object]:
    return agent(turn(*calls, report="PASS"), role="fix-executor", attempt=attempt)


def ever_committed(box: Sandbox) -> set[str]:
    """Every path that any commit of any ref has, rescued ones included."""
    return set(box.git("log", "--all", "--format=", "--name-only", "--no-renames", "-m").splitlines()) - {""}


def clean(box: Sandbox, state: TaskState, before: Checkout) -> bool:
    assert not {path for path in ever_committed(box) if path.startswith((".env", "venv"))}
    assert verified(box, state.id) == []
    assert before.differs() == []
    return True


def kept(*moved: object) -> dict[str, str]:
    """Name -> what is kept under it; of a folder, of a file in it."""
    found = {}
    for one in moved:
        for path in one.paths:  # type: ignore[attr-defined]
            place = Path(one.folder, path)  # type: ignore[attr-defined]
            found[path] = (place if place.is_file() else place / "lib" / "big.py").read_text()
    return found


BOTH = {".env": "TOKEN=x\n", "venv/": "x\n"}


def test_a_phase_that_is_rolled_back_and_tried_again(sandbox: Sandbox) -> None:
    agents = [work(RULES, SECRETS, BAD, phase="1", attempt=1), work(GOOD, phase="1", attempt=2)]
    sandbox.begin("Ignores", PHASES, agents, SETTINGS)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    (rolled,) = sandbox.bodies(state.id, PhaseRolledBack)
    assert kept(*rolled.set_aside) == BOTH
    (asked,) = state.questions.values()
    for told in (".env", "venv/", rolled.set_aside[0].folder):
        assert told in asked.question.text
        assert told in sandbox.conduct("status").stdout
    sandbox.answer(state, "retry")
    state = sandbox.drive(state.id)
    assert state.status == "completed"
    assert kept(*rolled.set_aside) == BOTH
    assert clean(sandbox, state, before)


def test_a_run_tells_what_it_moved(sandbox: Sandbox) -> None:
    sandbox.begin("Ignores", PHASES, [work(RULES, SECRETS, BAD, phase="1")], SETTINGS)
    said = sandbox.conduct("run", ".prelude/READY.md", "--agent", f"scripted:{sandbox.script}", "--yes").stdout
    (line,) = [line.strip() for line in said.splitlines() if line.strip().startswith("moved aside")]
    assert line.startswith("moved aside: .env, venv/, now in ") and Path(line.rpartition(" in ")[2], ".env").exists()
    assert "; moved aside: .env, venv/" in sandbox.conduct("events").stdout


def test_a_person_who_goes_back(sandbox: Sandbox) -> None:
    agents = [work(RULES, SECRETS, GOOD, phase="1", attempt=1), work(GOOD, phase="1", attempt=2)]
    sandbox.begin("Ignores", PHASES, agents, SETTINGS)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "completed"
    said = sandbox.conduct("rollback", state.id, "0", "--json")
    told = json.loads(said.stdout)["set_aside"]
    assert [one["paths"] for one in told] == [[".env", "venv/"]]
    (rolled,) = sandbox.bodies(state.id, TaskRolledBack)
    assert kept(*rolled.set_aside) == BOTH
    assert f"moved aside: {rolled.set_aside[0]}" in sandbox.conduct("checkpoints").stdout
    state = sandbox.drive(state.id)
    assert state.status == "completed"
    assert clean(sandbox, state, before)
    assert kept(*rolled.set_aside) == BOTH


@pytest.mark.parametrize("how", ["the rules go", "git adds everything"])
def test_a_fixer_that_takes_the_rules_away(sandbox: Sandbox, how: str) -> None:
    take = bash("git rm -q .gitignore" + ("; git add -A; git commit -q -m all" if how != "the rules go" else ""))
    agents = [work(RULES, SECRETS, BAD, phase="1"), fixer(take, bash("echo one > one.txt"), attempt=1)]
    sandbox.begin("Ignores", PHASES, agents, SETTINGS.replace("fix_tries = 0", "fix_tries = 1"))
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "completed"
    (fixed,) = [body for body in sandbox.bodies(state.id, AgentReported) if body.role == "fix-executor"]
    assert kept(*fixed.set_aside) == BOTH
    assert state.head and sandbox.read(state, "one.txt") == "one\n"
    assert sandbox.read(state, ".env") is None
    assert how != "the rules go" or clean(sandbox, state, before)


def test_the_next_fixer_is_told(sandbox: Sandbox) -> None:
    agents = [
        work(create(".gitignore", "lib/\n"), bash("mkdir lib; echo one > lib/one.txt"), BAD, phase="1"),
        fixer(create(".gitignore", "# nothing\n"), attempt=1),
        fixer(GOOD, attempt=2),
    ]
    sandbox.begin("Ignores", PHASES, agents, SETTINGS.replace("fix_tries = 0", "fix_tries = 2"))
    state = sandbox.run()
    assert state.status == "completed"
    store = sandbox.app().store
    asked = [(e.version, e.body) for e in store.read(state.id) if isinstance(e.body, AgentRequested)]
    fixes = [(version, body) for version, body in asked if body.role == "fix-executor"]
    texts = [briefing(store.read(state.id, upto=version), body, store.blobs) for version, body in fixes]
    assert ["lib/" in text and "has to be written again" in text for text in texts] == [False, True]


def test_modules_that_are_taken_back_with_their_phase(sandbox: Sandbox) -> None:
    phases = [Phase("Two", (Module("good", ("good.txt",)), Module("bad", ("bad.txt",), ("grep -q bad bad.txt",))))]
    agents = [
        work(RULES, SECRETS, create("good.txt", "good\n"), phase="1", module="good"),
        work(create("bad.txt", "poor\n"), phase="1", module="bad"),
    ]
    sandbox.begin("Modules", phases, agents, SETTINGS)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    (rolled,) = sandbox.bodies(state.id, PhaseRolledBack)
    assert kept(*rolled.set_aside) == BOTH
    assert len(list((sandbox.home / "worktrees" / state.id).iterdir())) == 2  # the task's, and what was moved aside
    assert clean(sandbox, state, before)


def test_a_module_whose_rules_take_those_of_another_away(sandbox: Sandbox) -> None:
    """The task's own worktree has ignored files of the first phase when the second one is merged."""
    phases = [
        Phase("One", (Module("one"),), files=("one.txt",)),
        Phase("Two", (Module("left", ("left.txt",)), Module("right", ("right.txt",)))),
    ]
    agents = [
        work(RULES, SECRETS, GOOD, phase="1"),
        work(create("left.txt", "left\n"), create(".gitignore", "# nothing\n"), phase="2", module="left"),
        work(create("right.txt", "right\n"), phase="2", module="right"),
    ]
    sandbox.begin("Merges", phases, agents, SETTINGS)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "completed"
    moved = [one for body in sandbox.bodies(state.id) for one in getattr(body, "set_aside", ())]
    assert kept(*moved) == BOTH
    assert clean(sandbox, state, before)
