"""What a specification lacks for a good run: what cannot be proven, or what agents would have to guess. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conductor.plan.model import Module, Phase, Plan

MOST_GOALS = 25  # of one module; more is too much for one agent
_NOT_NAMED = "the agent has to guess where its work belongs"


class Lack(msgspec.Struct, frozen=True, gc=False):
    """`line` is 1-based, 0 for the whole document; `what` is missing or doubtful; `remedy` says what to write."""

    line: int
    what: str
    remedy: str


def lint(plan: Plan) -> tuple[Lack, ...]:
    """What is lacking, sorted by line. Phases that are already done are not inspected."""
    doubts = [Lack(warning.line, warning.message, "") for warning in plan.warnings]  # also of phases without goals
    lacks = [*_document(plan), *(lack for p in plan.phases if p.status != "done" for lack in _phase(p))]
    return tuple(sorted([*doubts, *lacks], key=lambda lack: lack.line))


def _document(plan: Plan) -> Iterator[Lack]:
    if not plan.mission:
        yield Lack(0, "no mission: agents are not told the purpose", "a `## Mission` of one or two sentences")
    if not plan.success_criteria:
        yield Lack(0, "no success criteria for the whole", "`## Success Criteria` that must hold at the end")
    if not plan.end_to_end:
        yield Lack(0, "no end-to-end test", "a line ``End-to-End Test: `command` ``")


def _phase(phase: Phase) -> Iterator[Lack]:
    line, name = phase.lines[0], f"phase {phase.number}"
    if not phase.success_criteria:
        yield Lack(line, f"{name} has no success criteria", "`Success Criteria:` with a bullet for each")
    for criterion in phase.success_criteria:
        if not criterion.proofs and criterion.id.startswith("p"):
            what = f"nothing proves {criterion.id}, {criterion.text!r}: it will be listed as unproven"
            yield Lack(criterion.line or line, what, "name a command that exits with 0, or a file that exists")
    if not phase.test_commands and not any(m.test_commands for m in phase.modules):
        yield Lack(line, f"{name} has no test command: only detected tests run", "a line ``Test Command: `…` ``")
    if not phase.expected_files and not any(m.expected_files for m in phase.modules):
        yield Lack(line, f"{name} names no files: {_NOT_NAMED}", "a line `Expected Files: …`")
    for module in phase.modules if len(phase.modules) > 1 else ():
        yield from _module(module, name)
    if len(phase.modules) == 1 and len(phase.goals) > MOST_GOALS:
        what = f"{name} gives {len(phase.goals)} goals to one agent"
        yield Lack(line, what, "divide it into modules (`Modules: a, b`) or into several phases")


def _module(module: Module, phase: str) -> Iterator[Lack]:
    if not module.goals:
        what = f"module {module.name} of {phase} has no goals of its own"
        yield Lack(module.line, what, f"a bullet that names it: `- {module.name}: …`")
    if not module.expected_files:
        what = f"module {module.name} of {phase} names no files: {_NOT_NAMED}"
        yield Lack(module.line, what, "name its files in its goals, in backticks")
