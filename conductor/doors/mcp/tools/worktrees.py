"""Tools for worktrees. Conductor makes, merges and removes them itself; these report what exists."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conductor.core.state import PhaseState, TaskState
from conductor.core.targets import direct
from conductor.doors.mcp import calls, view
from conductor.doors.mcp.arguments import TaskId, ToolContext, session
from conductor.doors.mcp.guide import instruction
from conductor.doors.mcp.results import MergeOutcome, WorktreeList, WorktreeRow
from conductor.errors import UsageError
from conductor.text import one_line

BaseDir = Annotated[
    str | None, Field(description="Not needed: Conductor keeps worktrees in its state folder, outside the repository.")
]


async def create_worktree(
    ctx: ToolContext,
    task_id: TaskId,
    name: Annotated[str, Field(description="The module of the current phase.")],
    base_dir: BaseDir = None,
) -> WorktreeRow:
    """Get the worktree of a module. Conductor makes one for each module of a parallel phase when the phase begins.

    Refused until the module's wave has started. Never make worktrees of the task by hand.
    """
    held = session(ctx)
    state = held.known(task_id)
    phase = state.current()
    if phase is None:
        raise calls.not_yet(state, f"task {state.id} has no unfinished phase that needs a worktree")
    named = [m.name for m in state.planned(phase.number).modules]
    if name not in named:
        raise UsageError(f"phase {phase.number} has no module {one_line(name, 80)!r}", allowed=", ".join(named))
    row = next((row for row in _of_phase(state, phase) if row.name == name), None)
    if row is None:
        raise calls.not_yet(state, f"module {name} of phase {phase.number} has no worktree yet: its turn comes later")
    return row


async def list_worktrees(ctx: ToolContext, task_id: TaskId) -> WorktreeList:
    """List a task's worktrees: its own, and those of the current phase's modules, with what is merged."""
    state = session(ctx).known(task_id)
    return WorktreeList(task_id=state.id, worktrees=_all(state), next=instruction(state))


async def merge_worktrees(ctx: ToolContext, task_id: TaskId) -> MergeOutcome:
    """Get what is merged of the current phase, and the conflicts, by module and file.

    Conductor merges a module when its agent's work has passed its checks, wave by wave; this finishes merges that
    an earlier session left undone. Refused until modules are reported. For a conflict a synthesis-architect is due.
    """
    held = session(ctx)
    before = held.known(task_id)
    state = await held.rest(before.id)
    phase = state.current() or next(reversed(state.phases.values()))
    modules = phase.modules
    conflicts = {name: list(m.conflict) for name, m in modules.items() if m.conflict and not m.merged}
    merged = [name for name, m in modules.items() if m.merged]
    if not merged and not conflicts and phase.status in ("pending", "building"):
        raise calls.not_yet(state, f"phase {phase.number} has nothing to merge yet: its modules are not proven")
    events = held.events(state.id, after=before.version)
    return MergeOutcome(**view.fields(state, events), merged=merged, conflicts=conflicts)


async def cleanup_worktrees(ctx: ToolContext, task_id: TaskId, base_dir: BaseDir = None) -> WorktreeList:
    """Get the worktrees that remain. Conductor removes a phase's worktrees itself, with its checkpoint.

    Refused while the current phase still needs its worktrees. Never remove them by hand: work could be lost.
    """
    state = session(ctx).known(task_id)
    phase = state.current()
    if phase is not None and any(row.phase for row in _of_phase(state, phase)):
        raise calls.not_yet(state, f"phase {phase.number} is not finished: its worktrees are in use")
    return WorktreeList(task_id=state.id, worktrees=_all(state), next=instruction(state))


def _all(state: TaskState) -> list[WorktreeRow]:
    own = WorktreeRow(name="", phase=None, path=state.path, branch=state.branch, merged=True, conflicts=[])
    phase = state.current()
    held = [row for row in _of_phase(state, phase) if row.path != state.path] if phase is not None else []
    return ([own] if state.path else []) + held


def _of_phase(state: TaskState, phase: PhaseState) -> list[WorktreeRow]:
    """A phase's only module is built in the task's own worktree."""
    plan = state.planned(phase.number)
    if direct(plan):
        if phase.status == "pending" or not state.path:
            return []
        name = plan.modules[0].name
        return [WorktreeRow(name=name, phase=None, path=state.path, branch=state.branch, merged=False, conflicts=[])]
    return [
        WorktreeRow(
            name=name,
            phase=phase.number,
            path=module.target.path,
            branch=module.target.branch,
            merged=module.merged,
            conflicts=list(module.conflict),
        )
        for name, module in phase.modules.items()
        if module.target.path
    ]
