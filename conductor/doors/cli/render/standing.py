"""Where a task stands, as text: what `status`, `replay` and the end of a run show. Looks nothing up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conductor.core.lifecycle import ACTIVE, DONE, PHASE_DONE, WAITING
from conductor.core.state import TaskState
from conductor.doors.cli.render.asked import ask
from conductor.doors.cli.render.cells import shorten
from conductor.doors.cli.render.checklist import not_proven, unproven
from conductor.doors.cli.render.output import Output, count, safe
from conductor.doors.cli.render.times import moment
from conductor.events import Question
from conductor.text import in_a_row
from projections.board import ModuleView, PhaseView, TaskView
from projections.tasks import Numbers

WORDS = {
    "planned": "planned, not started",
    "completed_with_waivers": "completed with waivers",
    "awaiting_answer": "waits for an answer",
}


def standing(view: TaskView, state: TaskState, output: Output) -> None:
    """Print title, state, phases, open questions, numbers, and where the work is."""
    output.title(view.title, status(view.status, output))
    output.text(f"  {output.paint(view.id, 'dim')}")
    output.text()
    output.table([row for phase in view.phases for row in _phase(phase, output)], indent=2)
    if whole := _whole(state):
        output.text(f"  {_mark('validating', output)}  final validation  {whole}")
    if view.questions:
        output.text()
        questions(view.id, view.questions, output)
    output.text()
    output.table(_facts(view, state), indent=2, whole=True)
    not_proven(unproven(state, view.unproven), output)


def status(name: str, output: Output) -> str:
    """A task's state in words, coloured."""
    if name in DONE:
        colour = "green"
    elif name in WAITING:
        colour = "yellow"
    else:
        colour = "cyan" if name in ACTIVE else "dim"
    return output.paint(WORDS.get(name, name.replace("_", " ")), colour)


def questions(task: str, asked: Sequence[Question], output: Output, *, full: bool = False) -> None:
    """Print open questions, each with the commands that answer it. `full`: long texts are shown in full."""
    for n, question in enumerate(asked):
        if n:
            output.text()
        ask(task, question, output, full=full)


def waits_until(state: TaskState) -> str:
    """When the first agent waiting for a rate limit continues by itself, RFC 3339 UTC; "" if none waits."""
    return min((held.deferred for held in state.open.values() if held.deferred), default="")


def numbers(taken: Numbers) -> str:
    """What a task took, in one line; zero counts are omitted."""
    agents = sum(taken.agents.values())
    counted = [
        (taken.events, "event"),
        (agents, "agent run"),
        (taken.checks_passed, "check passed", "checks passed"),
        (taken.checks_failed, "failed", "failed"),
        (taken.fixes, "fix", "fixes"),
        (taken.merges, "merge"),
        (taken.conflicts, "conflict"),
        (taken.rollbacks, "rollback"),
        (taken.corrections_accepted, "correction accepted", "corrections accepted"),
        (taken.corrections_refused, "refused", "refused"),
        (taken.questions, "question"),
    ]
    return ", ".join(f"{n} {one if n == 1 else (*many, f'{one}s')[0]}" for n, one, *many in counted if n)


def _phase(phase: PhaseView, output: Output) -> list[list[str]]:
    """A phase's row, and, while it is in progress with several modules, one for each of these."""
    several = len(phase.modules) > 1
    busy = phase.status not in ("pending", *PHASE_DONE)
    if phase.status == "pending":
        doing = count(len(phase.modules), "module") if several else ""
    elif not busy:
        doing = "" if phase.status == "completed" else phase.status
    else:
        doing = phase.doing or (phase.status if several else phase.modules[0].doing)
    if phase.failure and busy:
        doing = f"{doing}: {shorten(safe(in_a_row(phase.failure)), 100)}"
    point = "" if phase.checkpoint is None else f"checkpoint {phase.checkpoint}"
    rows = [[_mark(phase.status, output), phase.number, safe(phase.name), point, safe(doing)]]
    if several and busy:
        rows += [["", "", f"  {safe(m.name)}", "", output.paint(safe(m.doing), _colour(m))] for m in phase.modules]
    return rows


def _colour(module: ModuleView) -> str:
    return "dim" if module.doing in ("not begun", "waits for its turn", "merged") else "cyan"


def _mark(phase: str, output: Output) -> str:
    if phase in PHASE_DONE:
        return output.mark(True if phase == "completed" else None)
    if phase in ("rolling_back", "escalated"):
        return output.mark(False)
    if phase == "pending":
        return output.paint("·" if output.unicode else ".", "dim")
    return output.paint("▸" if output.unicode else ">", "cyan")


def _whole(state: TaskState) -> str:
    """The final validation's progress, while it runs."""
    if state.status != "validating":
        return ""
    seen = state.whole.checks.values()
    return f"{sum(1 for check in seen if check.status == 'passed')} of {len(seen)} checks passed so far"


def _facts(view: TaskView, state: TaskState) -> list[list[str]]:
    rows = [["branch", safe(view.branch) + _delivered(view)]]
    if state.path and Path(state.path).is_dir():  # removed some time after the task has ended
        rows.append(["worktree", safe(state.path)])
    rows.append(["repository", safe(view.repository)])
    who = "Conductor" if view.driver == "conductor" else "a client (assisted)"
    rows.append(["driven by", f"{who}, {safe(view.agent)} agents" if view.agent else who])
    if until := waits_until(state):
        rows.append(["waits until", f"{moment(until)}: the model service's rate limit"])
    rows.append(["so far", numbers(view.numbers)])
    if view.waived:
        rows.append(["waived", safe(", ".join(view.waived))])
    return rows


def _delivered(view: TaskView) -> str:
    if view.delivered:
        return f"  (merged into {safe(view.base_branch or '')})"
    return f"  (from {safe(view.base_branch)})" if view.base_branch else ""
