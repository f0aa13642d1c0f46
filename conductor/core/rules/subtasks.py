"""A plan that is too large for one task: cut into parts, each built by a subtask, and merged as it ends.

A part that waits for a person, or was abandoned, holds back only those that depend on it.
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

BRANCH = 40  # characters of a part's name in its branch


def decomposed(state: TaskState) -> TaskDecomposed | None:
    """The parts of a plan above the threshold. In assisted driving a client cuts its work as it likes."""
    above = state.settings.decompose_above
    if state.driver != "conductor" or state.subplans or state.plan.complexity <= above:
        return None
    subplans = decompose(state.plan, above)
    return TaskDecomposed(subplans, remainder(state.plan, subplans)) if subplans else None


def build(state: TaskState, plan: Phase, phase: PhaseState) -> Conclusion:
    """What the parts need next. PROVEN: all are merged; FAILING: one cannot be, and nothing else can go on."""
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
    """The part whose conflict was not resolved."""
    return next(name for name, part in phase.modules.items() if not part.merged and unresolved_conflict(state, part))


def waiting(state: TaskState) -> tuple[Subtask, ...]:
    """The subtasks that wait for a person."""
    return tuple(part.subtask for part in _building(state).values() if _waits(part))


def under_way(state: TaskState) -> dict[str, Subtask]:
    """The subtasks that were asked for and have not ended, by their part; those that wait are among them."""
    return {name: part.subtask for name, part in _building(state).items() if _goes_on(part)}


def news(state: TaskState) -> SubtaskNewsRequested | None:
    """The next word that is due to a subtask under way: what was amended since it began, one at a time."""
    due = {name: s for name, s in under_way(state).items() if s.id not in _being_told(state)}
    for name, subtask in due.items():
        origin = {here for key, here in state.received_amendments.items() if key.rpartition("/")[0] == subtask.id}
        part = next(part for part in state.subplans if part.name == name)
        for amendment in state.amendments[state.sent_amendments.get(subtask.id, 0) :]:
            if amendment.id not in origin and _concerns(state, amendment, part):
                return SubtaskNewsRequested(
                    effect=Target(SUBTASKS, name).effect("news", state.version),
                    phase=SUBTASKS,
                    module=name,
                    subtask=subtask.id,
                    amendment=amendment,
                )
    return None


def task_id(state: TaskState, name: str) -> str:
    """The id of the task for a part: `parent.2`, and where another was begun for it, `parent.2r1`."""
    place = next(n for n, part in enumerate(state.subplans, 1) if part.name == name)
    again = state.restarts.get(name, 0)
    return f"{state.id}.{place}" + (f"r{again}" if again else "")


def needed(state: TaskState) -> frozenset[str]:
    """The ids of the tasks that build its parts, as far as anybody still wants that."""
    return frozenset(task_id(state, part.name) for part in state.subplans if state.status != "abandoned")


def _building(state: TaskState) -> dict[str, ModuleState]:
    """The parts, while they are built."""
    phase = state.phases.get(SUBTASKS)
    if not state.subplans or phase is None or phase.status not in ("building", "restoring"):
        return {}
    return phase.modules


def _being_told(state: TaskState) -> set[str]:
    return {o.request.subtask for o in state.open.values() if isinstance(o.request, SubtaskNewsRequested)}


def _concerns(state: TaskState, amendment: Amendment, part: Subplan) -> bool:
    """Whether it touches what a part builds, or phases that may still be to come there.

    It is everybody's unless it says what it affects. What one names that is no part's, nobody can place.
    """
    affected = set(amendment.affects)
    if len(part.plan.phases) > 1 or not any(affected & _names(other) for other in state.subplans):
        return True
    said = f"{amendment.old}\n{amendment.new}"
    return bool(affected & _names(part)) or any(file in said for file in as_module(part).expected_files)


def _names(part: Subplan) -> set[str]:
    """What an agent may call it, or something in it."""
    named = {part.name}
    for phase in part.plan.phases:
        named |= {phase.number, phase.name, *(m.name for m in phase.modules)}
    return named.union(as_module(part).expected_files)


def _next(state: TaskState, plan: Phase, phase: PhaseState, name: str, turn: str) -> Conclusion | None:
    """One part's next step; None: it is held back by others, or waits for a person who answers it elsewhere."""
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
    """The part that may be merged now: only one at a time, and one that was begun first."""
    ready = [
        n for n, p in phase.modules.items() if p.target.commit and not _settled(p) and not unresolved_conflict(state, p)
    ]
    return next((n for n in ready if phase.modules[n].merge_tries), ready[0] if ready else "")


def _settled(part: ModuleState) -> bool:
    return part.merged or part.subtask.skipped


def _goes_on(part: ModuleState) -> bool:
    begun = part.subtask.id and part.subtask.status != "abandoned"
    return bool(begun) and not part.target.commit and not _settled(part)


def _waits(part: ModuleState) -> bool:
    return _goes_on(part) and bool(part.subtask.status)


def _request(state: TaskState, plan: Phase, name: str) -> Conclusion:
    """At most as many at once as have an agent each: together they keep to the limit."""
    limit = state.settings.parallel
    abreast = min(limit, max(map(len, plan.waves())))
    if sum(isinstance(o.request, SubtaskRequested) for o in state.open.values()) >= abreast:
        return WAIT
    subtask = task_id(state, name)
    return SubtaskRequested(
        effect=Target(plan.number, name).effect("subtask", state.version),
        phase=plan.number,
        module=name,
        subtask=subtask,
        base=state.head,
        branch=Branch(f"{state.branch}.s{subtask.rpartition('.')[2]}-{slug(name)[:BRANCH].strip('-')}"),
        parallel=limit // abreast,
    )


def _ask(state: TaskState, plan: Phase, name: str, part: ModuleState) -> QuestionAsked:
    text = f"The subtask {part.subtask.id} ({name}) was abandoned. Begin another for it, or go on without it?"
    return ask(state, "subtask", text, Target(plan.number, name))
