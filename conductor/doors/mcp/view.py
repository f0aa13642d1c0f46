"""A task's state as the tools' results show it. Reads, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conductor.core.decide import awaited
from conductor.core.lifecycle import PHASE_DONE
from conductor.core.state import PhaseState, TargetState, TaskState
from conductor.core.steps.effects import SYNTHESIS
from conductor.core.targets import direct, in_module, standing
from conductor.doors.mcp.guide import instruction
from conductor.doors.mcp.results import (
    CheckpointRow,
    CheckResult,
    DueWork,
    ModuleStatus,
    NextCall,
    OpenQuestion,
    PhaseOutcome,
    PhaseStatusRow,
    TaskProgress,
)
from conductor.doors.mcp.texts import OUTPUT, OUTPUTS, cut, lines
from conductor.effects.commit import workplace
from conductor.envelope import Recorded
from conductor.events import AgentRequested, CheckObserved, PhaseResultSaved, Target
from conductor.log.blobs import Blobs
from projections.board import PhaseView
from projections.board import phases as shown_phases
from replay.describe import describe

REASONS = 10  # of one agent's work
SUGGESTIONS = {
    "files": "write the files that the specification expects, with real content, at exactly these paths",
    "tests": "run this command in the working directory, fix the cause of each failure, and weaken no test",
    "imports": "make every import resolve, from the repository's root",
    "lint": "fix what the linter names",
    "leftovers": "remove the debug output, unfinished parts and stubs that are named",
    "tested": "write tests that execute the added code",
    "interfaces": "make the names that one subplan uses and another offers agree",
}


def progress(state: TaskState, events: Iterable[Recorded] = ()) -> TaskProgress:
    """Where a task is, and what `events` brought about."""
    current = state.current()
    return TaskProgress(
        task_id=state.id,
        status=state.status,
        current_phase=current.number if current else None,
        happened=lines(f"{e.version}: {describe(e)}" for e in events if not _bookkeeping(e)),
        due=due(state),
        questions=questions(state),
        next=instruction(state),
    )


def _bookkeeping(event: Recorded) -> bool:
    """Requests and claims: what came of them says enough."""
    return event.type.startswith("effect.") or event.type.endswith(".requested")


def fields(state: TaskState, events: Iterable[Recorded] = ()) -> dict[str, Any]:
    """The same as keyword arguments, for the results that add to it."""
    return dict(progress(state, events))


def due(state: TaskState) -> list[DueWork]:
    """What the client's agents have to do now, with the calls that belong to it."""
    return [_due(state, request) for request in awaited(state)]


def _due(state: TaskState, request: AgentRequested) -> DueWork:
    return DueWork(
        role=request.role,
        phase=request.phase,
        module=request.module,
        working_directory=folder_of(state, request),
        because=lines(request.because, "the briefing has them all", REASONS),
        briefing=NextCall(tool="get_briefing", arguments=briefing_arguments(state, request)),
        report=report_call(state, request),
    )


def folder_of(state: TaskState, request: AgentRequested) -> str:
    """The worktree in which an agent works; "": there is none yet."""
    if request.role != SYNTHESIS and in_module(state, request.target) and not standing(state, request.target).path:
        return ""
    path = str(workplace(state, request, request.role))
    return "" if path == "." else path


def briefing_arguments(state: TaskState, request: AgentRequested) -> dict[str, object]:
    module = {"module": request.module} if request.module else {}
    return {"task_id": state.id, "phase": request.phase or "final", **module, "role": request.role}


def report_call(state: TaskState, request: AgentRequested) -> NextCall:
    module = {"module": request.module} if request.module else {}
    said = {"verdict": "PASS or FAIL", "summary": "what the agent said"}
    arguments = {"task_id": state.id, "role": request.role, "phase": request.phase or "final", **module, **said}
    return NextCall(tool="agent_reported", arguments=arguments)


def questions(state: TaskState) -> list[OpenQuestion]:
    found = []
    for id_, asked in state.questions.items():
        question = asked.question
        found.append(
            OpenQuestion(
                question_id=id_,
                kind=question.kind,
                text=cut(question.text, OUTPUT, f"`conduct questions {state.id}` has it all"),
                choices=list(question.choices),
                phase=question.phase,
                module=question.module,
                in_a_terminal=f"conduct answer {state.id} {id_} {'|'.join(question.choices)}",
            )
        )
    return found


def phases(state: TaskState) -> list[PhaseStatusRow]:
    return [phase_row(view) for view in shown_phases(state)]


def phase_row(view: PhaseView) -> PhaseStatusRow:
    modules = [ModuleStatus(name=m.name, doing=m.doing, merged=m.doing == "merged") for m in view.modules]
    return PhaseStatusRow(
        number=view.number,
        name=view.name,
        status=view.status,
        checkpoint_id=view.checkpoint,
        modules=modules,
        failure=cut(view.failure, OUTPUT, "get_events has it all"),
    )


def complete(state: TaskState) -> list[str]:
    return [number for number, phase in state.phases.items() if phase.status in PHASE_DONE]


def checkpoints(state: TaskState) -> list[CheckpointRow]:
    return [CheckpointRow(checkpoint_id=c.number, phase=c.phase, sha=c.commit, time=c.time) for c in state.checkpoints]


def outcomes(state: TaskState, events: Sequence[Recorded]) -> dict[str, PhaseOutcome]:
    """The latest result of each phase that has one still, by its number."""
    found = {}
    seen = {e.version: e.body for e in events if isinstance(e.body, CheckObserved)}
    for event in events:
        body = event.body
        if not isinstance(body, PhaseResultSaved) or body.phase not in state.phases:
            continue
        phase = state.phases[body.phase]
        if phase.status not in (*PHASE_DONE, "checkpointing"):
            continue
        checks = [seen[c.version] for c in phase.target.checks.values() if c.version in seen]
        found[body.phase] = PhaseOutcome(
            phase_num=body.phase,
            phase_name=state.planned(body.phase).name,
            files_created=lines(body.files_created, "git shows the rest"),
            tests_passing=body.tests_passing,
            validation_output=lines(f"{c.key}: {c.status}: {c.summary}" for c in checks),
            gotchas_encountered=lines(body.gotchas_encountered, "DISCOVERIES.md has the rest"),
            duration_minutes=body.duration_minutes,
            criteria_proven=lines(p.text for p in body.proofs if p.checks),
            criteria_unproven=lines(p.text for p in body.proofs if not p.checks),
            checkpoint_id=phase.checkpoint,
        )
    return found


def targets(state: TaskState, phase: PhaseState | None) -> list[tuple[str, TargetState]]:
    """What is checked of a phase, or of the whole: each with its name for people."""
    if phase is None:
        return [("the whole", state.whole)]
    modules = [] if direct(state.planned(phase.number)) else list(phase.modules)
    named = [Target(phase.number, name) for name in modules] + [Target(phase.number)]
    return [(str(target), standing(state, target)) for target in named]


def check_results(named: Iterable[tuple[str, TargetState]], blobs: Blobs) -> list[CheckResult]:
    """The checks of some targets, as Conductor saw them; those that did not pass with their output."""
    found, left = [], OUTPUTS
    for name, target in named:
        for check in target.checks.values():
            passing = check.status in ("passed", "not_applicable")
            output = b"" if passing or not check.output else blobs.get(check.output) or b""
            errors = cut(output.decode(errors="replace"), min(OUTPUT, left), "get_briefing for fix-executor has more")
            left = max(0, left - len(errors))
            found.append(
                CheckResult(
                    target=name,
                    key=check.key,
                    status=check.status,
                    blocking=check.blocking,
                    summary=check.summary,
                    errors=errors,
                    suggestion="" if passing else _suggestion(check.kind, check.status),
                )
            )
    return found


def _suggestion(kind: str, status: str) -> str:
    if status == "unavailable":
        return "this machine lacks the tool: the work is not at fault; ask the user to install it"
    if status == "unfinished":
        return "something else ended it: the work is not at fault; it runs again"
    return SUGGESTIONS.get(kind, "fix what its output names")
