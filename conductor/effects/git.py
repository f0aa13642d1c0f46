"""Worktrees, merges, checkpoints, rollbacks, restores, delivery: the effects that only involve git."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec

from conductor.core.names import slug
from conductor.core.state import TaskState
from conductor.core.targets import direct
from conductor.effects.commit import commit_work
from conductor.effects.context import Context, subject
from conductor.errors import WorkspaceError
from conductor.events import (
    CheckpointCreated,
    CheckpointRequested,
    CollectCompleted,
    CollectRequested,
    DeliveryCompleted,
    DeliveryRefused,
    DeliveryRequested,
    IntegrationPrepared,
    IntegrationRequested,
    MergeCompleted,
    MergeConflicted,
    MergeRequested,
    Outcome,
    PhaseRolledBack,
    RestoreCompleted,
    RestoreRequested,
    RollbackRequested,
    SetAside,
    TaskRolledBack,
    WorkspacePrepared,
    WorkspaceRequested,
)
from conductor.ids import NO_COMMIT, NO_DIGEST, NO_TREE, Branch, Digest
from conductor.process.threads import in_thread
from conductor.workspace.workspace import Committed, Conflicted, Workspace


async def workspace(ctx: Context, request: WorkspaceRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    name = request.branch.removeprefix(state.branch + ".") if request.phase is not None else "task"
    path = ctx.home / "worktrees" / state.id / name
    made = await in_thread(ctx.workspace.prepare, request.branch, request.base, path, effect=request.effect)
    yield WorkspacePrepared(
        path=str(path),
        branch=request.branch,
        commit=made.commit,
        tree=made.tree,
        set_aside=await in_thread(ctx.workspace.set_aside, request.effect),
    )


async def collect(ctx: Context, request: CollectRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Commit what a client's agent left, as an agent's work is; a remaining conflict is not committed."""
    done = await commit_work(ctx, request, request.role, state) or Committed(NO_COMMIT, NO_TREE)
    yield CollectCompleted(
        commit=done.commit,
        tree=done.tree,
        files=done.changed,
        files_created=done.created,
        rescued=done.rescued,
        set_aside=await in_thread(ctx.workspace.set_aside, request.effect),
    )


async def merge(ctx: Context, request: MergeRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    result = await in_thread(
        ctx.workspace.merge,
        Path(state.path),
        request.theirs,
        subject(state, request, "merge"),
        effect=request.effect,
        resolution=request.resolution,
    )
    if isinstance(result, Conflicted):
        yield MergeConflicted(files=result.files)
    else:
        yield MergeCompleted(
            commit=result.commit,
            tree=result.tree,
            how=result.how,
            rescued=result.rescued,
            set_aside=await in_thread(ctx.workspace.set_aside, request.effect),
            interfaces=await in_thread(_interfaces, ctx, state.head, result.commit),
        )


async def integration(ctx: Context, request: IntegrationRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    path = ctx.home / "worktrees" / state.id / request.branch.removeprefix(state.branch + ".")
    files = await in_thread(
        ctx.workspace.begin_integration,
        path,
        request.branch,
        ours=request.ours,
        theirs=request.theirs,
        effect=request.effect,
    )
    yield IntegrationPrepared(
        path=str(path),
        branch=request.branch,
        files=files,
        set_aside=await in_thread(ctx.workspace.set_aside, request.effect),
    )


async def checkpoint(ctx: Context, request: CheckpointRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Commit the documents on top of the checked tree, then remove the phase's own worktrees."""
    name = f"Checkpoint {request.number}: " + (
        f"phase {request.phase} {'waived' if request.waived else 'complete'}" if request.phase else "final"
    )
    done = await in_thread(
        ctx.workspace.checkpoint,
        Path(state.path),
        number=request.number,
        subject=name,
        documents=tuple(state.documents),
        effect=request.effect,
        trailers={"Conductor-Chain": ctx.ledger.head.hash},
    )
    cleared = await _clear(ctx, state, request.phase, request.effect)
    yield CheckpointCreated(
        number=request.number,
        commit=done.commit,
        tree=done.tree,
        checked_tree=request.checked_tree,
        documents=done.changed,
        removed=cleared.removed,
        rescued=(*done.rescued, *cleared.rescued),
        set_aside=(*await in_thread(ctx.workspace.set_aside, request.effect), *cleared.set_aside),
        interfaces=await in_thread(_interfaces, ctx, state.checkpoints[-1].commit, done.commit),
    )


async def rollback(ctx: Context, request: RollbackRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Rescue and remove the modules' work, then rescue the task branch's own work and reset the branch."""
    name = slug(request.effect)
    rescued: tuple[str, ...] = ()
    of_modules: tuple[SetAside, ...] = ()
    for number in (request.phase,) if request.phase is not None else state.phases:
        cleared = await _clear(ctx, state, number, name, back_to=request.commit)
        rescued, of_modules = (*rescued, *cleared.rescued), (*of_modules, *cleared.set_aside)
    back = await in_thread(ctx.workspace.rollback, Path(state.path), state.branch, request.commit, name=name)
    set_aside = (*await in_thread(ctx.workspace.set_aside, name), *of_modules)
    if request.phase is None:
        yield TaskRolledBack(
            checkpoint=request.checkpoint,
            commit=back.commit,
            tree=back.tree,
            rescued=(*back.rescued, *rescued),
            set_aside=set_aside,
        )
        return
    yield PhaseRolledBack(
        phase=request.phase,
        checkpoint=request.checkpoint,
        commit=back.commit,
        tree=back.tree,
        rescue=back.rescued[0] if back.rescued else "",
        rescued=rescued,
        set_aside=set_aside,
    )


async def restore(ctx: Context, request: RestoreRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    done = await in_thread(
        ctx.workspace.restore_rescue, Path(state.path), state.branch, request.rescue, effect=request.effect
    )
    yield RestoreCompleted(
        commit=done.commit,
        tree=done.tree,
        rescued=done.rescued,
        set_aside=await in_thread(ctx.workspace.set_aside, request.effect),
    )


async def delivery(ctx: Context, request: DeliveryRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    try:
        commit = await in_thread(ctx.workspace.deliver, request.commit, request.into)
    except WorkspaceError as error:
        yield DeliveryRefused(reason=str(error))
    else:
        yield DeliveryCompleted(commit=commit, into=request.into)


def _interfaces(ctx: Context, since: str, commit: str) -> Digest:
    """The digest of the changed files' public names, which briefings pass on to those who build on them."""
    found = ctx.workspace.interfaces(since, commit)
    return ctx.blobs.put(msgspec.json.encode(found)) if found else NO_DIGEST


class Cleared(msgspec.Struct, frozen=True):
    """Removed folders, refs that keep what was not merged, and what was moved aside from subtasks' worktrees."""

    removed: tuple[str, ...] = ()
    rescued: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


async def _clear(ctx: Context, state: TaskState, phase: str | None, name: str, back_to: str | None = None) -> Cleared:
    """Remove a phase's module worktrees, as operation `name`; with `back_to`, as work undone to that commit."""
    removed: list[str] = []
    rescued: list[str] = []
    set_aside: list[SetAside] = []
    if phase is None or direct(state.planned(phase)):
        return Cleared()
    for module in state.phases[phase].modules.values():
        if module.merged and module.subtask.id:  # its branch and its record stay
            done = Workspace(Path(state.repository), module.subtask.id, ctx.home / "worktrees" / module.subtask.id)
            tree = ctx.home / "worktrees" / module.subtask.id / "task"
            removed += [str(tree)] if tree.exists() else []
            rescued += await in_thread(done.remove, tree, keep_branch=True, effect=name)
            set_aside += await in_thread(done.set_aside, name)
        branch = module.target.branch
        for path, own in ((module.target.path, branch), (module.integration, Branch(f"{branch}.merge"))):
            if path:
                removed += [path] if Path(path).exists() else []
                rescued += await in_thread(ctx.workspace.remove, Path(path), own, back_to=back_to, effect=name)
    return Cleared(tuple(removed), tuple(rescued), tuple(set_aside))
