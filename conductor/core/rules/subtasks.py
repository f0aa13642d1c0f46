"""A plan that is too large for one task: decomposed into subplans, each built by a subtask and merged as it ends.

A subplan that waits for a person, or was abandoned, holds back only those that depend on it.
"""

from __future__ import annotations

from conductor.core.names import slug
from conductor.core.questions import ask, asked
from conductor.core.rules.merging import merge, unresolved_conflict
from conductor.core.rules.target import busy
from conductor.core.rules.verdict import WAIT, Conclusion, Verdict, Wait
from conductor.core.state import ModuleState, PhaseState, Subtask, TaskState
from conductor.events import Amendment, QuestionAsked, SubtaskNewsRequested, SubtaskRequested, Target, TaskDecomposed
from conductor.ids import Branch
from conductor.plan.decompose import SUBTASKS, as_module, decompose, remainder
from conductor.plan.model import Phase, Subplan

BRANCH = 40  # characters of a subplan's name in its branch


def decomposed(state: TaskState) -> TaskDecomposed | None:
    """The decomposition of a plan above the threshold. In assisted driving the client divides the work itself."""
    above = state.settings.decompose_above
    if state.driver != "conductor" or state.subplans or state.plan.complexity <= above:
        return None
    subplans = decompose(state.plan, above)
    return TaskDecomposed(subplans, remainder(state.plan, subplans)) if subplans else None


def build(state: TaskState, plan: Phase, phase: PhaseState) -> Conclusion:
    """What the subplans need next. PROVEN: all are merged; FAILING: one cannot be, and nothing else can proceed."""
    turn = _turn(state, phase)
    found: list[Verdict | Wait | None] = []
    for module in plan.modules:
        step = _next(state, plan, phase, module.name, turn)
        if isinstance(step, Verdict | Wait | None):
            found.append(step)
        else:
            return step
    if all(s is Verdict.PROVEN for s in found):
        return Verdict.PROVEN
    return Verdict.FAILING if Verdict.FAILING in found and WAIT not in found else WAIT


def unmergeable(state: TaskState, phase: PhaseState) -> str:
    """The subplan whose conflict was not resolved."""
    return next(name for name, part in phase.modules.items() if not part.merged and unresolved_conflict(state, part))


def waiting(state: TaskState) -> tuple[Subtask, ...]:
    """The subtasks that wait for a person."""
    return tuple(part.subtask for part in _building(state).values() if _waits(part))


def under_way(state: TaskState) -> dict[str, Subtask]:
    """The subtasks that were requested and have not ended, including waiting ones, by their subplan."""
    return {name: part.subtask for name, part in _building(state).items() if _goes_on(part)}


def news(state: TaskState) -> SubtaskNewsRequested | None:
    """The next amendment that a running subtask has to be sent; one at a time."""
    due = {name: s for name, s in under_way(state).items() if s.id not in _being_informed(state)}
    for name, subtask in due.items():
        origin = {here for key, here in state.received_amendments.items() if key.rpartition("/")[0] == subtask.id}
        subplan = next(subplan for subplan in state.subplans if subplan.name == name)
        for amendment in state.amendments[state.sent_amendments.get(subtask.id, 0) :]:
            if amendment.id not in origin and _affects(state, amendment, subplan):
                return SubtaskNewsRequested(
                    effect=Target(SUBTASKS, name).effect("news", state.version),
                    phase=SUBTASKS,
                    module=name,
                    subtask=subtask.id,
                    amendment=amendment,
                )
    return None


def task_id(state: TaskState, name: str) -> str:
    """The id of the task for a subplan: `parent.2`, or `parent.2r1` after a restart."""
    place = next(n for n, subplan in enumerate(state.subplans, 1) if subplan.name == name)
    again = state.restarts.get(name, 0)
    return f"{state.id}.{place}" + (f"r{again}" if again else "")


def needed(state: TaskState) -> frozenset[str]:
    """The ids of the subtasks that are still wanted."""
    return frozenset(task_id(state, subplan.name) for subplan in state.subplans if state.status != "abandoned")


def _building(state: TaskState) -> dict[str, ModuleState]:
    """The subplans, while they are built."""
    phase = state.phases.get(SUBTASKS)
    if not state.subplans or phase is None or phase.status not in ("building", "restoring"):
        return {}
    return phase.modules


def _being_informed(state: TaskState) -> set[str]:
    return {o.request.subtask for o in state.open.values() if isinstance(o.request, SubtaskNewsRequested)}


def _affects(state: TaskState, amendment: Amendment, subplan: Subplan) -> bool:
    """Whether an amendment touches what a subplan builds, or phases that may still come there.

    It affects all of them if it names nothing that belongs to any subplan.
    """
    affected = set(amendment.affects)
    if len(subplan.plan.phases) > 1 or not any(affected & _names(other) for other in state.subplans):
        return True
    said = f"{amendment.old}\n{amendment.new}"
    return bool(affected & _names(subplan)) or any(file in said for file in as_module(subplan).expected_files)


def _names(subplan: Subplan) -> set[str]:
    """The names that an agent may use for the subplan or for something in it."""
    named = {subplan.name}
    for phase in subplan.plan.phases:
        named |= {phase.number, phase.name, *(m.name for m in phase.modules)}
    return named.union(as_module(subplan).expected_files)


def _next(state: TaskState, plan: Phase, phase: PhaseState, name: str, turn: str) -> Conclusion | None:
    """A subplan's next step; None: others hold it back, or its subtask waits for a person's answer."""
    part = phase.modules[name]
    if _settled(part):
        return Verdict.PROVEN
    if busy(state, Target(plan.number, name)) or asked(state, Target(plan.number, name)):
        return WAIT
    if part.target.commit:
        if unresolved_conflict(state, part):
            return Verdict.FAILING
        return merge(state, plan, phase, name) if turn == name else None
    if _waits(part) or not all(_settled(phase.modules[need]) for need in plan.module(name).depends_on):
        return None
    if part.subtask.status == "abandoned":
        return _ask(state, plan, name, part)
    return _request(state, plan, name)


def _turn(state: TaskState, phase: PhaseState) -> str:
    """The subplan that may be merged now: one at a time, and one whose merge has started comes first."""
    ready = [
        n for n, p in phase.modules.items() if p.target.commit and not _settled(p) and not unresolved_conflict(state, p)
    ]
    return next((n for n in ready if phase.modules[n].merge_tries), ready[0] if ready else "")


def _settled(part: ModuleState) -> bool:
    return part.merged or part.subtask.skipped


def _goes_on(part: ModuleState) -> bool:
    started = part.subtask.id and part.subtask.status != "abandoned"
    return bool(started) and not part.target.commit and not _settled(part)


def _waits(part: ModuleState) -> bool:
    return _goes_on(part) and bool(part.subtask.status)


def _request(state: TaskState, plan: Phase, name: str) -> Conclusion:
    """At most as many subtasks at once as can have an agent each; together they keep to the limit."""
    limit = state.settings.parallel
    concurrent = min(limit, max(map(len, plan.waves())))
    if sum(isinstance(o.request, SubtaskRequested) for o in state.open.values()) >= concurrent:
        return WAIT
    subtask = task_id(state, name)
    return SubtaskRequested(
        effect=Target(plan.number, name).effect("subtask", state.version),
        phase=plan.number,
        module=name,
        subtask=subtask,
        base=state.head,
        branch=Branch(f"{state.branch}.s{subtask.rpartition('.')[2]}-{slug(name)[:BRANCH].strip('-')}"),
        parallel=limit // concurrent,
    )


def _ask(state: TaskState, plan: Phase, name: str, part: ModuleState) -> QuestionAsked:
    text = f"The subtask {part.subtask.id} ({name}) was abandoned. Begin another for it, or go on without it?"
    return ask(state, "subtask", text, Target(plan.number, name))
