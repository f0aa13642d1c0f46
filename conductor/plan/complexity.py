"""How large a plan is, as a score from 0 to 100. Pure arithmetic over counts in the plan."""

from __future__ import annotations

import msgspec

from conductor.languages import LANGUAGE_OF
from conductor.plan.model import Plan


class Factor(msgspec.Struct, frozen=True, gc=False):
    """One term of the score: `count` of `name`, worth `points`, at most `most`."""

    name: str
    count: int
    points: float
    most: float


def explain(plan: Plan) -> tuple[Factor, ...]:
    """The terms of the score, which add up to at most 100; none decreases as its count grows.

    Files 0.5 each up to 50, modules 2 each up to 30, phases 1.5 each up to 10, dependencies (of modules and of phases)
    0.5 each up to 5, languages beyond the first (by file extension) 2 each up to 5. Files and modules weigh most
    because they are the agents' work.
    """
    modules = [module for phase in plan.phases for module in phase.modules]
    files = {*plan.files, *(path for phase in plan.phases for path in phase.expected_files)}
    needs = sum(len(phase.depends_on) for phase in plan.phases) + sum(len(module.depends_on) for module in modules)
    languages = {LANGUAGE_OF.get(path.rsplit(".", 1)[-1].lower()) for path in files} - {None}
    return (
        _factor("files", len(files), 0.5, 50),
        _factor("modules", len(modules), 2, 30),
        _factor("phases", len(plan.phases), 1.5, 10),
        _factor("dependencies", needs, 0.5, 5),
        _factor("further languages", max(0, len(languages) - 1), 2, 5),
    )


def score(plan: Plan) -> int:
    """0 to 100: the sum of the points from `explain`, rounded half up."""
    return int(sum(factor.points for factor in explain(plan)) + 0.5)


def _factor(name: str, count: int, each: float, most: float) -> Factor:
    return Factor(name, count, min(count * each, most), most)
