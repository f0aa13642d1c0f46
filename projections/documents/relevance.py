"""Which rulings and findings are relevant to an agent: by its phase, its module, and what it builds on. Pure."""

from __future__ import annotations

from conductor.core.state import Ruling, TaskState
from conductor.events import AgentRequested
from conductor.plan.model import Module, Phase
from projections.documents.findings import FINAL, FINDING_KINDS, Entry, Findings, Source, Work
from projections.documents.ranking import Rank, places, rank_of


def rulings(state: TaskState, request: AgentRequested) -> tuple[Ruling, ...]:
    """The rulings that an agent has to know, in their order."""
    return tuple(r for r in state.rulings if _ruled(state, r, request))


def news(state: TaskState, request: AgentRequested, since_version: int) -> tuple[str, ...]:
    """The texts of rulings, amendments and answers after `since_version` that an agent at work has to know."""
    return tuple(r.text for r in rulings(state, request) if r.version > since_version)


def relevant_findings(state: TaskState, findings: Findings, request: AgentRequested) -> list[Entry]:
    """The findings that an agent has to know, heaviest first, without obsolete ones and details of others."""
    phase = state.planned(request.phase) if request.phase is not None else None
    module = module_of(phase, request.module)
    order = list(Rank)
    wanted = [
        e
        for e in findings.entries
        if e.kind in FINDING_KINDS and not e.obsolete and places(e) and _found(state, e, phase, module)
    ]
    return sorted(wanted, key=lambda e: order.index(rank_of(e)))


def needed(state: TaskState, findings: Findings, request: AgentRequested) -> list[Work]:
    """What an agent builds on: the work of the phases and modules that its own phase or module depends on."""
    phase = state.planned(request.phase) if request.phase is not None else None
    if phase is None:
        return []
    module = module_of(phase, request.module)
    modules = set(module.depends_on) if module else {m.name for m in phase.modules}
    before = _before(state, phase)
    return [w for w in findings.work if w.phase in before or (w.phase == phase.number and w.module in modules)]


def module_of(phase: Phase | None, name: str | None) -> Module | None:
    """The module; None if the phase has only one, or the whole phase is meant."""
    return next((m for m in phase.modules if m.name == name), None) if phase and len(phase.modules) > 1 else None


def _ruled(state: TaskState, ruling: Ruling, request: AgentRequested) -> bool:
    """Amendments and rulings on the whole are for every agent; an agent that works on the whole gets all rulings."""
    if ruling.amended or request.phase is None or ruling.phase is None:
        return True
    own = {request.phase, *_names(state, request)}
    if own & set(ruling.affects):
        return True
    return ruling.phase == request.phase and (ruling.module is None or ruling.module in own or request.module is None)


def _names(state: TaskState, request: AgentRequested) -> set[str]:
    if request.module is not None:
        return {request.module}
    return {m.name for m in state.planned(request.phase).modules} if request.phase is not None else set()


def _found(state: TaskState, entry: Entry, phase: Phase | None, module: Module | None) -> bool:
    rank = rank_of(entry)
    if phase is None or rank in (Rank.CORE, Rank.PATTERN):
        return phase is not None or rank is not Rank.MINOR
    if any(_own(s, phase, module) for s in entry.live) or _mentions(entry, phase, module):
        return True
    if rank is Rank.MINOR:
        return False
    before = _before(state, phase)
    depends = module.depends_on if module else ()
    return any(
        s.phase in ("", FINAL) or s.phase in before or (s.phase == phase.number and s.module in depends)
        for s in entry.live
    )


def _own(source: Source, phase: Phase, module: Module | None) -> bool:
    return source.phase == phase.number and (module is None or source.module in ("", module.name))


def _before(state: TaskState, phase: Phase) -> set[str]:
    """The phases that a phase builds on: those it names, or all before it if it names none."""
    numbers = [p.number for p in state.plan.phases]
    return set(phase.depends_on or numbers[: numbers.index(phase.number)])


def _mentions(entry: Entry, phase: Phase, module: Module | None) -> bool:
    """Whether the entry names a file that the agent is to write."""
    files = (module.expected_files if module else ()) or phase.expected_files
    said = "\n".join((entry.title, entry.text, *entry.details.values()))
    return any(path in said for path in files)
