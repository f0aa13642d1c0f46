"""What a document lists in its own Files to Create is held to at the end, though no phase names it."""

from __future__ import annotations

from sandbox import Sandbox
from stories import QUICK
from witness import Checkout, verified
from writing import REVIEWER, Module, Phase, agent, create, turn, work

from conductor.core.state import TaskState
from conductor.events import CheckObserved, TaskCompletedWithWaivers

LISTED = """
## Files to Create/Modify

### New Files

- `one.txt`: the first
- `docs/usage.txt`: how to use it
"""
MEND = agent(turn(create("docs/usage.txt", "use it\n"), report="PASS"), role="fix-executor")
IDLE = agent(turn(report="PASS"), role="fix-executor")


def begun(box: Sandbox, fixer: dict[str, object]) -> Checkout:
    phases = [Phase(name, (Module(name.lower()),), files=(f"{name.lower()}.txt",)) for name in ("One", "Two")]
    agents = [work(create(f"{n}.txt", f"{n}\n"), phase=str(i)) for i, n in enumerate(("one", "two"), 1)]
    box.begin("Listed", phases, [*agents, fixer, REVIEWER], QUICK + "fix_tries = 1\n")
    spec = box.repo / ".prelude" / "READY.md"
    spec.write_text(spec.read_text() + LISTED)
    box.git("commit", "--quiet", "-m", "List", str(spec))
    return Checkout(box.repo)


def failed(box: Sandbox, state: TaskState) -> list[tuple[str, str]]:
    seen = box.bodies(state.id, CheckObserved)
    return [(b.effect.partition(":")[0], b.summary) for b in seen if b.status == "failed"]


def test_a_listed_file_that_nobody_made_is_mended(sandbox: Sandbox) -> None:
    before = begun(sandbox, MEND)
    state = sandbox.run()
    assert state.status == "completed" and state.plan.files == ("one.txt", "docs/usage.txt")
    assert failed(sandbox, state) == [("all", "1 of 3 files missing: docs/usage.txt")]
    assert sandbox.read(state, "docs/usage.txt") == "use it\n"
    assert verified(sandbox, state.id) == [] and before.differs() == []


def test_a_person_may_waive_it(sandbox: Sandbox) -> None:
    begun(sandbox, IDLE)
    state = sandbox.run()
    (asked,) = state.questions.values()
    assert asked.question.kind == "validation" and "docs/usage.txt" in asked.question.text
    sandbox.answer(state, "accept")
    state = sandbox.drive(state.id)
    (end,) = sandbox.bodies(state.id, TaskCompletedWithWaivers)
    assert end.waived == ("final",) and verified(sandbox, state.id) == []
