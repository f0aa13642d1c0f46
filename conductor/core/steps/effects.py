"""How requests, claims and outcomes change a task's state."""

from __future__ import annotations

from conductor.core.lifecycle import phase_after
from conductor.core.state import (
    Check,
    Checkpoint,
    Claimed,
    Open,
    PhaseState,
    Target,
    TaskState,
    close,
    put_open,
    put_phase,
    replace,
)
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import in_module, latest, on_target, with_check, with_commit
from conductor.events import (
    AgentReported,
    AgentRequested,
    Body,
    CheckObserved,
    CheckpointCreated,
    ChecksRequested,
    CollectCompleted,
    CollectRequested,
    Correction,
    DocumentsWritten,
    EffectFailed,
    EffectReleased,
    EffectStarted,
    Finding,
    MergeCompleted,
    MergeConflicted,
    MergeRequested,
    PhaseRolledBack,
    RestoreCompleted,
    TaskRolledBack,
    WorkReported,
    WorkspacePrepared,
)

SYNTHESIS, REVIEW, FIX, TESTS = "synthesis-architect", "code-reviewer", "fix-executor", "test-implementer"


def attempt_key(role: str, phase: str | None, module: str | None) -> str:
    return f"{role}/{phase or ''}/{module or ''}"


# ---- claims ------------------------------------------------------------------------------------------------------


def _claimed(state: TaskState, fact: Fact, body: EffectStarted) -> TaskState:
    return put_open(state, replace(state.open[body.effect], claim=body.claim, claim_version=fact.version))


def _released(state: TaskState, fact: Fact, body: EffectReleased) -> TaskState:
    return put_open(state, replace(state.open[body.effect], claim=None, claim_version=0))


def _failed(state: TaskState, fact: Fact, body: EffectFailed) -> TaskState:
    held = state.open[body.effect]
    again = replace(held, claim=None, claim_version=0, failures=held.failures + 1, error=body.error)
    return put_open(state, again)


# ---- worktrees ---------------------------------------------------------------------------------------------------


def _prepared(state: TaskState, fact: Fact, body: WorkspacePrepared) -> TaskState:
    request = state.open[body.effect].request
    state = close(state, body.effect)
    if request.phase is None:
        base = Checkpoint(0, None, body.commit, body.tree, fact.version, fact.time)
        return replace(state, path=body.path, head=body.commit, tree=body.tree, checkpoints=(base,))
    target = Target(body.branch, body.path, start=body.commit, commit=body.commit, tree=body.tree)
    return on_target(state, request.phase, request.module, lambda _: target)


# ---- agents ------------------------------------------------------------------------------------------------------


def _agent_requested(state: TaskState, fact: Fact, body: AgentRequested) -> TaskState:
    state = put_open(state, Open(body, fact.version))
    return _begun(state, body.role, body.phase, body.module)


def _begun(state: TaskState, role: str, phase: str | None, module: str | None) -> TaskState:
    """An agent's run counts from when it is asked for: against its tries, and as its attempt number."""
    key = attempt_key(role, phase, module)
    state = replace(state, attempts={**state.attempts, key: state.attempts.get(key, 0) + 1})
    if role == FIX:
        return on_target(state, phase, module, lambda t: replace(t, fixes=t.fixes + 1))
    if role == TESTS:
        return on_target(state, phase, module, lambda t: replace(t, tests_asked=True))
    if role == SYNTHESIS and phase is not None and module is not None:
        part = state.phases[phase].modules[module]
        return _put_module(state, phase, module, resolvers=part.resolvers + 1)
    return state


def _reported(state: TaskState, fact: Fact, body: AgentReported) -> TaskState:
    request = state.open[body.effect].request
    state = close(state, body.effect)
    state = _heard(state, request.phase, request.module, body.findings, body.corrections)
    if body.role == REVIEW:
        return _reviewed(state, request.phase, request.module, body.verdict, body.blocking)
    state = _said(state, request.phase, request.module, body.role, body.verdict, body.summary)
    return _committed(state, request.phase, request.module, body.role, body.commit, body.tree, body.files_created)


def _work_reported(state: TaskState, fact: Fact, body: WorkReported) -> TaskState:
    state = _begun(state, body.role, body.phase, body.module)
    state = _heard(state, body.phase, body.module, body.findings, body.corrections)
    if body.role == REVIEW:
        return _reviewed(state, body.phase, body.module, body.verdict, body.blocking)
    state = _said(state, body.phase, body.module, body.role, body.verdict, body.summary)
    return on_target(state, body.phase, body.module, lambda t: replace(t, collecting=body.role))


def _collected(state: TaskState, fact: Fact, body: CollectCompleted) -> TaskState:
    request = state.open[body.effect].request
    assert isinstance(request, CollectRequested)
    state = close(state, body.effect)
    state = on_target(state, request.phase, request.module, lambda t: replace(t, collecting=""))
    return _committed(state, request.phase, request.module, request.role, body.commit, body.tree, body.files_created)


def _heard(
    state: TaskState,
    phase: str | None,
    module: str | None,
    findings: tuple[Finding, ...],
    corrections: tuple[Correction, ...],
) -> TaskState:
    claims = tuple(Claimed(c, phase, module) for c in corrections)
    state = replace(state, unjudged=(*state.unjudged, *claims))
    gotchas = tuple(f.title for f in findings if f.kind == "gotcha")
    return put_phase(state, latest(state.phases[phase], (), gotchas)) if phase is not None else state


def _reviewed(
    state: TaskState, phase: str | None, module: str | None, verdict: str, blocking: tuple[str, ...]
) -> TaskState:
    """A review that names nothing blocking but does not say PASS is no review."""

    def change(target: Target) -> Target:
        if blocking:
            return replace(target, review="blocking", blocking=blocking)
        if verdict == "PASS":
            return replace(target, review="passed")
        return replace(target, review="missing", reviews_missing=target.reviews_missing + 1)

    return on_target(state, phase, module, change)


def _said(state: TaskState, phase: str | None, module: str | None, role: str, verdict: str, summary: str) -> TaskState:
    if role == SYNTHESIS:
        return state
    return on_target(state, phase, module, lambda t: replace(t, verdict=verdict, says=summary))


def _committed(
    state: TaskState,
    phase: str | None,
    module: str | None,
    role: str,
    commit: str,
    tree: str,
    created: tuple[str, ...],
) -> TaskState:
    """Work ended in a commit: of a module's branch, of an integration worktree, or of the task branch itself."""
    if phase is not None:
        state = put_phase(state, latest(state.phases[phase], created, ()))
        if role == SYNTHESIS and module is not None:
            return _put_module(state, phase, module, resolution=commit)
    state = on_target(state, phase, module, lambda t: with_commit(t, commit, tree))
    return state if in_module(state, phase, module) else replace(state, head=commit, tree=tree)


def _put_module(state: TaskState, phase: str, module: str, **change: object) -> TaskState:
    held = state.phases[phase]
    modules = {**held.modules, module: replace(held.modules[module], **change)}
    return put_phase(state, replace(held, modules=modules))


# ---- checks ------------------------------------------------------------------------------------------------------


def _checks_requested(state: TaskState, fact: Fact, body: ChecksRequested) -> TaskState:
    state = put_open(state, Open(body, fact.version))
    return on_target(state, body.phase, body.module, lambda t: replace(t, checks={}))


def _checked(state: TaskState, fact: Fact, body: CheckObserved) -> TaskState:
    """One effect yields several checks; it is done when the last of them is observed."""
    held = state.open[body.effect]
    request = held.request
    assert isinstance(request, ChecksRequested)
    wanted = {c.key: c for c in request.checks}
    check = Check(
        version=fact.version,
        key=body.key,
        kind=body.kind,
        status=body.status,
        summary=body.summary,
        output=body.output,
        commit=body.commit,
        blocking=wanted[body.key].blocking,
    )
    state = on_target(state, request.phase, request.module, lambda t: with_check(t, check))
    done = (*held.done, body.key)
    if set(wanted) <= set(done):
        return close(state, body.effect)
    return put_open(state, replace(held, done=done))


# ---- merges, documents, checkpoints, rollback --------------------------------------------------------------------


def _merged(state: TaskState, fact: Fact, body: MergeCompleted) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None and request.module is not None
    state = _put_module(close(state, body.effect), request.phase, request.module, merged=True)
    return replace(state, head=body.commit, tree=body.tree)


def _merge_requested(state: TaskState, fact: Fact, body: MergeRequested) -> TaskState:
    assert body.phase is not None and body.module is not None
    tries = state.phases[body.phase].modules[body.module].merge_tries + 1
    return _put_module(put_open(state, Open(body, fact.version)), body.phase, body.module, merge_tries=tries)


def _conflicted(state: TaskState, fact: Fact, body: MergeConflicted) -> TaskState:
    request = state.open[body.effect].request
    assert request.phase is not None and request.module is not None
    state = close(state, body.effect)
    return _put_module(state, request.phase, request.module, conflict=body.files, resolution="")


def _documented(state: TaskState, fact: Fact, body: DocumentsWritten) -> TaskState:
    request = state.open[body.effect].request
    state = replace(close(state, body.effect), documents={**state.documents, **body.written})
    if request.phase is None:
        return replace(state, documented=True)
    return put_phase(state, replace(state.phases[request.phase], documented=True))


def _checkpointed(state: TaskState, fact: Fact, body: CheckpointCreated) -> TaskState:
    request = state.open[body.effect].request
    point = Checkpoint(body.number, request.phase, body.commit, body.tree, fact.version, fact.time)
    return replace(
        close(state, body.effect),
        checkpoints=(*state.checkpoints, point),
        next_checkpoint=body.number + 1,
        head=body.commit,
        tree=body.tree,
    )


def _phase_rolled_back(state: TaskState, fact: Fact, body: PhaseRolledBack) -> TaskState:
    phase = replace(state.phases[body.phase], rescue=body.rescue)
    return replace(put_phase(close(state, body.effect), phase), head=body.commit, tree=body.tree)


def _task_rolled_back(state: TaskState, fact: Fact, body: TaskRolledBack) -> TaskState:
    """Tree and state move together: phases after the checkpoint begin anew; what was asked or found there is past."""
    phases = {}
    for number, phase in state.phases.items():
        kept = phase.checkpoint is not None and phase.checkpoint <= body.checkpoint
        kept = kept or (phase.status == "skipped" and state.planned(number).status == "done")
        if not kept:
            status = phase_after(phase.status, "task.rolled_back") or phase.status
            phase = PhaseState(number, status=status, round=phase.round)
        phases[number] = phase
    return replace(
        state,
        head=body.commit,
        tree=body.tree,
        phases=phases,
        rollback_to=None,
        hint="",
        whole=Target(),
        whole_accepted=False,
        whole_asked=False,
        documented=False,
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
    EffectStarted: _claimed,
    EffectReleased: _released,
    EffectFailed: _failed,
    WorkspacePrepared: _prepared,
    AgentRequested: _agent_requested,
    AgentReported: _reported,
    WorkReported: _work_reported,
    CollectCompleted: _collected,
    ChecksRequested: _checks_requested,
    CheckObserved: _checked,
    MergeRequested: _merge_requested,
    MergeCompleted: _merged,
    MergeConflicted: _conflicted,
    DocumentsWritten: _documented,
    CheckpointCreated: _checkpointed,
    PhaseRolledBack: _phase_rolled_back,
    TaskRolledBack: _task_rolled_back,
    RestoreCompleted: _restored,
}
