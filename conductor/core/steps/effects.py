"""How requests, claims and outcomes change a task's state."""

from __future__ import annotations

from conductor.core.state import (
    Check,
    Claimed,
    Open,
    TargetState,
    TaskState,
    close,
    put_module,
    put_open,
    put_phase,
    replace,
)
from conductor.core.steps.spending import given_back, reported
from conductor.core.steps.step import Fact, Step
from conductor.core.targets import in_module, latest, on_target, with_check, with_commit
from conductor.events import (
    AgentReported,
    AgentRequested,
    Body,
    CheckObserved,
    ChecksRequested,
    CollectCompleted,
    CollectRequested,
    Correction,
    DeliveryRequested,
    EffectDeferred,
    EffectFailed,
    EffectReleased,
    EffectStarted,
    EvidenceObserved,
    Finding,
    Target,
    WorkReported,
)

IMPLEMENT, FIX = "implementation-executor", "fix-executor"
SYNTHESIS, REVIEW, TESTS = "synthesis-architect", "code-reviewer", "test-implementer"


def attempt_key(role: str, target: Target) -> str:
    return f"{role}/{target.phase or ''}/{target.module or ''}"


# ---- claims ------------------------------------------------------------------------------------------------------


def _claimed(state: TaskState, fact: Fact, body: EffectStarted) -> TaskState:
    held = replace(
        state.open[body.effect], claim=body.claim, claim_version=fact.version, deferred="", claimed_at=fact.time
    )
    return put_open(state, held)


def _released(state: TaskState, fact: Fact, body: EffectReleased) -> TaskState:
    return put_open(state, given_back(state.open[body.effect], fact))


def _deferred(state: TaskState, fact: Fact, body: EffectDeferred) -> TaskState:
    return put_open(state, replace(given_back(state.open[body.effect], fact), deferred=body.until))


def _failed(state: TaskState, fact: Fact, body: EffectFailed) -> TaskState:
    held = state.open[body.effect]
    again = replace(given_back(held, fact), failures=held.failures + 1, error=body.error, rejected=body.final)
    if isinstance(held.request, DeliveryRequested) and again.given_up(state.settings.effect_tries):
        # The task is done and nothing waits for the delivery; a person may ask for it again.
        return replace(close(state, body.effect), deliver=False, delivery_refused=body.error)
    return put_open(state, again)


# ---- agents ------------------------------------------------------------------------------------------------------


def _agent_requested(state: TaskState, fact: Fact, body: AgentRequested) -> TaskState:
    """The attempt number is used up from here on, so that no two requests have the same id."""
    state = put_open(state, Open(body, fact.version))
    return _attempted(state, body.role, body.target)


def _attempted(state: TaskState, role: str, target: Target) -> TaskState:
    key = attempt_key(role, target)
    return replace(state, attempts={**state.attempts, key: state.attempts.get(key, 0) + 1})


def _tried(state: TaskState, role: str, target: Target) -> TaskState:
    """A run counts as a try once it has ended: one that never started uses up none."""
    if role == FIX:
        return on_target(state, target, lambda t: replace(t, fixes=t.fixes + 1))
    if role == TESTS:
        return on_target(state, target, lambda t: replace(t, tests_asked=True))
    if role == SYNTHESIS and target.phase is not None and target.module is not None:
        part = state.phases[target.phase].modules[target.module]
        return put_module(state, target.phase, target.module, resolvers=part.resolvers + 1)
    return state


def _reported(state: TaskState, fact: Fact, body: AgentReported) -> TaskState:
    request = state.open[body.effect].request
    state = reported(state, fact, body)
    state = _tried(close(state, body.effect), body.role, request.target)
    state = _learned(state, request.target, body.findings, body.corrections)
    if body.role == REVIEW:
        return _reviewed(state, request.target, body.verdict, body.blocking)
    if body.role == SYNTHESIS and body.verdict != "PASS":
        return state  # it did not resolve the conflict, or did not say so
    state = _said(state, request.target, body.role, body.verdict, body.summary)
    return _committed(state, request.target, body.role, body)


def _work_reported(state: TaskState, fact: Fact, body: WorkReported) -> TaskState:
    state = _attempted(state, body.role, body.target)
    state = _tried(state, body.role, body.target)
    state = _learned(state, body.target, body.findings, body.corrections)
    if body.role == REVIEW:
        return _reviewed(state, body.target, body.verdict, body.blocking)
    if body.role == SYNTHESIS and body.verdict != "PASS":
        return state
    state = _said(state, body.target, body.role, body.verdict, body.summary)
    return on_target(state, body.target, lambda t: replace(t, collecting=body.role))


def _collected(state: TaskState, fact: Fact, body: CollectCompleted) -> TaskState:
    request = state.open[body.effect].request
    assert isinstance(request, CollectRequested)
    state = close(state, body.effect)
    state = on_target(state, request.target, lambda t: replace(t, collecting=""))
    return _committed(state, request.target, request.role, body)


def _learned(
    state: TaskState,
    target: Target,
    findings: tuple[Finding, ...],
    corrections: tuple[Correction, ...],
) -> TaskState:
    claims = tuple(
        Claimed(f"c{n}", c, target.phase, target.module) for n, c in enumerate(corrections, state.proposed + 1)
    )
    state = replace(state, unjudged=(*state.unjudged, *claims), proposed=state.proposed + len(claims))
    gotchas = tuple(f.title for f in findings if f.kind == "gotcha")
    if target.phase is None:
        return state
    return put_phase(state, latest(state.phases[target.phase], (), gotchas))


def _reviewed(state: TaskState, target: Target, verdict: str, blocking: tuple[str, ...]) -> TaskState:
    """A review that names nothing blocking but does not say PASS counts as missing."""

    def change(held: TargetState) -> TargetState:
        if blocking:
            return replace(held, review="blocking", blocking=blocking)
        if verdict == "PASS":
            return replace(held, review="passed")
        return replace(held, review="missing", reviews_missing=held.reviews_missing + 1)

    return on_target(state, target, change)


def _said(state: TaskState, target: Target, role: str, verdict: str, summary: str) -> TaskState:
    """Record an agent's verdict; a resolver's or test writer's says nothing about the target's own work."""
    if role in (SYNTHESIS, TESTS):
        return state
    return on_target(state, target, lambda t: replace(t, verdict=verdict, says=summary))


def _committed(state: TaskState, target: Target, role: str, body: AgentReported | CollectCompleted) -> TaskState:
    """Work ended in a commit on a module's branch, in an integration worktree, or on the task branch itself."""
    if target.phase is not None:
        state = put_phase(state, latest(state.phases[target.phase], body.files_created, ()))
        if role == SYNTHESIS and target.module is not None:
            return put_module(state, target.phase, target.module, resolution=body.commit)
    undoes = role in (IMPLEMENT, FIX)

    def change(held: TargetState) -> TargetState:
        done = replace(with_commit(held, body.commit, body.tree), set_aside=body.set_aside)
        return replace(done, overruled=()) if undoes else done

    state = on_target(state, target, change)
    return state if in_module(state, target) else replace(state, head=body.commit, tree=body.tree)


def _evidence_observed(state: TaskState, fact: Fact, body: EvidenceObserved) -> TaskState:
    claim = replace(state.unjudged[0], evidence=body.status, told=body.summary)
    return replace(close(state, body.effect), unjudged=(claim, *state.unjudged[1:]))


# ---- checks ------------------------------------------------------------------------------------------------------


def _checks_requested(state: TaskState, fact: Fact, body: ChecksRequested) -> TaskState:
    asked = {c.key for c in body.checks}

    def change(held: TargetState) -> TargetState:
        seen = {k: c for k, c in held.checks.items() if k not in asked} if body.again else {}
        return replace(held, checks=seen, again=body.again)

    return on_target(put_open(state, Open(body, fact.version)), body.target, change)


def _checked(state: TaskState, fact: Fact, body: CheckObserved) -> TaskState:
    """One effect yields several checks; it is done once the last of them has been observed."""
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
    state = on_target(state, request.target, lambda t: with_check(t, check))
    done = (*held.done, body.key)
    if set(wanted) <= set(done):
        return close(state, body.effect)
    return put_open(state, replace(held, done=done))


STEPS: dict[type[Body], Step] = {
    EffectStarted: _claimed,
    EffectReleased: _released,
    EffectDeferred: _deferred,
    EffectFailed: _failed,
    AgentRequested: _agent_requested,
    AgentReported: _reported,
    WorkReported: _work_reported,
    CollectCompleted: _collected,
    EvidenceObserved: _evidence_observed,
    ChecksRequested: _checks_requested,
    CheckObserved: _checked,
}
