"""How a phase's decisions change its state, beyond the move in its lifecycle."""

from __future__ import annotations

from conductor.core.state import ModuleState, PhaseState, TargetState, TaskState, put_phase, replace
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import with_commit
from conductor.events import (
    Body,
    PhaseAccepted,
    PhaseFailed,
    PhaseReopened,
    PhaseResultSaved,
    PhaseRetried,
    PhaseSkipped,
    PhaseStarted,
    PhaseValidationStarted,
    PhaseWaveStarted,
)


def fresh(state: TaskState, phase: PhaseState) -> PhaseState:
    """A phase at the start of another round, on the head of the task branch."""
    modules = {m.name: ModuleState() for m in state.planned(phase.number).modules}
    target = TargetState(branch=state.branch, path=state.path, start=state.head, commit=state.head, tree=state.tree)
    return PhaseState(
        phase.number,
        status=phase.status,
        round=phase.round + 1,
        start=state.head,
        modules=modules,
        target=target,
        started_at=phase.started_at,
    )


def _started(state: TaskState, fact: Fact, body: PhaseStarted) -> TaskState:
    phase = replace(state.phases[body.phase], started_at=fact.time)
    return put_phase(state, fresh(state, phase))


def _retried(state: TaskState, fact: Fact, body: PhaseRetried) -> TaskState:
    phase = fresh(state, state.phases[body.phase])
    return put_phase(state, replace(phase, hint=body.hint))


def _wave(state: TaskState, fact: Fact, body: PhaseWaveStarted) -> TaskState:
    return put_phase(state, replace(state.phases[body.phase], wave=body.wave))


def _validation(state: TaskState, fact: Fact, body: PhaseValidationStarted) -> TaskState:
    phase = state.phases[body.phase]
    return put_phase(state, replace(phase, target=with_commit(phase.target, body.commit, state.tree)))


def _saved(state: TaskState, fact: Fact, body: PhaseResultSaved) -> TaskState:
    return put_phase(state, replace(state.phases[body.phase], proofs=body.proofs))


def _failed(state: TaskState, fact: Fact, body: PhaseFailed) -> TaskState:
    """Open requests of the phase are superseded; their late outcomes will be refused."""
    kept = {k: v for k, v in state.open.items() if v.request.phase != body.phase}
    phase = replace(state.phases[body.phase], failure=body.reason, asked=False, answer="", accepted=False)
    return put_phase(replace(state, open=kept), phase)


def _accepted(state: TaskState, fact: Fact, body: PhaseAccepted) -> TaskState:
    """Modules not merged yet get fresh tries at their conflicts, because the person wants them in."""
    phase = state.phases[body.phase]
    modules = {n: m if m.merged else replace(m, resolvers=0) for n, m in phase.modules.items()}
    return put_phase(state, replace(phase, accepted=True, rescue=body.rescue, modules=modules))


def _reopened(state: TaskState, fact: Fact, body: PhaseReopened) -> TaskState:
    phase = state.phases[body.phase]
    again = PhaseState(phase.number, status=phase.status, round=phase.round)
    return replace(put_phase(state, again), stale=tuple(n for n in state.stale if n != body.phase))


def _skipped(state: TaskState, fact: Fact, body: PhaseSkipped) -> TaskState:
    settled = 0 if state.planned(body.phase).status == "done" else state.next_checkpoint
    return put_phase(state, replace(state.phases[body.phase], failure=body.reason, settled=settled))


STEPS: dict[type[Body], Step] = {
    PhaseStarted: _started,
    PhaseRetried: _retried,
    PhaseWaveStarted: _wave,
    PhaseValidationStarted: _validation,
    PhaseResultSaved: _saved,
    PhaseFailed: _failed,
    PhaseAccepted: _accepted,
    PhaseReopened: _reopened,
    PhaseSkipped: _skipped,
}
