"""What changed between two readings of a specification, phase by phase. Pure; decides nothing."""

from __future__ import annotations

import msgspec

from conductor.plan.model import Criterion, Phase, Plan

replace = msgspec.structs.replace


class Changes(msgspec.Struct, frozen=True):
    """Phase numbers, in their plan's order. `changed`: in both plans, but different."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        return not (self.added or self.removed or self.changed)


def compare(old: Plan, new: Plan) -> Changes:
    """Phases are matched by number. One has changed if the text of its section, or what was read from it, differs."""
    was = {p.number: p for p in old.phases}
    now = {p.number: p for p in new.phases}
    return Changes(
        added=tuple(n for n in now if n not in was),
        removed=tuple(n for n in was if n not in now),
        changed=tuple(n for n, phase in now.items() if n in was and _content(phase) != _content(was[n])),
    )


def _content(phase: Phase) -> Phase:
    """The phase without line numbers, which move when text is added above, and without progress marks."""
    criteria = tuple(Criterion(c.id, c.text, proofs=c.proofs) for c in phase.success_criteria)
    modules = tuple(replace(m, line=0) for m in phase.modules)
    return replace(phase, success_criteria=criteria, modules=modules, lines=(0, 0), status="", duration=None)
