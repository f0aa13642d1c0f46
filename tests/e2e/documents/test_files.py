"""What a document lists in its own Files to Create is looked for at the end, though no phase names it."""

from __future__ import annotations

from conductor.events import CheckObserved, TaskCompletedWithWaivers
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import Checkout, verified
from tests.support.runs.writing import REVIEWER, Module, Phase, create, work

LISTED = """
## Files to Create/Modify

### New Files

- `one.txt`: the first
- `docs/usage.txt`: how to use it
"""


def begun(box: Sandbox) -> Checkout:
    phases = [Phase(name, (Module(name.lower()),), files=(f"{name.lower()}.txt",)) for name in ("One", "Two")]
    agents = [work(create(f"{n}.txt", f"{n}\n"), phase=str(i)) for i, n in enumerate(("one", "two"), 1)]
    box.begin("Listed", phases, [*agents, REVIEWER], QUICK)
    spec = box.repo / ".prelude" / "READY.md"
    spec.write_text(spec.read_text() + LISTED)
    box.git("commit", "--quiet", "-m", "List", str(spec))
    return Checkout(box.repo)


def test_a_listed_file_that_nobody_made_is_told_and_holds_nothing_up(sandbox: Sandbox) -> None:
    before = begun(sandbox)
    state = sandbox.run()
    assert state.status == "completed" and state.plan.files == ("one.txt", "docs/usage.txt")
    seen = sandbox.bodies(state.id, CheckObserved)
    failed = [(b.effect.partition(":")[0], b.key, b.summary) for b in seen if b.status == "failed"]
    assert failed == [("all", "files:listed", "1 of 1 files missing: docs/usage.txt")]
    assert sandbox.bodies(state.id, TaskCompletedWithWaivers) == [] and state.questions == {}
    assert verified(sandbox, state.id) == [] and before.differs() == []
