"""Drives a task in the foreground: narrates, stops cleanly on Ctrl-C, and closes with the result."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
from typing import TYPE_CHECKING

from conductor.app import App
from conductor.core.decide import awaited
from conductor.core.lifecycle import DONE, PHASE_DONE, WAITING
from conductor.core.rules.subtasks import waiting
from conductor.core.state import TaskState
from conductor.doors.cli.call import Call
from conductor.doors.cli.render.checklist import checklist, points, unproven
from conductor.doors.cli.render.live import live
from conductor.doors.cli.render.narrator import Narrator
from conductor.doors.cli.render.output import Output, command, count, safe
from conductor.doors.cli.render.standing import numbers, questions
from conductor.doors.cli.render.subtasks import waits
from conductor.driving.ledger import Ledger
from conductor.envelope import Recorded
from conductor.errors import ConductorError, Exit
from conductor.events import DeliveryAsked, TaskPaused, TaskResumed, TaskStarted
from projections.tasks import TaskRecord

if TYPE_CHECKING:
    from conductor.driving.runner import Runner

LISTEN = 0.1  # seconds between checks that the output still has a reader


def drive(call: Call, ledger: Ledger, *, merge: bool = False) -> int:
    """Start, resume or recover a ledger's task and drive it until it ends or waits; returns the exit code.

    `merge` asks for the finished branch to be merged into its base, now or once it is finished.
    """
    output, app = call.output, call.app
    narrator = Narrator(output)
    with live(output) as view:

        def watch(event: Recorded, before: TaskState, after: TaskState) -> None:
            output.data(event.envelope)
            narrator(event, before, after)
            view.see(after)

        state = ledger.catch_up()
        ledger.watch(watch)
        if not output.left:  # otherwise the reader is gone already: start nothing
            performer = app.performer(ledger)  # raises before anything starts if the work cannot be done
            if merge and state.status in DONE:
                ledger.submit(DeliveryAsked(), actor=call.person)
            elif state.status == "planned":
                ledger.submit(TaskStarted(), actor=call.person)
            elif state.status == "paused":
                ledger.submit(TaskResumed(), actor=call.person)
            asyncio.run(_drive(app.runner(ledger, performer), ledger, call))
            state = ledger.catch_up()
            if merge and state.status in DONE and not state.delivered and not state.delivery_refused:
                ledger.submit(DeliveryAsked(), actor=call.person)
                asyncio.run(_drive(app.runner(ledger, performer), ledger, call))
    return _ended(close(app, ledger.catch_up(), output), output)


async def _drive(runner: Runner, ledger: Ledger, call: Call) -> None:
    """Ctrl-C pauses the task, and so does a reader who leaves: running effects are released and the runner ends."""
    work = asyncio.ensure_future(runner.run())

    def pause(reason: str) -> None:
        try:
            ledger.submit(TaskPaused(reason), actor=call.person)
        except ConductorError:  # already paused, or the store is down; a signal callback must not raise
            work.cancel()

    async def listen() -> None:
        while not call.output.left:
            await asyncio.sleep(LISTEN)
        pause("its output is no longer read")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, pause, "interrupted from the keyboard")
    listening = asyncio.ensure_future(listen())
    with contextlib.suppress(asyncio.CancelledError):
        await work
    listening.cancel()


def _ended(code: int, output: Output) -> int:
    """A reader who left has not seen how it ended, so the exit code must not report success."""
    return Exit.INTERRUPTED if output.left and code == Exit.OK else code


def close(app: App, state: TaskState, output: Output) -> int:
    """Print the outcome, where the result is, and where to look further; returns the exit code."""
    output.text()
    _differences(app, state, output)
    outcome: dict[str, object] = {"task": state.id, "status": state.status, "branch": state.branch}
    outcome |= {"path": state.path, "head": state.head, "waiting_subtasks": [subtask.id for subtask in waiting(state)]}
    if state.status in DONE:
        view = app.views.get("tasks", state.id)
        proofs = unproven(state, view.unproven if view is not None else ())
        output.data({**outcome, "checklist": points(state), "unproven": proofs, "not_merged": state.delivery_refused})
        checklist(state, proofs, output)
        output.text()
        _result(state, view, output)
        return Exit.WORKSPACE if state.delivery_refused else Exit.OK
    output.data(outcome)
    if state.status in WAITING or state.questions:
        output.text(output.paint(f"Task {state.id} is waiting for you.", "yellow", "bold"))
        questions(state.id, [asked.question for asked in state.questions.values()], output)
        waits(app, state, output)
        return Exit.WAITING
    if state.status == "paused":
        output.text(f"Task {state.id} is paused. `{command(f'continue {state.id}')}` continues it.")
        return Exit.INTERRUPTED
    if due := awaited(state):
        output.text(output.paint(f"Task {state.id} is waiting for its client's agents.", "yellow", "bold"))
        for work in due:
            what = f"phase {work.phase}" + (f", {safe(work.module)}" if work.module else "") if work.phase else "whole"
            output.wrapped(f"{work.role}: {what}", first="  ", rest="    ")
        output.text(f"  Report each with `{command(f'emit {state.id} work.reported --data JSON')}`.")
        return Exit.WAITING
    output.text(f"Task {state.id} is {state.status}.")
    return Exit.FAILED if state.status == "abandoned" else Exit.OK


def _differences(app: App, state: TaskState, output: Output) -> None:
    """For a task that replays an earlier one: which tool results differed."""
    if state.agent != "scripted" or not state.agent_source.startswith("task:"):
        return
    from conductor.agents.runners.scripted.replayed import divergences

    earlier, found = state.agent_source.removeprefix("task:"), divergences(app.store, state.id)
    output.data({"task": state.id, "played_again": earlier, "differ": found})
    if not found:
        output.text(f"Task {earlier} was replayed: every call returned the same result as before.")
        return
    many = sum(found.values())
    other = f"{count(many, 'result')} {'differs' if many == 1 else 'differ'}:"
    output.text(output.paint(f"Task {earlier} was replayed, and {other}", "yellow", "bold"))
    for effect, times in found.items():
        where = command(f"transcript {state.id} {shlex.quote(effect)}")
        output.wrapped(f"{safe(effect)}: {times}  `{safe(where)}`", first="  ", rest="    ")


def opening(state: TaskState, output: Output) -> None:
    """Print what is done, what is in progress, and what is next."""
    done = [p.number for p in state.phases.values() if p.status in PHASE_DONE]
    current = state.current()
    output.title(state.title, f"({state.id})")
    output.wrapped(", ".join(f"phase {n}" for n in done) or "nothing yet", first="  done:      ")
    under = "nothing"
    if current is not None and current.status != "pending":
        under = f"phase {current.number}, {current.status}"
    elif state.status == "validating":
        under = "the final validation"
    output.wrapped(under, first="  under way: ")
    coming = [p for p in state.phases.values() if p.status == "pending"]
    following = (
        f"phase {coming[0].number}: {safe(state.planned(coming[0].number).name)}" if coming else "the final validation"
    )
    output.wrapped(following if state.status not in DONE else "nothing", first="  next:      ")


def _result(state: TaskState, view: TaskRecord | None, output: Output) -> None:
    words = "completed" if state.status == "completed" else "completed with waivers"
    output.text(output.paint(f"Task {state.id} is {words}.", "green", "bold"))
    result = f"{state.path}  (branch {state.branch}, not merged)"
    if state.delivered:
        result = f"{state.repository}  (merged into {safe(state.base_branch or '')})"
    output.table(
        [
            ["result", result],
            *([["numbers", numbers(view.numbers)]] if view is not None else []),
        ],
        indent=2,
        whole=True,
    )
    if state.delivery_refused:
        output.text(output.paint(f"  not merged into {safe(state.base_branch or '')}:", "yellow", "bold"))
        for line in state.delivery_refused.splitlines():
            output.wrapped(safe(line), first="    ")
    if not state.delivered and state.base_branch:
        output.text(f"  `{command(f'continue {state.id} --merge')}` merges it into {safe(state.base_branch)}.")
    output.text("More:")
    for name in ("status", "replay", "verify"):
        output.text(f"  {command(f'{name} {state.id}')}")
