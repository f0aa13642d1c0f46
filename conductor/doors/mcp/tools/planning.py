"""Tools that show a plan, and what an agent gets to read."""

from __future__ import annotations

from pathlib import Path

from conductor.core.state import TaskState
from conductor.doors.mcp.arguments import Directory, ModuleName, PhaseKey, Role, TaskId, ToolContext, session
from conductor.doors.mcp.results import AgentBriefing, PlannedPhase, PlanOverview
from conductor.doors.mcp.texts import DOCUMENT, OUTPUT, cut, lines
from conductor.doors.mcp.view import folder_of, report_call
from conductor.doors.requests import request_at, target_at
from conductor.effects.briefing import briefing
from conductor.effects.roles import acting_role
from conductor.errors import Refused, UsageError
from conductor.events import AgentRequested
from conductor.plan.model import Phase

SPECIFICATION = ".prelude/READY.md"
ROWS = 200  # of one kind, over all phases


def specification_in(directory: str) -> Path:
    """The specification below a folder. Raises UsageError: the path is not absolute, or not a folder."""
    path = Path(directory)
    if not path.is_absolute():
        raise UsageError(
            f"{directory[:200]!r} is not an absolute path", allowed="an absolute path, such as /home/me/app"
        )
    if not path.is_dir():
        raise UsageError(f"{directory[:200]!r} is not a folder", allowed="a folder in a git repository")
    return path / SPECIFICATION


async def plan_spec(working_directory: Directory) -> PlanOverview:
    """Show how .prelude/READY.md in the folder is understood: its phases, modules, checks and warnings.

    Call it before start_task. Nothing is recorded. If a phase or module is missing here, correct READY.md first.
    """
    from conductor.tasks.create import read_spec  # the reader takes long to import

    path = specification_in(working_directory)
    _, plan = read_spec(path)
    return PlanOverview(
        specification=str(path),
        title=plan.title,
        mission=cut(plan.mission, OUTPUT, "READY.md has it all"),
        complexity=plan.complexity,
        phases=[_planned(phase, max(3, ROWS // len(plan.phases))) for phase in plan.phases],
        commands=lines(plan.commands(), "READY.md has them all"),
        warnings=lines(f"line {w.line}: {w.message}" for w in plan.warnings),
    )


async def get_briefing(
    ctx: ToolContext, task_id: TaskId, phase: PhaseKey, module: ModuleName = None, role: Role | None = None
) -> AgentBriefing:
    """Get the text to hand to an agent: its goals, files, criteria, gotchas, what others found, and what failed.

    next_step and `due` give the exact arguments. Hand the agent role_prompt and briefing unchanged, and tell it to
    write only in working_directory.
    """
    state = session(ctx).known(task_id)
    if state.status == "abandoned":
        raise Refused(f"task {state.id} is abandoned: no agent works on it any more")
    request = request_at(state, *target_at(state, phase, module), role)
    events = session(ctx).events(state.id)
    store = session(ctx).app.store
    text = briefing(events, request, store.blobs)
    return AgentBriefing(
        task_id=state.id,
        role=request.role,
        phase=request.phase,
        module=request.module,
        working_directory=_place(state, request),
        role_prompt=acting_role(request.role, store, state).prompt,
        briefing=cut(text, DOCUMENT, f"`conduct brief {state.id} {phase}` shows it all"),
        report=report_call(state, request),
    )


def _place(state: TaskState, request: AgentRequested) -> str:
    started = request.phase is None or (request.phase in state.phases and state.phases[request.phase].modules)
    return folder_of(state, request) if started else ""


def _planned(phase: Phase, most: int) -> PlannedPhase:
    """`most`: rows of each list."""
    modules = phase.modules
    files = (*phase.expected_files, *(file for m in modules for file in m.expected_files))
    commands = (*phase.test_commands, *(command for m in modules for command in m.test_commands))
    goals = (*phase.goals, *(f"{m.name}: {goal}" for m in modules if len(modules) > 1 for goal in m.goals))
    rest = "READY.md has them all"
    return PlannedPhase(
        number=phase.number,
        name=phase.name,
        depends_on=list(phase.depends_on),
        waves=[list(wave) for wave in phase.waves()],
        goals=lines(goals, rest, most),
        expected_files=lines(dict.fromkeys(files), rest, most),
        test_commands=lines(dict.fromkeys(commands), rest, most),
        success_criteria=lines((c.text for c in phase.success_criteria), rest, most),
        done_already=phase.status == "done",
    )
