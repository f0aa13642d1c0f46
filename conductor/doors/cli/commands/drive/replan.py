"""`conduct replan`: compare a changed specification with what ran, and adopt it after confirmation."""

from __future__ import annotations

import argparse
from pathlib import Path

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.state import TaskState
from conductor.doors.cli.call import Call, task_argument
from conductor.doors.cli.render.output import Output, command, safe
from conductor.events import PlanAdopted
from conductor.ids import NO_DIGEST
from conductor.plan.changes import Changes, compare
from conductor.plan.model import Plan
from conductor.reading.reader import read
from conductor.tasks.create import read_spec
from projections.documents.amending import unamended

EXAMPLE = """
conduct replan
conduct replan pinch --spec docs/READY-2.md --yes
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    task_argument(parser, changes=True)
    parser.add_argument("--spec", metavar="FILE", help="the changed specification (default: the task's original file)")
    parser.add_argument("--yes", action="store_true", help="adopt it without asking")


def run(call: Call) -> int:
    app, output, args = call.app, call.output, call.args
    ledger = app.known(call.task(args.task, changes=True, app=app))
    state = ledger.state
    path = Path(args.spec) if args.spec else Path(state.repository) / state.spec_path
    text, plan = read_spec(path)
    if state.amendments:  # already in force: a text that merely contains them has not changed
        plan = read(unamended(text.decode("utf-8", "replace"), state.amendments), name=path.name)
    changes = compare(state.plan, plan)
    if not changes.none or state.subplans or state.parent_task_id:
        app.release_dead(ledger)
        ledger.rehearse(PlanAdopted(plan, NO_DIGEST), actor=call.person)
    _tell(state, plan, changes, output)
    stale = [n for n in changes.changed if state.phases[n].status in PHASE_DONE]
    adopted = not changes.none and (args.yes or output.confirmed("Adopt it?"))
    if adopted:
        ledger.submit(PlanAdopted(plan, app.store.blobs.put(text)), actor=call.person)
        state = ledger.state
        output.text(f"Adopted. `{command(f'continue {state.id}')}` continues with it.")
    elif not changes.none:
        output.text(f"Nothing was adopted. `{command(f'replan {state.id} --yes')}` adopts it.")
    output.data({"task": state.id, "adopted": adopted, "stale": stale, "changes": changes, "status": state.status})
    return 0


def _tell(state: TaskState, plan: Plan, changes: Changes, output: Output) -> None:
    """One row for each phase that has changed."""
    if changes.none:
        output.text("The specification's phases have not changed.")
        return
    names = {p.number: p.name for p in (*state.plan.phases, *plan.phases)}
    rows = []
    for number in changes.changed:
        status = state.phases[number].status
        what = "stale: will be built again" if status in PHASE_DONE else f"{status}: will be built as it reads now"
        rows.append([output.paint("changed", "yellow"), number, safe(names[number]), what])
    rows += [[output.paint("new", "green"), n, safe(names[n]), "will be built"] for n in changes.added]
    for number in changes.removed:
        done = state.phases[number].status in PHASE_DONE
        what = "what it built stays in the tree" if done else "will not be built"
        rows.append([output.paint("removed", "red"), number, safe(names[number]), what])
    output.table(rows, indent=2)
