"""Phases that fail: mended, or rolled back and a person asked; and a final validation that fails."""

from __future__ import annotations

import pytest

from conductor.core.state import TaskState
from conductor.events import AgentRequested, PhaseRolledBack, PhaseWaived, RollbackAsked, TaskRolledBack
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import Checkout, fingerprint, verified
from tests.support.runs.writing import REVIEWER, Module, Phase, agent, create, turn, work

ONE_TRY = QUICK + "fix_tries = 1\nreview = false\n"
GOOD, BAD = create("two.txt", "two\n"), create("two.txt", "broken\n")
PHASES = [
    Phase("One", (Module("one"),), files=("one.txt",)),
    Phase("Two", (Module("two"),), files=("two.txt",), commands=("grep -qx two two.txt",)),
]


def fixer(*calls: dict[str, object], attempt: int) -> dict[str, object]:
    return agent(turn(*calls, report="PASS"), role="fix-executor", attempt=attempt)


def begin(box: Sandbox, *agents: dict[str, object], settings: str = ONE_TRY) -> Checkout:
    """Phase 1 goes well; phase 2 as `agents` play it."""
    box.begin("Fails", PHASES, [work(create("one.txt", "one\n"), phase="1"), *agents, REVIEWER], settings)
    return Checkout(box.repo)


def sound(box: Sandbox, state: TaskState, before: Checkout) -> None:
    assert verified(box, state.id) == []
    assert before.differs() == []


def test_a_failing_phase_is_mended(sandbox: Sandbox) -> None:
    before = begin(sandbox, work(BAD, phase="2"), fixer(GOOD, attempt=1))
    state = sandbox.run()
    assert state.status == "completed"
    assert sandbox.read(state, "two.txt") == "two\n"
    (fix,) = [b for b in sandbox.bodies(state.id, AgentRequested) if b.role == "fix-executor"]
    assert fix.because and "grep" in fix.because[0]
    sound(sandbox, state, before)


@pytest.mark.parametrize("allowed", [True, False])
def test_stubs_hold_to_the_end_where_their_phase_allows_them(sandbox: Sandbox, allowed: bool) -> None:
    phases = [Phase("One", (Module("one"),), files=("one.py",), stubs=allowed), PHASES[1]]
    stub = work(create("one.py", "def one():\n    raise NotImplementedError\n"), phase="1")
    sandbox.begin("Stubs", phases, [stub, work(GOOD, phase="2"), REVIEWER], ONE_TRY)
    state = sandbox.run()
    assert state.status == ("completed" if allowed else "awaiting_answer"), state.questions


@pytest.fixture
def escalated(sandbox: Sandbox) -> tuple[Sandbox, TaskState, Checkout]:
    """Phase 2 claims PASS over broken work twice, and would do well if it were begun anew."""
    begun = work(BAD, create("draft.txt", "a draft\n"), phase="2", attempt=1)
    before = begin(sandbox, begun, fixer(BAD, attempt=1), work(GOOD, phase="2", attempt=2))
    state = sandbox.run()
    assert state.status == "awaiting_answer"
    (rolled,) = sandbox.bodies(state.id, PhaseRolledBack)
    assert sandbox.git("show", f"{rolled.rescue}:draft.txt") == "a draft"
    assert sandbox.read(state, "two.txt") is None
    assert state.head == state.checkpoints[1].commit
    return sandbox, state, before


def test_retry_begins_the_phase_anew(escalated: tuple[Sandbox, TaskState, Checkout]) -> None:
    box, state, before = escalated
    box.answer(state, "retry", "write the number out")
    state = box.drive(state.id)
    assert state.status == "completed"
    assert box.read(state, "two.txt") == "two\n"
    assert box.read(state, "draft.txt") is None
    again = [b for b in box.bodies(state.id, AgentRequested) if b.phase == "2" and b.attempt == 2]
    assert [b.hint for b in again] == ["write the number out"]
    sound(box, state, before)


def test_accept_restores_the_failed_work(escalated: tuple[Sandbox, TaskState, Checkout]) -> None:
    box, state, before = escalated
    box.answer(state, "accept")
    state = box.drive(state.id)
    # The final validation does not ask again what was waived.
    assert state.status == "completed_with_waivers"
    assert box.read(state, "two.txt") == "broken\n"
    assert box.read(state, "draft.txt") == "a draft\n"
    assert [b.phase for b in box.bodies(state.id, PhaseWaived)] == ["2"]
    assert "Phase 2 was accepted though it failed" in (box.read(state, ".prelude/DISCOVERIES.md") or "")
    sound(box, state, before)


def test_skip_goes_on_without_it(escalated: tuple[Sandbox, TaskState, Checkout]) -> None:
    box, state, before = escalated
    box.answer(state, "skip")
    state = box.drive(state.id)
    assert state.status == "completed_with_waivers"
    assert box.read(state, "one.txt") == "one\n"
    assert box.read(state, "two.txt") is None
    sound(box, state, before)


def test_abandon_ends_it(escalated: tuple[Sandbox, TaskState, Checkout]) -> None:
    box, state, before = escalated
    box.answer(state, "abandon")
    state = box.drive(state.id)
    assert state.status == "abandoned"
    assert not state.open and not state.questions
    sound(box, state, before)


def test_a_module_that_fails_takes_its_phase_back(sandbox: Sandbox) -> None:
    """The other module's work is rescued whole, and nothing of either is on the task branch."""
    pair = Phase("Two", (Module("good", ("good.txt",)), Module("bad", ("bad.txt",), ("grep -q bad bad.txt",))))
    agents = [
        work(create("one.txt", "one\n"), phase="1"),
        work(create("good.txt", "good\n"), phase="2", module="good"),
        agent(turn(create("bad.txt", "poor\n"), report="PASS"), module="bad"),
    ]
    sandbox.begin("Half", [PHASES[0], pair], agents, ONE_TRY)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "awaiting_answer"
    (rolled,) = sandbox.bodies(state.id, PhaseRolledBack)
    kept = {name for ref in rolled.rescued for name in sandbox.git("ls-tree", "--name-only", ref).splitlines()}
    assert {"good.txt", "bad.txt"} <= kept
    assert sandbox.read(state, "good.txt") is None
    assert sandbox.git("branch", "--list", "conductor/*.*") == ""
    assert fingerprint(sandbox, state.id)["worktrees"] == 2
    sound(sandbox, state, before)


def fails_at_the_end(box: Sandbox, *fixers: dict[str, object]) -> tuple[TaskState, Checkout]:
    agents = [work(create("one.txt", "one\n"), phase="1"), *fixers]
    box.begin("Ends badly", [PHASES[0]], agents, ONE_TRY, end_to_end="grep -qx whole whole.txt")
    before = Checkout(box.repo)
    return box.run(), before


def test_the_final_validation_is_mended(sandbox: Sandbox) -> None:
    state, before = fails_at_the_end(sandbox, fixer(create("whole.txt", "whole\n"), attempt=1))
    assert state.status == "completed"
    assert [b.phase for b in sandbox.bodies(state.id, AgentRequested)] == ["1", None]
    assert sandbox.read(state, "whole.txt") == "whole\n"
    sound(sandbox, state, before)


def test_a_failed_final_validation_rolls_nothing_back_unasked(sandbox: Sandbox) -> None:
    state, before = fails_at_the_end(
        sandbox,
        fixer(create("half.txt", "half\n"), attempt=1),
        fixer(create("whole.txt", "whole\n"), attempt=2),
    )
    assert state.status == "awaiting_answer"
    assert [a.question.kind for a in state.questions.values()] == ["validation"]
    assert sandbox.read(state, "half.txt") == "half\n"
    sandbox.answer(state, "retry")
    state = sandbox.drive(state.id)
    assert state.status == "completed"
    assert sandbox.read(state, "whole.txt") == "whole\n"
    sound(sandbox, state, before)


def test_a_person_returns_to_a_checkpoint(sandbox: Sandbox) -> None:
    state, before = fails_at_the_end(sandbox, fixer(create("half.txt", "half\n"), attempt=1))
    sandbox.app().submit(state.id, RollbackAsked(1, "begin the end anew"), actor=PERSON)
    state = sandbox.drive(state.id)
    assert state.status == "paused"
    (rolled,) = sandbox.bodies(state.id, TaskRolledBack)
    assert sandbox.git("show", f"{rolled.rescued[0]}:half.txt") == "half"
    assert sandbox.read(state, "half.txt") is None
    assert sandbox.read(state, "one.txt") == "one\n"
    state = sandbox.drive(state.id)
    assert state.status == "awaiting_answer"
    sound(sandbox, state, before)
