"""Checks, one observation each: run on a commit; what they wrote is discarded, what they printed is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from conductor.checks import Site, run_check
from conductor.core.state import TaskState
from conductor.effects.context import Context, place
from conductor.events import CheckObserved, ChecksRequested, Outcome
from conductor.ids import NO_DIGEST
from conductor.process.threads import in_thread
from conductor.workspace.workspace import Workspace


async def checks(ctx: Context, request: ChecksRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Run the checks, except those that a predecessor has already observed."""
    work, path = ctx.workspace, place(state, request)
    held = ctx.ledger.state.open.get(request.effect)
    done = held.done if held else ()
    await in_thread(work.discard, path, request.commit, effect=request.effect)
    set_aside = await in_thread(work.set_aside, request.effect)
    site = Site(
        path=path,
        repository=Path(state.repository),
        commit=request.commit,
        since=request.since,
        tree=await in_thread(work.tree_of, request.commit),
        settings=state.settings,
        allows_stubs=request.phase is not None and state.planned(request.phase).allows_stubs,
        changed=await in_thread(work.changed, request.since, request.commit),
        added=await in_thread(_added, work, request, state),
        note=ctx.notes(request.effect),
    )
    for spec in request.checks:
        if spec.key in done:
            continue
        result = await run_check(spec, site)
        # A check without a command has written nothing.
        name = f"{request.effect}:{spec.key}"
        discarded = await in_thread(work.discard, path, request.commit, effect=name) if result.command else ()
        set_aside += await in_thread(work.set_aside, name)
        yield CheckObserved(
            key=spec.key,
            kind=spec.kind,
            status=result.status,
            summary=result.summary,
            commit=request.commit,
            tree=site.tree,
            command=result.command,
            exit_code=result.exit_code,
            duration_ms=result.duration_ms,
            output=ctx.blobs.put(result.output) if result.output else NO_DIGEST,
            proves=spec.proves,
            discarded=discarded,
            set_aside=set_aside,
        )
        set_aside = ()


def _added(work: Workspace, request: ChecksRequested, state: TaskState) -> Mapping[str, tuple[tuple[int, str], ...]]:
    """The lines to search for leftovers; for the whole, without files last written by a phase that allows stubs."""
    added = work.added_lines(request.since, request.commit)
    if request.phase is not None:
        return added
    commits = {c.number: c.commit for c in state.checkpoints}
    exempt: set[str] = set()
    for phase in state.phases.values():
        if phase.checkpoint is None or not phase.start:
            continue
        touched = {path for _, path in work.changed(phase.start, commits[phase.checkpoint])}
        exempt = exempt | touched if state.planned(phase.number).allows_stubs else exempt - touched
    return {path: lines for path, lines in added.items() if path not in exempt}
