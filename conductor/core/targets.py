"""Targets: which worktree an effect is about, and what its outcomes say of that target."""

from __future__ import annotations

from collections.abc import Callable

from conductor.core.state import Check, PhaseState, Target, TaskState, put_phase, replace
from conductor.plan.model import Phase


def direct(phase: Phase) -> bool:
    """Whether the phase is built in the task's own worktree: a single module needs no other."""
    return len(phase.modules) == 1


def in_module(state: TaskState, phase: str | None, module: str | None) -> bool:
    """Whether (phase, module) means a module's own worktree: before its phase is merged, of several."""
    return phase is not None and module is not None and not direct(state.planned(phase))


def target_of(state: TaskState, phase: str | None, module: str | None) -> Target:
    """(phase, module) -> that module's worktree; (phase, None) -> the merged tree; (None, None) -> the whole."""
    if phase is None:
        return state.whole
    if module is not None and in_module(state, phase, module):
        return state.phases[phase].modules[module].target
    return state.phases[phase].target


def on_target(state: TaskState, phase: str | None, module: str | None, change: Callable[[Target], Target]) -> TaskState:
    """`state` with that target changed."""
    if phase is None:
        return replace(state, whole=change(state.whole))
    held = state.phases[phase]
    if module is not None and in_module(state, phase, module):
        part = held.modules[module]
        modules = {**held.modules, module: replace(part, target=change(part.target))}
        return put_phase(state, replace(held, modules=modules))
    return put_phase(state, replace(held, target=change(held.target)))


def with_commit(target: Target, commit: str, tree: str) -> Target:
    """Work has ended in a commit: whatever was seen of an earlier one no longer counts."""
    return replace(target, commit=commit, tree=tree, checks={}, review="", blocking=())


def with_check(target: Target, check: Check) -> Target:
    return replace(target, checks={**target.checks, check.key: check})


def latest(phase: PhaseState, files: tuple[str, ...], gotchas: tuple[str, ...]) -> PhaseState:
    """Files created and gotchas add up over all agents of a phase, in the order in which they came."""
    return replace(
        phase,
        files_created=tuple(dict.fromkeys((*phase.files_created, *files))),
        gotchas=tuple(dict.fromkeys((*phase.gotchas, *gotchas))),
    )
