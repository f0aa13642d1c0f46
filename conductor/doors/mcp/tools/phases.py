"""Tools for the work on a phase: reported, validated, its result, its end."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field

from conductor.core.lifecycle import PHASE_DONE
from conductor.core.rules.checks import failing
from conductor.core.state import PhaseState, TaskState
from conductor.core.targets import standing
from conductor.decoding import prepared
from conductor.doors.mcp import calls, view
from conductor.doors.mcp.arguments import (
    LearnedNote,
    ModuleName,
    PhaseKey,
    Role,
    SpecificationError,
    TaskId,
    ToolContext,
    Verdict,
    session,
)
from conductor.doors.mcp.results import PhaseMarked, PhaseValidation, SavedPhaseResult, WorkTaken
from conductor.doors.mcp.rulings import rulings
from conductor.doors.mcp.texts import lines
from conductor.doors.requests import FINAL, target_at
from conductor.envelope import Recorded
from conductor.events import CollectCompleted, Correction, Finding, Target, WorkReported


async def agent_reported(
    ctx: ToolContext,
    task_id: TaskId,
    role: Role,
    phase: PhaseKey,
    verdict: Annotated[Verdict, Field(description="What the agent said; NO_REPORT if it ended without a word.")],
    summary: Annotated[str, Field(description="What was done, or what prevents it.", max_length=10_000)],
    module: ModuleName = None,
    files: Annotated[tuple[str, ...], Field(description="Files that the agent says it created or changed.")] = (),
    findings: Annotated[tuple[LearnedNote, ...], Field(description="What the agent learned.")] = (),
    corrections: Annotated[tuple[SpecificationError, ...], Field(description="Where READY.md is wrong.")] = (),
    blocking: Annotated[
        tuple[str, ...], Field(description="code-reviewer only: what must be fixed, each with file, line and reason.")
    ] = (),
) -> WorkTaken:
    """Report that an agent has ended, once per agent. Pass on what it said, unchanged.

    Conductor then commits what is in the agent's working directory, runs its own checks on that commit, and merges and
    keeps it if they pass. The answer has the checks and what is due next: a fix-executor if they failed. It can take as
    long as the tests do.
    """
    held = session(ctx)
    state = held.known(task_id)
    number, module = target_at(state, phase, module)
    if module is None and number is not None and role == "implementation-executor":
        module = _only_module(state, number)
    body = WorkReported(
        role,
        number,
        module,
        verdict,
        summary,
        blocking,
        tuple(_as(Finding, note) for note in findings),
        tuple(_as(Correction, correction) for correction in corrections),
    )
    who, key = calls.actor(ctx), calls.request_key(ctx)
    result = await held.submit(state.id, body, actor=who, request=key, tell=calls.progress(ctx))
    target = result.state.phases.get(number) if number is not None else None
    checked = view.targets(result.state, target)
    if module is not None:
        mine = str(Target(number, module))
        checked = [row for row in checked if row[0] == mine] or checked
    return WorkTaken(
        **view.fields(result.state, result.events),
        checks=view.check_results(checked, held.app.store.blobs),
        corrections=rulings(result.events, len(corrections)),
        files_missing=_missing(files, result.events),
        repeated=result.repeated,
    )


async def validate_phase(
    ctx: ToolContext,
    task_id: TaskId,
    phase: Annotated[
        str | None, Field(description='Its number or name; "final": the whole. Default: the current phase.')
    ] = None,
) -> PhaseValidation:
    """Get the results of Conductor's own checks of a phase: each check with its errors and a suggestion.

    Checks run automatically when work is reported; this finishes those that an earlier session left undone. It is
    refused until work is reported. If the checks fail, launch the fix-executor that is due; after two tries Conductor
    rolls the phase back and asks the user.
    """
    held = session(ctx)
    before = held.known(task_id)
    state = await held.rest(before.id, calls.progress(ctx))
    current = state.current()
    named = phase or (current.number if current else FINAL)
    meant = calls.phase_of(state, named)
    checks = view.check_results(view.targets(state, meant), held.app.store.blobs)
    what = f"phase {meant.number}" if meant else "the whole"
    if not checks:
        raise calls.not_yet(state, f"{what} cannot be validated yet: no work on it is reported")
    return PhaseValidation(
        **view.fields(state, held.events(state.id, after=before.version)),
        phase=meant.number if meant else FINAL,
        passed=_passed(state, meant),
        checks=checks,
    )


async def save_phase_result(
    ctx: ToolContext,
    task_id: TaskId,
    phase_num: PhaseKey,
    phase_name: Annotated[str, Field(description="The phase's name.")],
    result_data: Annotated[
        dict[str, Any] | None,
        Field(description="files_created, tests_passing, validation_output, gotchas_encountered, duration_minutes."),
    ] = None,
) -> SavedPhaseResult:
    """Get the saved result of a phase. Conductor saves it itself, from its own checks, when the phase is proven.

    Your result_data is compared with it; if they differ, the record counts. Refused until the phase is proven.
    """
    held = session(ctx)
    state = held.known(task_id)
    meant = _phase(state, phase_num)
    result = view.outcomes(state, held.events(state.id)).get(meant.number)
    if result is None:
        what = f"phase {meant.number} is {meant.status.replace('_', ' ')}: it has no result before it is proven"
        raise calls.not_yet(state, what)
    differs = [
        f"{name}: you say {value!r}, recorded is {getattr(result, name)!r}"
        for name, value in (result_data or {}).items()
        if name in ("files_created", "tests_passing", "gotchas_encountered") and getattr(result, name) != value
    ]
    return SavedPhaseResult(**view.fields(state), result=result, differs=lines(differs))


async def mark_phase_complete(
    ctx: ToolContext,
    task_id: TaskId,
    phase_name: Annotated[str, Field(description="The phase's number or name.")],
    checkpoint_id: Annotated[int | None, Field(description="The checkpoint that keeps it, if you know it.")] = None,
) -> PhaseMarked:
    """Confirm that a phase is complete. Refused unless Conductor's own checks passed on that very tree.

    Conductor completes a proven phase itself, with a checkpoint; this tells you which one. It never completes what is
    not proven.
    """
    state = session(ctx).known(task_id)
    meant = _phase(state, phase_name)
    if meant.status not in PHASE_DONE:
        status = meant.status.replace("_", " ")
        raise calls.not_yet(state, f"phase {meant.number} is {status}: its tree has not passed Conductor's validation")
    if checkpoint_id is not None and checkpoint_id != meant.checkpoint:
        kept = f"checkpoint {meant.checkpoint}" if meant.checkpoint is not None else "no checkpoint: it was skipped"
        raise calls.not_yet(state, f"checkpoint {checkpoint_id} does not keep phase {meant.number}; it has {kept}")
    sha = next((c.commit for c in state.checkpoints if c.number == meant.checkpoint), "")
    return PhaseMarked(
        **view.fields(state),
        phase_num=meant.number,
        phase_name=state.planned(meant.number).name,
        phase_status=meant.status,
        checkpoint_id=meant.checkpoint,
        sha=sha,
    )


def _phase(state: TaskState, named: str) -> PhaseState:
    found = calls.phase_of(state, named)
    if found is None:
        raise calls.not_yet(state, "the whole is not a phase; complete_task closes it")
    return found


def _only_module(state: TaskState, phase: str) -> str | None:
    """A phase with one module is meant without naming it."""
    modules = state.planned(phase).modules
    return modules[0].name if len(modules) == 1 else None


def _passed(state: TaskState, phase: PhaseState | None) -> bool:
    if phase is not None:
        return phase.status in ("checkpointing", "completed")
    return bool(state.whole.checks) and not failing(standing(state, Target()))


def _as(kind: type[Any], value: BaseModel) -> Any:
    return msgspec.convert(value.model_dump(), prepared(kind))


def _missing(files: tuple[str, ...], events: tuple[Recorded, ...]) -> list[str]:
    """Named, but not changed as git saw it; empty where nothing was committed for the report."""
    seen = [event.body for event in events if isinstance(event.body, CollectCompleted)]
    if not seen:
        return []
    changed = set(seen[0].files)
    return lines(f for f in files if not any(f == path or f.endswith(f"/{path}") for path in changed))
