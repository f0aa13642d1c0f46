"""How a target gets to a proven tree: work, checks, fixes, missing tests, review."""

from __future__ import annotations

from conductor.core import budget
from conductor.core.questions import about, ask, items
from conductor.core.rules import checks
from conductor.core.rules.verdict import WAIT, Conclusion, Verdict
from conductor.core.state import TargetState, TaskState
from conductor.core.steps.effects import FIX, REVIEW, TESTS, attempt_key
from conductor.core.targets import in_module, standing
from conductor.events import AgentRequested, CheckSpec, ChecksRequested, CollectRequested, QuestionAsked, Target


def busy(state: TaskState, target: Target) -> bool:
    """Whether an effect on this target is open. An effect on the merged tree affects the whole phase."""
    alone = in_module(state, target)
    others = [o.request.target for o in state.open.values()]
    return any(other.phase == target.phase and (other.module == target.module or not alone) for other in others)


def agent(
    state: TaskState,
    role: str,
    target: Target,
    *,
    because: tuple[str, ...] = (),
    hint: str = "",
) -> Conclusion:
    """Request an agent's next attempt. In assisted driving none is requested: the client's report is awaited."""
    if state.driver == "assisted":
        return WAIT
    allowance = budget.allowance(state, target.phase, _peers(state, target.phase))
    if nothing := budget.exhausted(allowance):
        asked = any(a.question.kind == "budget" for a in state.questions.values())
        return WAIT if asked else _out_of_budget(state, role, target, nothing)
    attempt = state.attempts.get(attempt_key(role, target), 0) + 1
    return AgentRequested(
        effect=target.effect(role, attempt),
        phase=target.phase,
        module=target.module,
        role=role,
        attempt=attempt,
        because=because,
        hint=hint,
        allowance=allowance,
    )


def _peers(state: TaskState, phase: str | None) -> int:
    """How many agents of a phase still have to be requested for the first time; at least one."""
    if phase is None:
        return 1
    requested = {o.request.module for o in state.open.values() if isinstance(o.request, AgentRequested)}
    modules = state.phases[phase].modules.items()
    return max(1, sum(1 for name, m in modules if not m.target.verdict and not m.merged and name not in requested))


def _out_of_budget(state: TaskState, role: str, target: Target, nothing: tuple[str, ...]) -> QuestionAsked:
    text = f"Nothing is left of the budget for {role} on {target}: {', '.join(nothing)}. Extend it by the same amount?"
    return ask(state, "budget", text, target)


def collect(state: TaskState, target: Target) -> CollectRequested | None:
    """Assisted driving: Conductor commits what the client reported as done before anything is checked."""
    role = standing(state, target).collecting
    if not role:
        return None
    return CollectRequested(
        effect=target.effect("collect", state.version),
        phase=target.phase,
        module=target.module,
        role=role,
    )


def examine(state: TaskState, target: Target, suite: tuple[CheckSpec, ...]) -> Conclusion:
    """From a commit to a verdict: request what is missing, else return the verdict."""
    held = standing(state, target)
    if busy(state, target):
        return WAIT
    if collecting := collect(state, target):
        return collecting
    if not checks.all_observed(held, suite):
        return _request_checks(state, target, held, suite)
    failing = checks.failing(held)
    unfinished = {c.key for c in failing if c.unfinished}
    if unfinished and not held.again:
        again = tuple(spec for spec in suite if spec.key in unfinished)
        return _request_checks(state, target, held, again, again=True)
    if unfinished or any(c.status == "unavailable" for c in failing):
        return Verdict.UNAVAILABLE
    if failing or held.overruled or held.verdict not in ("PASS", ""):
        return Verdict.FAILING
    if not checks.any_passed(held):
        return Verdict.UNAVAILABLE
    untested = any(c.kind == "tested" and c.status == "failed" for c in held.checks.values())
    if untested and not held.tests_asked:
        return agent(state, TESTS, target, because=("tested",))
    if target.module is None and checks.needs_review(state, target.phase):
        return _review(state, target, held)
    return Verdict.PROVEN


def fix(state: TaskState, target: Target) -> Conclusion:
    """The next fix-executor run for a failing target; FAILING once its tries are used up."""
    held = standing(state, target)
    if held.fixes >= state.settings.fix_tries:
        return Verdict.FAILING
    hint = held.hint or (state.phases[target.phase].hint if target.phase is not None else state.hint)
    return agent(state, FIX, target, because=reasons(held), hint=hint)


def reasons(held: TargetState) -> tuple[str, ...]:
    """What is wrong with a target, as text: failed checks, blocking points of a review, the agent's own verdict."""
    said = tuple(f"{c.key}: {c.summary}" for c in checks.failing(held))
    if held.review == "blocking":
        said += tuple(f"review: {point}" for point in held.blocking)
    said += tuple(f"overruled: {ruling}" for ruling in held.overruled)
    if held.review == "missing":
        said += ("review: no readable review was given",)
    if held.verdict not in ("PASS", ""):
        said += (f"the agent's verdict: {held.verdict} {held.says}".strip(),)
    return said


def unjudged(state: TaskState, target: Target) -> QuestionAsked:
    """A question about a missing tool, checks that something else ended, or a review that never comes."""
    held = standing(state, target)
    unfinished = items(f"{c.key}: {c.summary}" for c in checks.failing(held) if c.unfinished)
    if unfinished and not any(c.status == "unavailable" for c in checks.failing(held)):
        lead = "Something other than the work ended its checks, again when they were repeated"
        answers = "`retry` runs them again; `fail` treats them as failed work, which a fixer has to fix."
        return ask(state, "check", about(lead, unfinished, answers), target)
    missing = [f"{c.key}: {c.summary}" for c in checks.failing(held) if c.status in ("unavailable", "unfinished")]
    if not missing and not checks.any_passed(held):
        missing.append("no check applies to it")
    if held.review == "missing":
        missing.append(f"review: code-reviewer gave no readable review in {held.reviews_missing} runs")
    return ask(state, "tool", about("The work cannot be judged here", items(missing)), target)


def _request_checks(
    state: TaskState, target: Target, held: TargetState, suite: tuple[CheckSpec, ...], *, again: bool = False
) -> ChecksRequested:
    return ChecksRequested(
        effect=target.effect("checks", state.version),
        phase=target.phase,
        module=target.module,
        commit=held.commit,
        since=held.start,
        checks=suite,
        again=again,
    )


def _review(state: TaskState, target: Target, held: TargetState) -> Conclusion:
    if held.review == "passed":
        return Verdict.PROVEN
    if held.review == "blocking":
        return Verdict.FAILING
    if held.reviews_missing > state.settings.fix_tries:
        return Verdict.UNAVAILABLE
    return agent(state, REVIEW, target)
