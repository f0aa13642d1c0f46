"""Tools for a task as a whole: start, inspect, continue, end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import Field

from conductor.core.lifecycle import DONE, ENDED
from conductor.doors.cli.render.checklist import unproven
from conductor.doors.mcp import calls, view
from conductor.doors.mcp.arguments import Directory, Reason, TaskId, ToolContext, session
from conductor.doors.mcp.overview import DESCRIBED, full_state, task_list
from conductor.doors.mcp.results import StartedTask, TaskEnded, TaskFullState, TaskList, TaskProgress
from conductor.doors.mcp.session import Session
from conductor.doors.mcp.texts import lines
from conductor.doors.mcp.tools.planning import specification_in
from conductor.events import (
    Custom,
    DeliveryAsked,
    TaskAbandoned,
    TaskPaused,
    TaskResumed,
    TaskStarted,
)

CLIENT = "client"  # the agents of an assisted task are its client's own


async def start_task(
    ctx: ToolContext,
    description: Annotated[str, Field(description="What the user wants built, in their words.", max_length=10_000)],
    working_directory: Directory,
) -> StartedTask:
    """Start building .prelude/READY.md in the folder. You launch the agents; Conductor checks and keeps their work.

    Work happens in worktrees on a separate branch; the user's checkout is not touched, and their uncommitted changes
    are not part of the task. Returns the task's id and what is due first. If a task already builds this
    specification, the call is refused and names that task: continue it instead.
    """
    from conductor.tasks.create import create  # the reader takes long to import

    held = session(ctx)
    request = calls.request_key(ctx)
    spec = specification_in(working_directory)
    task = _started_by(held, request) if request else None
    warnings: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    if task is None:
        made = create(
            held.app,
            spec,
            repository=Path(working_directory),
            agent=CLIENT,
            actor=calls.actor(ctx),
            driver="assisted",
            request=request,
        )
        task, dirty = made.task, made.dirty
        warnings = tuple(f"line {w.line}: {w.message}" for w in made.plan.warnings)
    if description.strip():
        described = Custom(DESCRIBED, msgspec.Raw(msgspec.json.encode({"description": description})))
        held.app.submit(task, described, actor=calls.actor(ctx), request=_second(request, "described"))
    if held.known(task).status == "planned":
        held.app.submit(task, TaskStarted(), actor=calls.actor(ctx), request=_second(request, "started"))
    state = await held.rest(task, calls.progress(ctx))
    return StartedTask(
        **view.fields(state, held.events(task)),
        title=state.title,
        repository=state.repository,
        branch=state.branch,
        working_directory=state.path,
        phases=view.phases(state),
        warnings=lines(warnings),
        not_in_the_task=lines(dirty, "git status shows the rest"),
    )


async def list_tasks(
    ctx: ToolContext,
    working_directory: Annotated[
        str | None, Field(description="Only tasks of the repository around this folder (absolute path).")
    ] = None,
) -> TaskList:
    """List the tasks, the latest first. Use it to find the task_id to continue."""
    folder = None if working_directory is None else specification_in(working_directory).parents[1]
    return task_list(session(ctx), folder)


async def get_full_state(ctx: ToolContext, task_id: TaskId) -> TaskFullState:
    """Get everything needed to continue a task in a new or cleared session. Call it first there.

    Description, phases complete, current phase, each phase's result, checkpoints, what is due, and what to do next.
    """
    return full_state(session(ctx), task_id)


async def get_task_state(ctx: ToolContext, task_id: TaskId) -> TaskProgress:
    """Get a short summary of a task: status, current phase, what is due, open questions. Changes nothing."""
    return view.progress(session(ctx).known(task_id))


async def next_step(ctx: ToolContext, task_id: TaskId) -> TaskProgress:
    """Say what to do now, with the exact calls. Use it whenever you are unsure, and after any interruption.

    Conductor first finishes its own work, such as checks and merges that an earlier session left undone.
    """
    held = session(ctx)
    before = held.known(task_id)
    state = await held.rest(before.id, calls.progress(ctx))
    return view.progress(state, held.events(state.id, after=before.version))


async def pause_task(ctx: ToolContext, task_id: TaskId, reason: Reason = "") -> TaskProgress:
    """Pause a task. Nothing new begins until resume_task; what agents have written stays in their worktrees."""
    held = session(ctx)
    result = await held.submit(
        held.known(task_id).id, TaskPaused(reason), actor=calls.actor(ctx), request=calls.request_key(ctx)
    )
    return view.progress(result.state, result.events)


async def resume_task(ctx: ToolContext, task_id: TaskId) -> TaskProgress:
    """Resume a paused task, also after a rollback. Returns what is due."""
    held = session(ctx)
    state = held.known(task_id)
    body = TaskStarted() if state.status == "planned" else TaskResumed()
    result = await held.submit(state.id, body, actor=calls.actor(ctx), request=calls.request_key(ctx))
    return view.progress(result.state, result.events)


async def complete_task(
    ctx: ToolContext,
    task_id: TaskId,
    commit_changes: Annotated[
        bool,
        Field(description="Also merge the finished branch into the branch that the task began on. Ask the user first."),
    ] = False,
) -> TaskEnded:
    """Close a task whose every phase and final validation passed: its branch, and what no check could prove.

    Conductor completes a task itself once all of that is proven; until then this is refused and names the call to make
    first. The work is already committed on the task's branch.
    """
    held = session(ctx)
    before = held.known(task_id)
    state = await held.rest(before.id)
    if state.status not in DONE:
        raise calls.not_yet(state, f"task {state.id} is {state.status}, not completed: not everything is proven yet")
    if commit_changes and not state.delivered:
        request = calls.request_key(ctx)
        state = (await held.submit(state.id, DeliveryAsked(), actor=calls.actor(ctx), request=request)).state
    record = held.app.views.get("tasks", state.id)
    return TaskEnded(
        **view.fields(state, held.events(state.id, after=before.version)),
        branch=state.branch,
        sha=state.head,
        working_directory=state.path,
        phases_complete=view.complete(state),
        criteria_unproven=lines(
            f"{proof.criterion}: {proof.text}"
            for proof in unproven(state, record.unproven if record is not None else ())
        ),
        waived=list(record.waived) if record is not None else [],
        merged_into=(state.base_branch or "") if state.delivered else "",
        not_merged_because=state.delivery_refused,
    )


async def fail_task(ctx: ToolContext, task_id: TaskId, reason: Reason) -> TaskProgress:
    """Give a task up for good. Only when the user says so. Its branch, checkpoints and history stay."""
    held = session(ctx)
    body, request = TaskAbandoned(reason), calls.request_key(ctx)
    result = await held.submit(held.known(task_id).id, body, actor=calls.actor(ctx), request=request)
    return view.progress(result.state, result.events)


def _started_by(held: Session, request: str) -> str | None:
    """The task that this very call started before, if its reply was lost."""
    unended = (task for task, state in held.app.standing().items() if state.status not in ENDED)
    return next((task for task in unended if held.app.store.requested(task, request)), None)


def _second(request: str | None, what: str) -> str | None:
    """The key of another event of the same call."""
    return f"{request}:{what}" if request else None
