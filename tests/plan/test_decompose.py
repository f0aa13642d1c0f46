"""Plans that are cut: every part in its place once, nothing lost, nothing before what it depends on."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.plan.complexity import score
from conductor.plan.decompose import SUBTASKS, decompose, remainder
from conductor.plan.graph import waves
from conductor.plan.model import Criterion, Module, Phase, Plan, Subplan

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to eight phases of up to six modules, with files, commands, criteria, and dependencies backwards."""
    declared = draw(st.booleans())
    phases = []
    for n in range(draw(st.integers(1, 8))):
        count = draw(st.integers(1, 6))
        modules = tuple(
            Module(
                f"m{i}",
                depends_on=tuple(f"m{d}" for d in draw(st.sets(st.integers(0, count - 1), max_size=2)) if d < i),
                goals=(f"goal {n}.{i}",) if draw(st.booleans()) else (),
                expected_files=tuple(f"{n}/{i}/{k}.py" for k in range(draw(st.integers(0, 12)))),
                test_commands=(f"test {n}.{i}",) if draw(st.booleans()) else (),
            )
            for i in range(count)
        )
        own = tuple(f"{n}/whole{k}.py" for k in range(draw(st.integers(0, 2))))
        commands = tuple(f"check {n}.{k}" for k in range(draw(st.integers(0, 3))))
        phases.append(
            Phase(
                str(n),
                draw(st.sampled_from(["Core", "Storage", f"Phase {n}"])),
                modules,
                goals=(f"goal {n}",),
                depends_on=tuple(str(d) for d in sorted(draw(st.sets(st.integers(0, 7), max_size=3))) if d < n)
                if declared
                else (),
                success_criteria=tuple(
                    Criterion(f"p{n}.c{k}", f"criterion {k}", proofs=(f"tests:{k}",)) for k in range(len(commands))
                ),
                test_commands=commands,
                expected_files=(*own, *(f for m in modules for f in m.expected_files)),
                status="done" if draw(st.integers(0, 7)) == 0 else "pending",
            )
        )
    plan = Plan("A plan", tuple(phases), success_criteria=(Criterion("doc.c1", "works"),), end_to_end="make e2e")
    return Plan(plan.title, plan.phases, success_criteria=plan.success_criteria, end_to_end="make e2e", complexity=90)


cuts = st.tuples(plans(), st.sampled_from([0, 10, 30, 80, 99])).map(lambda drawn: (*drawn, decompose(*drawn)))


def phases_of(parts: Iterable[Subplan]) -> list[Phase]:
    return [phase for part in parts for phase in part.plan.phases]


def files_of(phases: Iterable[Phase]) -> set[str]:
    return {f for p in phases for f in (*p.expected_files, *(f for m in p.modules for f in m.expected_files))}


@QUICK
@given(cuts)
def test_every_module_is_in_one_part_and_nothing_is_lost(drawn: tuple[Plan, int, tuple[Subplan, ...]]) -> None:
    plan, _, parts = drawn
    if not parts:
        return
    left = remainder(plan, parts)
    kept = [p for p in left.phases if p.number != SUBTASKS]
    built = [(p.number, m.name) for p in (*phases_of(parts), *kept) for m in p.modules]
    assert sorted(built) == sorted((p.number, m.name) for p in plan.phases for m in p.modules)
    assert [p.status for p in kept] == ["done"] * len(kept)
    assert len({part.name for part in parts}) == len(parts) > 1
    (whole,) = (p for p in left.phases if p.number == SUBTASKS)
    assert [m.name for m in whole.modules] == [part.name for part in parts]
    assert set(left.commands()) == set(plan.commands())
    assert files_of(left.phases) == files_of(plan.phases)
    criteria = [c.id for p in (*phases_of(parts), *left.phases) for c in p.success_criteria]
    assert sorted(criteria) == sorted(c.id for p in plan.phases for c in p.success_criteria)
    assert left.success_criteria == plan.success_criteria and left.end_to_end == plan.end_to_end
    assert not any(part.plan.end_to_end or part.plan.success_criteria for part in parts)


@QUICK
@given(cuts)
def test_nothing_is_built_before_what_it_depends_on(drawn: tuple[Plan, int, tuple[Subplan, ...]]) -> None:
    """By the parts' dependencies taken together, or by the order of phases within a part."""
    plan, _, parts = drawn
    waves({part.name: part.depends_on for part in parts})  # raises for a cycle
    before: dict[str, set[str]] = {}
    for part in parts:
        before[part.name] = set(part.depends_on).union(*(before[n] for n in part.depends_on))
    homes: dict[str, list[str]] = {}
    for part in parts:
        for phase in part.plan.phases:
            homes.setdefault(phase.number, []).append(part.name)
            assert set(phase.depends_on) <= {p.number for p in part.plan.phases}
            for module in phase.modules:
                assert set(module.depends_on) <= {m.name for m in phase.modules}
    declared = any(p.depends_on for p in plan.phases)
    previous: str | None = None
    for phase in (p for p in plan.phases if p.number in homes):
        needs = [n for n in phase.depends_on if n in homes] if declared else [previous] if previous else []
        for home in homes[phase.number]:
            for need in needs:
                assert all(h == home or h in before[home] for h in homes[need]), (phase.number, need)
        previous = phase.number
    for part in parts:
        numbers = [p.number for p in part.plan.phases]
        assert numbers == sorted(numbers)


@QUICK
@given(cuts)
def test_parts_are_small_where_they_can_be_and_always_the_same(drawn: tuple[Plan, int, tuple[Subplan, ...]]) -> None:
    plan, above, parts = drawn
    assert parts == decompose(plan, above)
    for part in parts:
        assert part.plan.complexity == score(part.plan)
        if part.plan.complexity >= max(above // 2, 1):
            assert len(part.plan.phases) == 1, "only what cannot be cut is as large as that"
            assert not decompose(part.plan, above) or len(part.plan.phases[0].modules) > 1
        assert decompose(part.plan, above) == () or part.plan.complexity < above // 2 or above == 0


@QUICK
@given(cuts)
def test_criteria_of_a_phase_that_was_cut_name_the_same_commands(drawn: tuple[Plan, int, tuple[Subplan, ...]]) -> None:
    plan, _, parts = drawn
    if not parts:
        return
    whole = remainder(plan, parts).phase(SUBTASKS)
    meant = {c.id: [p.test_commands[int(k[6:])] for k in c.proofs] for p in plan.phases for c in p.success_criteria}
    for criterion in whole.success_criteria:
        assert [whole.test_commands[int(k[6:])] for k in criterion.proofs] == meant[criterion.id]


def large(depends: bool) -> Plan:
    """A hundred files over fifteen modules, in three phases."""
    files = [f"src/f{n}.py" for n in range(100)]
    phases = []
    for n in range(3):
        modules = tuple(
            Module(f"m{n}{i}", (f"m{n}{i - 1}",) if depends and i else (), expected_files=tuple(files[5 * n + i :: 15]))
            for i in range(5)
        )
        phases.append(
            Phase(str(n), f"Phase {n}", modules, expected_files=tuple(f for m in modules for f in m.expected_files))
        )
    plan = Plan("Large", tuple(phases))
    return Plan("Large", tuple(phases), complexity=score(plan))


def test_a_hundred_files_over_fifteen_modules_are_cut_by_default() -> None:
    plan = large(depends=False)
    assert plan.complexity > 80
    parts = decompose(plan, 80)
    assert [p.name for p in parts] == ["Phase 0", "Phase 1", "Phase 2"]
    assert all(part.plan.complexity < 40 for part in parts)


def test_modules_that_depend_on_each_other_stay_together() -> None:
    one = Phase("1", "All", large(depends=True).phases[0].modules)
    assert decompose(Plan("One", (one,), complexity=100), 0) == ()


def test_a_phase_is_cut_between_modules_that_do_not_depend_on_each_other() -> None:
    modules = (Module("a"), Module("b", ("a",)), Module("c"), Module("d", ("c",)))
    plan = Plan("One", (Phase("1", "All", modules, test_commands=("make",)),), complexity=100)
    parts = decompose(plan, 0)
    assert [(p.name, p.depends_on) for p in parts] == [("a, b", ()), ("c, d", ())]
    assert [p.plan.phases[0].test_commands for p in parts] == [(), ()]
    assert remainder(plan, parts).phase(SUBTASKS).test_commands == ("make",)


def test_thousands_of_phases_are_cut_in_moments() -> None:
    phases = tuple(Phase(str(n), f"P{n}", (Module("m", expected_files=(f"f{n}",)),)) for n in range(5000))
    parts = decompose(Plan("Long", phases, complexity=100), 80)
    assert sum(len(part.plan.phases) for part in parts) == 5000


def test_what_follows_from_other_dependencies_is_no_dependency_of_a_part() -> None:
    needs = {"1": (), "2": ("1",), "3": ("1", "2"), "4": ("1", "3")}
    phases = tuple(Phase(n, f"P{n}", (Module("m"),), depends_on=after) for n, after in needs.items())
    parts = decompose(Plan("Chain", phases, complexity=100), 0)
    assert [p.depends_on for p in parts] == [(), ("P1",), ("P2",), ("P3",)]
