"""Targets: which worktree an effect is about, and what its outcomes say about the target."""

from __future__ import annotations

from collections.abc import Callable

from conductor.core.state import Check, PhaseState, TargetState, TaskState, put_phase, replace
from conductor.events import Target
from conductor.plan.model import Phase


def direct(phase: Phase) -> bool:
    """Whether the phase is built in the task's own worktree, as a single module is."""
    return len(phase.modules) == 1


def in_module(state: TaskState, target: Target) -> bool:
    """Whether the target is a module's own worktree: the module is one of several in its phase."""
    return target.phase is not None and target.module is not None and not direct(state.planned(target.phase))


def standing(state: TaskState, target: Target) -> TargetState:
    """The state of a target. The only module of a phase is built in the phase's own tree."""
    if target.phase is None:
        return state.whole
    if target.module is not None and in_module(state, target):
        return state.phases[target.phase].modules[target.module].target
    return state.phases[target.phase].target


def on_target(state: TaskState, target: Target, change: Callable[[TargetState], TargetState]) -> TaskState:
    """`state` with the state of one target changed."""
    if target.phase is None:
        return replace(state, whole=change(state.whole))
    held = state.phases[target.phase]
    if target.module is not None and in_module(state, target):
        part = held.modules[target.module]
        modules = {**held.modules, target.module: replace(part, target=change(part.target))}
        return put_phase(state, replace(held, modules=modules))
    return put_phase(state, replace(held, target=change(held.target)))


def with_commit(held: TargetState, commit: str, tree: str) -> TargetState:
    """`held` after work ended in a commit: what was observed of an earlier commit no longer counts."""
    return replace(held, commit=commit, tree=tree, checks={}, review="", blocking=())


def with_check(held: TargetState, check: Check) -> TargetState:
    return replace(held, checks={**held.checks, check.key: check})


def latest(phase: PhaseState, files: tuple[str, ...], gotchas: tuple[str, ...]) -> PhaseState:
    """`phase` with files and gotchas added: they accumulate over all its agents, in order of arrival."""
    return replace(
        phase,
        files_created=tuple(dict.fromkeys((*phase.files_created, *files))),
        gotchas=tuple(dict.fromkeys((*phase.gotchas, *gotchas))),
    )
