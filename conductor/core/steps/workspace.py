"""How changes of worktrees and branches change a task's state: merges, documents, checkpoints, rollbacks."""

from __future__ import annotations

from conductor.core.machine import undone_by
from conductor.core.state import (
    Checkpoint,
    Open,
    PhaseState,
    TargetState,
    TaskState,
    close,
    put_module,
    put_open,
    put_phase,
    replace,
)
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import on_target
from conductor.events import (
    Body,
    CheckpointCreated,
    DocumentsWritten,
    IntegrationPrepared,
    MergeCompleted,
    MergeConflicted,
    MergeRequested,
    PhaseRolledBack,
    RestoreCompleted,
    TaskRolledBack,
    WorkspacePrepared,
)
from conductor.plan.decompose import SUBTASKS


def _prepared(state: TaskState, fact: Fact, body: WorkspacePrepared) -> TaskState:
    request = state.open[body.effect].request
    state = close(state, body.effect)
    if request.phase is None:
        base = Checkpoint(0, None, body.commit, body.tree, fact.version, fact.time)
        return replace(state, path=body.path, head=body.commit, tree=body.tree, checkpoints=(base,))
    held = TargetState(body.branch, body.path, start=body.commit, commit=body.commit, tree=body.tree)
    return on_target(state, request.target, lambda _: held)


def _merged(state: TaskState, fact: Fact, body: MergeCompleted) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None and request.module is not None
    state = put_module(close(state, body.effect), request.phase, request.module, merged=True)
    return replace(state, head=body.commit, tree=body.tree)


def _merge_requested(state: TaskState, fact: Fact, body: MergeRequested) -> TaskState:
    assert body.phase is not None and body.module is not None
    tries = state.phases[body.phase].modules[body.module].merge_tries + 1
    return put_module(put_open(state, Open(body, fact.version)), body.phase, body.module, merge_tries=tries)


def _conflicted(state: TaskState, fact: Fact, body: MergeConflicted) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None and request.module is not None
    state = close(state, body.effect)
    files = body.files or ("files that git does not name",)
    return put_module(state, request.phase, request.module, conflict=files, resolution="")


def _integrating(state: TaskState, fact: Fact, body: IntegrationPrepared) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None and request.module is not None
    return put_module(close(state, body.effect), request.phase, request.module, integration=body.path)


def _documented(state: TaskState, fact: Fact, body: DocumentsWritten) -> TaskState:
    request = state.open[body.effect].request
    state = replace(close(state, body.effect), documents={**state.documents, **body.written})
    if request.phase is None:
        return replace(state, documented=True)
    return put_phase(state, replace(state.phases[request.phase], documented=True))


def _checkpointed(state: TaskState, fact: Fact, body: CheckpointCreated) -> TaskState:
    request = state.open[body.effect].request
    point = Checkpoint(body.number, request.phase, body.commit, body.tree, fact.version, fact.time)
    if request.phase is None:
        state = replace(
            state, final_checkpoint_made=True, whole=replace(state.whole, commit=body.commit, tree=body.tree)
        )
    else:
        phase = replace(state.phases[request.phase], checkpoint=body.number, settled=body.number)
        state = put_phase(state, phase)
    return replace(
        close(state, body.effect),
        checkpoints=(*state.checkpoints, point),
        next_checkpoint=body.number + 1,
        head=body.commit,
        tree=body.tree,
    )


def _phase_rolled_back(state: TaskState, fact: Fact, body: PhaseRolledBack) -> TaskState:
    """Integration worktrees are gone along with the modules'; conflicts have to show up again on the current tree."""
    held = state.phases[body.phase]
    modules = {n: replace(m, conflict=(), integration="", resolution="") for n, m in held.modules.items()}
    phase = replace(held, rescue=body.rescue, set_aside=body.set_aside, modules=modules)
    return replace(put_phase(close(state, body.effect), phase), head=body.commit, tree=body.tree)


def _task_rolled_back(state: TaskState, fact: Fact, body: TaskRolledBack) -> TaskState:
    """Tree and state move together: phases after the checkpoint start again; what was asked or found is dropped."""
    phases, restarts = {}, state.restarts
    for number, phase in state.phases.items():
        if undone_by(phase, body.checkpoint):
            if number == SUBTASKS and phase.round:  # new subtasks will build its subplans
                restarts = {part.name: restarts.get(part.name, 0) + 1 for part in state.subplans}
            phase = PhaseState(number, status=phase.status, round=phase.round)
        phases[number] = phase
    return replace(
        state,
        head=body.commit,
        tree=body.tree,
        phases=phases,
        restarts=restarts,
        rollback_to=None,
        hint="",
        whole=TargetState(),
        whole_accepted=False,
        documented=False,
        final_checkpoint_made=False,
        open={},
        questions={},
        unjudged=(),
        checkpoints=tuple(c for c in state.checkpoints if c.number <= body.checkpoint),
        deliver=False,
        delivered="",
    )


def _restored(state: TaskState, fact: Fact, body: RestoreCompleted) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None
    phase = replace(state.phases[request.phase], rescue="")
    return replace(put_phase(close(state, body.effect), phase), head=body.commit, tree=body.tree)


STEPS: dict[type[Body], Step] = {
    WorkspacePrepared: _prepared,
    MergeRequested: _merge_requested,
    MergeCompleted: _merged,
    MergeConflicted: _conflicted,
    IntegrationPrepared: _integrating,
    DocumentsWritten: _documented,
    CheckpointCreated: _checkpointed,
    PhaseRolledBack: _phase_rolled_back,
    TaskRolledBack: _task_rolled_back,
    RestoreCompleted: _restored,
}
