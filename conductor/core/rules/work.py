"""The work of an active task: commands approved, worktree prepared, phases in order, then the final validation."""

from __future__ import annotations

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.questions import ask, items, quoted
from conductor.core.rules import phase, subtasks, whole
from conductor.core.rules.rule import Decision, Rule, first
from conductor.core.rules.verdict import WAIT, Wait
from conductor.core.state import TaskState
from conductor.events import (
    WHOLE,
    Body,
    ContextClearSuggested,
    RollbackRequested,
    TaskValidationStarted,
    WorkspaceRequested,
)

CLEAR_EVERY = 3  # finished phases between suggestions to clear the context


def work(state: TaskState, now: str) -> Decision | None:
    """The next decision for the work itself; None while it waits. `now` is RFC 3339 UTC."""
    return first(RULES, state, now)


def _finish_rollback(state: TaskState, now: str) -> Wait | None:
    under_way = any(isinstance(o.request, RollbackRequested) and o.request.phase is None for o in state.open.values())
    return WAIT if under_way else None


def _approve_commands(state: TaskState, now: str) -> Body | Wait | None:
    """A specification is untrusted text: the commands that it would have us run are shown before any is run."""
    if not state.unapproved:
        return None
    if state.questions or state.open:
        return WAIT
    listed = quoted(items(state.unapproved))
    said = f"The specification names commands that checks would run here:\n{listed}"
    return ask(state, "commands", f"{said}\nAllow Conductor to run them?")


def _decompose(state: TaskState, now: str) -> Body | Wait | None:
    if state.path:
        return None
    return WAIT if state.open else subtasks.decomposed(state)


def _prepare_worktree(state: TaskState, now: str) -> Body | None:
    if state.path:
        return None
    return WorkspaceRequested(effect=WHOLE.effect("workspace", 1), branch=state.branch, base=state.base_commit)


def _validate_whole(state: TaskState, now: str) -> Body | Wait | None:
    return whole.validate(state) if state.status == "validating" else None


def _suggest_clear(state: TaskState, now: str) -> Body | None:
    finished = [number for number, p in state.phases.items() if p.status in PHASE_DONE]
    if state.current() is None or not finished or len(finished) % CLEAR_EVERY or len(finished) <= state.suggested:
        return None
    return ContextClearSuggested(finished[-1])


def _begin_validation(state: TaskState, now: str) -> Body | Wait | None:
    if state.current() is not None:
        return None
    return WAIT if state.questions or state.open else TaskValidationStarted(state.head)


def _advance_phase(state: TaskState, now: str) -> Decision | None:
    current = state.current()
    return phase.advance(state, current, now) if current is not None else None


RULES: tuple[Rule, ...] = (
    Rule("finish-rollback", _finish_rollback),
    Rule("approve-commands", _approve_commands),
    Rule("decompose", _decompose),
    Rule("prepare-worktree", _prepare_worktree),
    Rule("validate-whole", _validate_whole),
    Rule("suggest-clear", _suggest_clear),
    Rule("begin-validation", _begin_validation),
    Rule("advance-phase", _advance_phase),
)
