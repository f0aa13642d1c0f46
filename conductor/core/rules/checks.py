"""Which checks a target needs, and what they prove."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from conductor.core.state import Check, TargetState, TaskState
from conductor.core.targets import direct
from conductor.events import CheckSpec, Proof
from conductor.plan.decompose import SUBTASKS, as_module
from conductor.plan.model import Criterion, Module, Phase, Plan

PASSING = ("passed", "not_applicable")
LISTED = "files:listed"  # the document's files that no phase expects
_NEVER_BLOCK = ("tested", LISTED)  # by nature, not because a person waived them


def of_module(state: TaskState, phase: Phase, module: str) -> tuple[CheckSpec, ...]:
    """A module alone in its worktree: its own files and commands. The phase's are checked after the merge."""
    own = phase.module(module)
    return _suite(state, own.expected_files, own.test_commands, ())


def of_phase(state: TaskState, phase: Phase) -> tuple[CheckSpec, ...]:
    """The merged tree: the phase's files, commands and criteria, and those of its modules."""
    modules = _held(state, phase)
    files = _unique((*phase.expected_files, *(f for m in modules for f in m.expected_files)))
    commands = _unique((*phase.test_commands, *(c for m in modules for c in m.test_commands)))
    suite = _suite(state, files, commands, phase.success_criteria)
    if not commands:
        suite = (*suite, CheckSpec("tests", "tests", proves=_proved_by("tests", phase.success_criteria)))
    if state.settings.tests_required:
        suite = (*suite, CheckSpec("tested", "tested", blocking=False))
    if not cut(state, phase):
        return suite
    waived = {kind for m in state.phases[phase.number].modules.values() for kind in m.subtask.failing}
    return _unless((*suite, *_interfaces(state)), waived)


def of_whole(state: TaskState) -> tuple[CheckSpec, ...]:
    """The final validation: the whole suite, every command of every completed phase, the end-to-end command.

    Files of the document that no phase expects are checked only here, and do not block: files that are not meant to be
    committed, or that a build produces, are in no tree. What a person waived is not required again: a waived phase's
    own files and commands are left out, and the kinds of checks that failed in it run and are recorded, but do not
    block.
    """
    phases = [p for p in state.plan.phases if state.phases[p.number].status == "completed"]
    held: list[Phase | Module] = []
    for phase in phases:
        held += [phase, *_held(state, phase)]
    files = _unique(f for part in held for f in part.expected_files)
    commands = _unique(c for part in held for c in part.test_commands)
    criteria = state.plan.success_criteria
    suite = _suite(state, files, commands, criteria)
    if listed := _unassigned(state.plan):
        suite = (*suite, CheckSpec(LISTED, "files", paths=listed, proves=_proved_by(LISTED, criteria), blocking=False))
    suite = (*suite, CheckSpec("tests", "tests", proves=_proved_by("tests", criteria)))
    command = state.settings.commands.e2e or state.plan.end_to_end
    if command:
        suite = (*suite, CheckSpec("e2e", "tests", command, proves=_proved_by("e2e", criteria)))
    return _unless((*suite, *_interfaces(state)), waived_kinds(state))


def waived_kinds(state: TaskState) -> set[str]:
    """The kinds of checks that failed in what a person accepted anyway, including in subtasks."""
    waived = [p for p in state.phases.values() if p.status == "waived"]
    targets = [t for p in waived for t in (p.target, *(m.target for m in p.modules.values()))]
    targets += [state.whole] if state.whole_accepted else []
    below = {kind for p in state.phases.values() for m in p.modules.values() for kind in m.subtask.failing}
    return below | {c.kind for t in targets for c in failing(t)}


def cut(state: TaskState, phase: Phase) -> bool:
    """Whether the modules of this phase are the subplans of a decomposed plan, built by subtasks."""
    return bool(state.subplans) and phase.number == SUBTASKS


def proofs(criteria: Iterable[Criterion], checks: dict[str, Check]) -> tuple[Proof, ...]:
    """For each criterion, the passed checks that prove it: all checks that it names must have passed."""
    rows = []
    for criterion in criteria:
        proving = [c for key in criterion.proofs for c in checks.values() if _family(key, c.key)]
        named = all(any(_family(key, c.key) for c in proving) for key in criterion.proofs)
        holds = bool(proving) and named and all(c.status == "passed" for c in proving)
        rows.append(Proof(criterion.id, criterion.text, tuple(c.version for c in proving) if holds else ()))
    return tuple(rows)


def failing(target: TargetState) -> tuple[Check, ...]:
    """Blocking checks that did not pass."""
    return tuple(c for c in target.checks.values() if c.blocking and c.status not in PASSING)


def any_passed(target: TargetState) -> bool:
    """Whether a blocking check really passed: checks that do not apply prove nothing.

    True as well if a person waived the checks, as nothing is left to require then.
    """
    waived = any(not c.blocking and c.key not in _NEVER_BLOCK for c in target.checks.values())
    return waived or any(c.blocking and c.status == "passed" for c in target.checks.values())


def all_observed(target: TargetState, suite: tuple[CheckSpec, ...]) -> bool:
    return all(c.key in target.checks and target.checks[c.key].commit == target.commit for c in suite)


def needs_review(state: TaskState, phase: str | None) -> bool:
    """Whether code-reviewer has to review: each merged parallel phase, and the whole at the end."""
    return state.settings.review and (phase is None or not direct(state.planned(phase)))


def _held(state: TaskState, phase: Phase) -> tuple[Module, ...]:
    """The modules that a phase's tree is checked for; without skipped subplans, and without what was waived in them."""
    if not cut(state, phase):
        return phase.modules
    built = {name: m.subtask for name, m in state.phases[phase.number].modules.items() if not m.subtask.skipped}
    return tuple(as_module(subplan, built[subplan.name].waived) for subplan in state.subplans if subplan.name in built)


def _unassigned(plan: Plan) -> tuple[str, ...]:
    """The document's files that no phase expects, whatever that phase's state."""
    expected = {file for phase in plan.phases for file in phase.expected_files}
    expected |= {file for phase in plan.phases for module in phase.modules for file in module.expected_files}
    return _unique(file for file in plan.files if file not in expected)


def _interfaces(state: TaskState) -> tuple[CheckSpec, ...]:
    """The check that the subplans of a decomposed plan fit together, by the files that each of them wrote."""
    held = [m for p in state.phases.values() if p.number == SUBTASKS for m in p.modules.items()]
    parts = {name: m.subtask.files for name, m in held if m.subtask.files}
    return (CheckSpec("interfaces", "interfaces", parts=parts),) if state.subplans else ()


def _unless(suite: tuple[CheckSpec, ...], waived: set[str]) -> tuple[CheckSpec, ...]:
    """The suite with checks of waived kinds no longer blocking."""
    return tuple(msgspec.structs.replace(c, blocking=c.blocking and c.kind not in waived) for c in suite)


def _suite(
    state: TaskState, files: tuple[str, ...], commands: tuple[str, ...], criteria: tuple[Criterion, ...]
) -> tuple[CheckSpec, ...]:
    own = state.settings.commands
    suite = []
    if files:
        suite.append(CheckSpec("files", "files", paths=files, proves=_proved_by("files", criteria)))
    for n, command in enumerate(commands):
        key = f"tests:{n}"
        suite.append(CheckSpec(key, "tests", command, proves=_proved_by(key, criteria)))
    for kind, command_ in (("imports", own.imports), ("lint", own.lint), ("leftovers", None)):
        suite.append(CheckSpec(kind, kind, command_, proves=_proved_by(kind, criteria)))
    return tuple(suite)


def _proved_by(key: str, criteria: tuple[Criterion, ...]) -> tuple[str, ...]:
    return tuple(c.id for c in criteria if any(_family(named, key) for named in c.proofs))


def _family(named: str, key: str) -> bool:
    """`tests` names every test command, `tests:1` only that one."""
    return key == named or key.startswith(named + ":")


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
