"""Decomposes a plan that is too large for one task into subplans, along its dependencies. Pure and deterministic.

The unit is a phase. A large phase whose modules fall into groups that do not depend on each other is split between
those groups; chains of small units are joined. What is already done, and what belongs to a split phase as a whole,
stays with the task itself: see `remainder`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from conductor.plan.complexity import score
from conductor.plan.model import Criterion, Module, Phase, Plan, Subplan

SUBTASKS = "subtasks"  # the number of the phase that represents all subplans
LIMIT = 60  # characters of a subplan's name

Selection = dict[str, tuple[str, ...]]  # phase number -> names of the selected modules
replace = msgspec.structs.replace


class _Whole(msgspec.Struct, frozen=True):
    """The plan to decompose; `limit` is the complexity that its subplans stay below if possible."""

    plan: Plan
    phases: dict[str, Phase]
    limit: int


class _Unit(msgspec.Struct):
    """`needs` and `leads` are the indices of the units that it depends on and that depend on it."""

    selection: Selection
    needs: set[int]
    leads: set[int]


def decompose(plan: Plan, above: int) -> tuple[Subplan, ...]:
    """The subplans, each after those it depends on; empty if the plan cannot be decomposed.

    `above` is the complexity above which a plan is decomposed; phases are split, and units joined, to half of that.
    """
    whole = _Whole(plan, {phase.number: phase for phase in plan.phases}, above // 2)
    units = _joined(whole, _units(whole))
    if len(units) < 2:
        return ()
    names = dict(zip(units, _names(whole, [unit.selection for unit in units.values()]), strict=True))
    return tuple(
        Subplan(names[n], _selected(whole, unit.selection, names[n]), tuple(names[need] for need in sorted(unit.needs)))
        for n, unit in units.items()
    )


def remainder(plan: Plan, subplans: tuple[Subplan, ...]) -> Plan:
    """What the task itself does once `plan` is decomposed: one phase, whose modules are the subplans.

    It merges them, and checks on the whole what cannot be checked on a single subplan.
    """
    taken = {p.number: len(p.modules) for subplan in subplans for p in subplan.plan.phases}
    split = [p for p in plan.phases if taken.get(p.number, len(p.modules)) < len(p.modules)]
    commands = _unique(c for p in split for c in p.test_commands)
    in_subplans = {f for subplan in subplans for p in subplan.plan.phases for f in _files(p)}
    whole = Phase(
        SUBTASKS,
        "Subtasks",
        tuple(as_module(subplan) for subplan in subplans),
        mode="worktrees",
        success_criteria=tuple({c.id: c for p in split for c in _criteria(p, commands)}.values()),
        test_commands=commands,
        expected_files=tuple(f for f in _unique(f for p in split for f in p.expected_files) if f not in in_subplans),
        allows_stubs=any(p.allows_stubs for subplan in subplans for p in subplan.plan.phases),
    )
    return replace(plan, phases=(*(p for p in plan.phases if p.number not in taken), whole))


def as_module(subplan: Subplan, without: tuple[str, ...] = ()) -> Module:
    """A subplan as a module of the parent's phase, with all its files and commands but those of phases in `without`."""
    phases = tuple(p for p in subplan.plan.phases if p.number not in without)
    return Module(
        subplan.name,
        subplan.depends_on,
        goals=_unique(g for p in subplan.plan.phases for g in p.goals),
        expected_files=_unique(f for p in phases for f in _files(p)),
        test_commands=replace(subplan.plan, phases=phases).commands(),
    )


# ---- units -------------------------------------------------------------------------------------------------------


def _units(whole: _Whole) -> dict[int, _Unit]:
    """The smallest units and their direct dependencies; those implied by others are left out."""
    units: dict[int, _Unit] = {}
    places: dict[str, list[int]] = {}  # phase number -> its units
    before: dict[int, int] = {}  # unit -> everything it depends on, as a bit set
    declared = any(phase.depends_on for phase in whole.plan.phases)
    previous: list[str] = []
    for phase in whole.plan.phases:
        if phase.status == "done":
            continue
        after = [n for n in phase.depends_on if n in places] if declared else previous
        direct = {place for number in after for place in places[number]}
        indirect = 0
        for place in direct:
            indirect |= before[place]
        needs = {place for place in direct if not indirect >> place & 1}
        places[phase.number] = []
        for names in _groups(whole, phase):
            place = len(units)
            units[place] = _Unit({phase.number: names}, set(needs), set())
            places[phase.number].append(place)
            before[place] = indirect | sum(1 << n for n in direct)
            for need in needs:
                units[need].leads.add(place)
        previous = [phase.number]
    return units


def _groups(whole: _Whole, phase: Phase) -> list[tuple[str, ...]]:
    """The modules of a phase that are built together: all of them, or as many as fit."""
    groups = _components(phase)
    if len(groups) == 1 or _small(whole, {phase.number: _every(phase)}):
        return [_every(phase)]
    packed = groups[:1]
    for group in groups[1:]:
        together = tuple(m.name for m in phase.modules if m.name in {*packed[-1], *group})
        if _small(whole, {phase.number: together}):
            packed[-1] = together
        else:
            packed.append(group)
    return packed


def _components(phase: Phase) -> list[tuple[str, ...]]:
    """Groups of modules with no dependencies between groups, in the order of their first modules."""
    group = {module.name: {module.name} for module in phase.modules}
    for module in phase.modules:
        for need in module.depends_on:
            one, other = sorted((group[module.name], group[need]), key=len)
            if one is not other:
                other |= one
                group.update(dict.fromkeys(one, other))
    found = {id(names): names for names in (group[m.name] for m in phase.modules)}
    return [tuple(m.name for m in phase.modules if m.name in names) for names in found.values()]


def _joined(whole: _Whole, units: dict[int, _Unit]) -> dict[int, _Unit]:
    """Joins chains of units as long as the result stays small."""
    for place in list(units):
        while place in units and len(units[place].leads) == 1:
            (following,) = units[place].leads
            one, other = units[place], units[following]
            selection = {**one.selection, **other.selection}
            if len(other.needs) > 1 or not _small(whole, selection):
                break
            units[place] = _Unit(selection, one.needs, other.leads)
            for lead in other.leads:
                units[lead].needs = (units[lead].needs - {following}) | {place}
            del units[following]
    return units


def _small(whole: _Whole, selection: Selection) -> bool:
    return _selected(whole, selection, "").complexity < whole.limit


# ---- subplans ----------------------------------------------------------------------------------------------------


def _selected(whole: _Whole, selection: Selection, name: str) -> Plan:
    """The plan of a subplan. What the document says about the whole stays with the parent."""
    phases = []
    for number, names in selection.items():
        phase = whole.phases[number]
        taken = phase if len(names) == len(phase.modules) else _share(phase, names)
        phases.append(replace(taken, depends_on=tuple(n for n in phase.depends_on if n in selection)))
    subplan = replace(
        whole.plan,
        title=f"{whole.plan.title}: {name}",
        phases=tuple(phases),
        success_criteria=(),
        files=(),
        end_to_end=None,
        warnings=(),
    )
    return replace(subplan, complexity=score(subplan))


def _share(phase: Phase, names: tuple[str, ...]) -> Phase:
    """The phase reduced to some of its modules."""
    modules = tuple(m for m in phase.modules if m.name in names)
    own = _unique(g for m in modules for g in m.goals)
    return replace(
        phase,
        modules=modules,
        goals=own if all(m.goals for m in modules) else _unique((*own, *phase.goals)),
        mode="worktrees" if len(modules) > 1 else "direct",
        success_criteria=(),
        test_commands=_unique(c for m in modules for c in m.test_commands),
        expected_files=_unique(f for m in modules for f in m.expected_files),
    )


def _names(whole: _Whole, selections: list[Selection]) -> Iterator[str]:
    """A unique name for each subplan: from its modules, its phase, or its first and last phase."""
    used: set[str] = set()
    for n, selection in enumerate(selections, 1):
        first, last = whole.phases[next(iter(selection))], whole.phases[next(reversed(selection))]
        if len(selection) > 1:
            name = f"{first.name} to {last.name}"
        elif len(selection[first.number]) < len(first.modules):
            name = ", ".join(selection[first.number])
        else:
            name = first.name
        name = name if len(name) <= LIMIT else name[: LIMIT - 1].rstrip(" ,") + "…"
        while name in used:
            name = f"{name} ({n})"
        used.add(name)
        yield name


def _criteria(phase: Phase, commands: tuple[str, ...]) -> Iterator[Criterion]:
    """The phase's criteria, with `tests:<n>` renumbered for the commands of all split phases."""
    for criterion in phase.success_criteria:
        yield replace(
            criterion, proofs=tuple(_renumbered(key, phase.test_commands, commands) for key in criterion.proofs)
        )


def _renumbered(key: str, own: tuple[str, ...], commands: tuple[str, ...]) -> str:
    kind, _, n = key.partition(":")
    return f"tests:{commands.index(own[int(n)])}" if kind == "tests" and n.isdigit() and int(n) < len(own) else key


def _files(phase: Phase) -> tuple[str, ...]:
    return _unique((*phase.expected_files, *(f for m in phase.modules for f in m.expected_files)))


def _every(phase: Phase) -> tuple[str, ...]:
    return tuple(module.name for module in phase.modules)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
