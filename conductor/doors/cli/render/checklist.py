"""A finished task's checklist, and the criteria that no check proved. Looks nothing up."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.core.rules.checks import LISTED
from conductor.core.state import TaskState
from conductor.doors.cli.render.output import Output, count, safe
from conductor.events import Proof
from conductor.inspection import Inspection

KINDS = {"tests": "tests", "imports": "imports", "lint": "lint", "leftovers": "no leftovers"}


def points(state: TaskState) -> tuple[Inspection, ...]:
    """Every phase, the final validation's results by kind of check, and the final checkpoint."""
    phases = [_phase(state, number) for number in state.phases]
    named = KINDS | ({"interfaces": "parts fit together"} if state.subplans else {})
    kinds = [*_listed(state), *(_kind(state, kind, name) for kind, name in named.items())]
    made = state.final_checkpoint_made and bool(state.checkpoints)
    last = f"{state.checkpoints[-1].number}, {state.checkpoints[-1].commit[:10]}" if made else "missing"
    return (*phases, *kinds, Inspection("final checkpoint", made, last))


def unproven(state: TaskState, ids: Iterable[str]) -> tuple[Proof, ...]:
    """The criteria with these ids, as the specification puts them."""
    plans = (state.plan, *(part.plan for part in state.subplans))
    of_phases = [criterion for plan in plans for phase in plan.phases for criterion in phase.success_criteria]
    texts = {c.id: c.text for c in (*of_phases, *state.plan.success_criteria)}
    return tuple(Proof(id, texts.get(id, "")) for id in ids)


def checklist(state: TaskState, open_criteria: Iterable[Proof], output: Output) -> None:
    """Print both."""
    output.text("Checklist:")
    output.table([[output.mark(p.ok), safe(p.name), safe(p.detail)] for p in points(state)], indent=2)
    not_proven(open_criteria, output)


def not_proven(criteria: Iterable[Proof], output: Output) -> None:
    """Print the criteria that nothing proved, if there are any."""
    if rows := [[output.mark(None), safe(c.criterion), safe(c.text)] for c in criteria]:
        output.text(output.paint("not proven by any check:", "yellow"))
        output.table(rows, indent=2)


def _phase(state: TaskState, number: str) -> Inspection:
    phase = state.phases[number]
    detail = {"completed": "done"}.get(phase.status, phase.status)
    if phase.status == "skipped" and state.planned(number).status == "done":
        detail = "skipped: already done"
    return Inspection(
        f"phase {number}: {state.planned(number).name}", True if phase.status == "completed" else None, detail
    )


def _listed(state: TaskState) -> list[Inspection]:
    """Files that the document lists and no phase expects: a missing one is reported, but is not a failure."""
    seen = state.whole.checks.get(LISTED)
    if seen is None:
        return []
    passed = seen.status == "passed"
    return [Inspection("listed files", passed or None, "passed" if passed else f"not found: {seen.summary}")]


def _kind(state: TaskState, kind: str, name: str) -> Inspection:
    """The final validation's result for one kind of check. A waived failure is still shown as one."""
    seen = [check for check in state.whole.checks.values() if check.kind == kind]
    passed = sum(1 for check in seen if check.status == "passed")
    failed = [check for check in seen if check.status not in ("passed", "not_applicable")]
    if failed:
        detail = f"{'did not finish' if failed[0].unfinished else failed[0].status}: {failed[0].summary}"
        return Inspection(name, False, detail if any(c.blocking for c in failed) else f"{detail} (waived)")
    if not passed:
        return Inspection(name, None, "not applicable" if seen else "not checked")
    return Inspection(name, True, "passed" if passed == 1 else f"{count(passed, 'check')} passed")
