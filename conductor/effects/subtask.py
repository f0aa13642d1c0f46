"""A subplan, built by a task of its own: created if missing, and driven to its end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterable, Sequence

import msgspec

from conductor.core.budget import divided
from conductor.core.lifecycle import DONE, ENDED
from conductor.core.rules.checks import waived_kinds
from conductor.core.state import Open, TaskState
from conductor.driving.claims import actor
from conductor.driving.ledger import Ledger
from conductor.effects.context import Context
from conductor.effects.roles import recorded_roles
from conductor.envelope import Recorded
from conductor.errors import ConductorError, Refused
from conductor.events import (
    AgentReported,
    AmendmentReceived,
    CorrectionAccepted,
    Finding,
    FindingReported,
    Outcome,
    SpecAmended,
    SubtaskEnded,
    SubtaskNewsRequested,
    SubtaskRequested,
    SubtaskTold,
    SubtaskWaits,
    TaskCompleted,
    TaskCompletedWithWaivers,
    TaskCreated,
    WorkReported,
)
from conductor.ids import NO_COMMIT, NO_TREE, Digest
from conductor.process.threads import in_thread

NEVER = 100  # no plan is more complex: a subplan is not decomposed again


async def subtask(ctx: Context, request: SubtaskRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Drive the subtask. One that a predecessor started is continued; one that has ended is found."""
    roles = dict(recorded_roles(ctx.ledger.store, state.id))
    built = await ctx.drive(request.subtask, _created(request, state, roles))
    if built.status not in ENDED:
        yield SubtaskWaits(
            subtask=request.subtask,
            status=built.status,
            questions=tuple(built.questions),
        )
        return
    events = ctx.ledger.store.read(request.subtask)
    changed = await in_thread(ctx.workspace.changed, request.base, built.head) if built.status in DONE else ()
    yield _ended(request, built, events, tuple(path for _, path in changed))


async def news(ctx: Context, request: SubtaskNewsRequested, state: TaskState) -> AsyncGenerator[Outcome, None]:
    """Append an amendment to the stream of a subtask. Repeated by a successor, it is still one event."""
    there = Ledger(ctx.ledger.store, request.subtask)
    exists = there.catch_up().version > 0
    if not exists and any(_starts(held, request.subtask) for held in state.open.values()):
        raise ConductorError(f"subtask {request.subtask} is about to start, perhaps without the amendment")
    version = 0
    if exists:  # a new one is created with it
        with contextlib.suppress(Refused):
            received = AmendmentReceived(request.amendment)
            version = there.submit(received, actor=actor(), request=f"{state.id}:{request.amendment.id}")[0].version
    amendment = request.amendment.id
    yield SubtaskTold(subtask=request.subtask, amendment=amendment, version=version)


def _starts(held: Open, subtask: str) -> bool:
    """Whether an open effect is starting the subtask, from the state known to it."""
    return isinstance(held.request, SubtaskRequested) and held.request.subtask == subtask and held.claim is not None


def _created(request: SubtaskRequested, state: TaskState, roles: dict[str, Digest]) -> TaskCreated:
    """The task for the subplan: created like its parent, based on what the subplan depends on."""
    subplan = next(subplan for subplan in state.subplans if subplan.name == request.module)
    settings = msgspec.structs.replace(
        state.settings,
        parallel=request.parallel,
        decompose_above=NEVER,
        merge=False,
        budget=divided(state.settings.budget, len(state.subplans)),
    )
    return TaskCreated(
        title=subplan.plan.title,
        plan=subplan.plan,
        spec_path=state.spec_path,
        spec=state.spec,
        repository=state.repository,
        base_commit=request.base,
        base_branch=None,
        branch=request.branch,
        agent=state.agent,
        agent_source=state.agent_source,
        settings=settings,
        amendments=state.amendments,
        approved=tuple(c for c in subplan.plan.commands() if c in state.approved),
        parent_task_id=state.id,
        roles=roles,
    )


def _ended(
    request: SubtaskRequested, built: TaskState, events: Sequence[Recorded], files: tuple[str, ...]
) -> SubtaskEnded:
    """Its end, with what was learned, which the parent writes into its documents."""
    ends = [e.body for e in events if isinstance(e.body, TaskCompleted | TaskCompletedWithWaivers)]
    end = ends[-1] if ends else TaskCompleted()
    outcome = SubtaskEnded(
        subtask=request.subtask,
        status="abandoned",
        commit=NO_COMMIT,
        tree=NO_TREE,
        findings=tuple(_findings(events)),
        corrections=tuple(e.body.correction for e in events if isinstance(e.body, CorrectionAccepted)),
        amendments=tuple(e.body.amendment for e in events if isinstance(e.body, SpecAmended)),
    )
    if built.status not in DONE:
        return outcome
    return msgspec.structs.replace(
        outcome,
        status=built.status,
        commit=built.head,
        tree=built.tree,
        waived=end.waived if isinstance(end, TaskCompletedWithWaivers) else (),
        unproven=end.unproven,
        failing=tuple(sorted(waived_kinds(built))),
        files=files,
        files_created=tuple(dict.fromkeys(f for phase in built.phases.values() for f in phase.files_created)),
    )


def _findings(events: Iterable[Recorded]) -> Iterable[Finding]:
    for event in events:
        match event.body:
            case AgentReported(findings=findings) | WorkReported(findings=findings):
                yield from findings
            case FindingReported(finding=finding):
                yield finding
