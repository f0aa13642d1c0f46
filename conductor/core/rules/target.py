"""How a target is brought to a tree that is proven: work, checks, fixes, missing tests, review."""

from __future__ import annotations

from enum import Enum

from conductor.core import budget
from conductor.core.questions import about, ask, items
from conductor.core.rules import checks
from conductor.core.state import Target, TaskState
from conductor.core.steps.effects import FIX, REVIEW, TESTS, attempt_key
from conductor.core.targets import in_module, target_of
from conductor.events import AgentRequested, Body, CheckSpec, ChecksRequested, CollectRequested, QuestionAsked
from conductor.plan.model import Phase


class Standing(Enum):
    """Where a target stands when there is nothing to request for it."""

    BUSY = "something is under way, or a person or a client is awaited"
    PROVEN = "every blocking check passed on its commit, and the review where one is due"
    FAILING = "something failed; a fix may be tried"
    UNAVAILABLE = "a tool, a check's end or a review is missing; no fixer can mend that"


Next = Body | Standing


def busy(state: TaskState, phase: str | None, module: str | None) -> bool:
    """Whether an effect on this target is open. An effect on the merged tree concerns the whole phase."""
    alone = in_module(state, phase, module)
    return any(o.request.phase == phase and (o.request.module == module or not alone) for o in state.open.values())


def agent(
    state: TaskState,
    role: str,
    phase: str | None,
    module: str | None,
    *,
    because: tuple[str, ...] = (),
    hint: str = "",
) -> Next:
    """Ask for an agent's next attempt. In assisted driving nobody is asked: the client's report is awaited."""
    if state.driver == "assisted":
        return Standing.BUSY
    allowance = budget.allowance(state, phase, _peers(state, phase))
    if nothing := budget.exhausted(allowance):
        asked = any(a.question.kind == "budget" for a in state.questions.values())
        return Standing.BUSY if asked else _out_of_budget(state, role, phase, module, nothing)
    attempt = state.attempts.get(attempt_key(role, phase, module), 0) + 1
    return AgentRequested(
        effect=":".join((phase or "all", module or "-", role, str(attempt))),
        phase=phase,
        module=module,
        role=role,
        attempt=attempt,
        because=because,
        hint=hint,
        allowance=allowance,
    )


def _peers(state: TaskState, phase: str | None) -> int:
    """How many agents of a phase are still to be asked for a first time; at least one."""
    if phase is None:
        return 1
    begun = {o.request.module for o in state.open.values() if isinstance(o.request, AgentRequested)}
    modules = state.phases[phase].modules.items()
    return max(1, sum(1 for name, m in modules if not m.target.verdict and not m.merged and name not in begun))


def _out_of_budget(
    state: TaskState, role: str, phase: str | None, module: str | None, nothing: tuple[str, ...]
) -> QuestionAsked:
    where = f"phase {phase}" + (f", {module}" if module else "") if phase else "the whole"
    text = f"Nothing is left of the budget for {role} on {where}: {', '.join(nothing)}. Extend it by its own amount?"
    return ask(state, "budget", text, phase, module)


def collect(state: TaskState, phase: str | None, module: str | None) -> CollectRequested | None:
    """Assisted driving: what the client reported as done is committed by us before anything is checked."""
    target = target_of(state, phase, module)
    if not target.collecting:
        return None
    return CollectRequested(
        effect=f"{phase or 'all'}:{module or '-'}:collect:{state.version}",
        phase=phase,
        module=module,
        role=target.collecting,
    )


def examine(state: TaskState, phase: Phase | None, module: str | None, suite: tuple[CheckSpec, ...]) -> Next:
    """From a commit to a verdict: request what is missing, else say where the target stands."""
    number = phase.number if phase else None
    target = target_of(state, number, module)
    if busy(state, number, module):
        return Standing.BUSY
    if collecting := collect(state, number, module):
        return collecting
    if not checks.all_observed(target, suite):
        return _request_checks(state, number, module, target, suite)
    failing = checks.failing(target)
    unfinished = {c.key for c in failing if c.unfinished}
    if False:
        again = tuple(spec for spec in suite if spec.key in unfinished)
        return _request_checks(state, number, module, target, again, again=True)
    if unfinished or any(c.status == "unavailable" for c in failing):
        return Standing.UNAVAILABLE
    if failing or target.overruled or target.verdict not in ("PASS", ""):
        return Standing.FAILING
    if not checks.any_passed(target):
        return Standing.UNAVAILABLE
    untested = any(c.kind == "tested" and c.status == "failed" for c in target.checks.values())
    if untested and not target.tests_asked:
        return agent(state, TESTS, number, module, because=("tested",))
    if module is None and checks.needs_review(state, phase):
        return _review(state, number, target)
    return Standing.PROVEN


def fix(state: TaskState, phase: str | None, module: str | None) -> Next:
    """The next fix-executor run for a failing target; FAILING for good when its tries are used up."""
    target = target_of(state, phase, module)
    if target.fixes >= state.settings.fix_tries:
        return Standing.FAILING
    hint = target.hint or (state.phases[phase].hint if phase is not None else state.hint)
    return agent(state, FIX, phase, module, because=reasons(target), hint=hint)


def reasons(target: Target) -> tuple[str, ...]:
    """What is wrong with a target, in words: failed checks, a review's points, an agent's own word."""
    said = tuple(f"{c.key}: {c.summary}" for c in checks.failing(target))
    if target.review == "blocking":
        said += tuple(f"review: {point}" for point in target.blocking)
    said += tuple(f"overruled: {ruling}" for ruling in target.overruled)
    if target.review == "missing":
        said += ("review: no readable review was given",)
    if target.verdict not in ("PASS", ""):
        said += (f"the agent's verdict: {target.verdict} {target.says}".strip(),)
    return said


def unjudged(state: TaskState, phase: str | None, module: str | None) -> QuestionAsked:
    """A missing tool is a person's to install; what ends checks, and a review that never comes, theirs to look into."""
    target = target_of(state, phase, module)
    unfinished = "; ".join(f"{c.key}: {c.summary}" for c in checks.failing(target) if c.unfinished)
    if unfinished and not any(c.status == "unavailable" for c in checks.failing(target)):
        text = f"Something other than the work ended its checks, again when they were repeated: {unfinished}. "
        answers = "`retry` runs them once more; `fail` takes them for failed work, which a fixer is to mend."
        return ask(state, "check", text + answers, phase, module)
    missing = [f"{c.key}: {c.summary}" for c in checks.failing(target) if c.status in ("unavailable", "unfinished")]
    if not missing and not checks.any_passed(target):
        missing.append("no check applies to it")
    if target.review == "missing":
        missing.append(f"review: code-reviewer gave no readable review in {target.reviews_missing} runs")
    return ask(state, "tool", about("The work cannot be judged here", items(missing)), phase, module)


def _request_checks(
    state: TaskState,
    phase: str | None,
    module: str | None,
    target: Target,
    suite: tuple[CheckSpec, ...],
    *,
    again: bool = False,
) -> ChecksRequested:
    return ChecksRequested(
        effect=f"{phase or 'all'}:{module or '-'}:checks:{state.version}",
        phase=phase,
        module=module,
        commit=target.commit,
        since=target.start,
        checks=suite,
        again=again,
    )


def _review(state: TaskState, phase: str | None, target: Target) -> Next:
    if target.review == "passed":
        return Standing.PROVEN
    if target.review == "blocking":
        return Standing.FAILING
    if target.reviews_missing > state.settings.fix_tries:
        return Standing.UNAVAILABLE
    return agent(state, REVIEW, phase, None)
