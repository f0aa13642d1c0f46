"""What the tools answer with: typed, so that clients get a schema of each result."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class NextCall(BaseModel):
    """A call to make next."""

    tool: str
    arguments: dict[str, Any]


class DueWork(BaseModel):
    """Work that an agent of the client's has to do now."""

    role: str
    phase: str | None = Field(description="The phase's number as text; null: the whole task.")
    module: str | None = Field(description="null: the phase's merged tree.")
    working_directory: str = Field(description="The only folder in which this agent may write.")
    because: list[str] = Field(description="What failed and has to be fixed.")
    briefing: NextCall = Field(description="Gives the text to hand to the agent.")
    report: NextCall = Field(description="Make this call when the agent has ended, with what it said.")


class OpenQuestion(BaseModel):
    """Something that only the user can decide."""

    question_id: str
    kind: str
    text: str
    choices: list[str]
    phase: str | None
    module: str | None
    in_a_terminal: str = Field(description="The command by which the user can answer it, too.")


class ModuleStatus(BaseModel):
    name: str
    doing: str = Field(description="What is going on for it, or how far it is, in words.")
    merged: bool


class PhaseStatusRow(BaseModel):
    """Where a phase is. `number` is the phase's key everywhere."""

    number: str
    name: str
    status: str
    checkpoint_id: int | None
    modules: list[ModuleStatus]
    failure: str


class PhaseOutcome(BaseModel):
    """What a proven phase brought, as Conductor recorded it."""

    phase_num: str
    phase_name: str
    files_created: list[str]
    tests_passing: bool
    validation_output: list[str] = Field(description="Each check's result on the phase's tree, a line each.")
    gotchas_encountered: list[str]
    duration_minutes: float
    criteria_proven: list[str]
    criteria_unproven: list[str] = Field(description="No check proves these; review them yourself.")
    checkpoint_id: int | None


class TaskProgress(BaseModel):
    """Where the task is after a call, and what comes next."""

    task_id: str
    status: str
    current_phase: str | None
    happened: list[str] = Field(description="What came of the call, event by event.")
    due: list[DueWork] = Field(description="Launch these agents now, several in one message.")
    questions: list[OpenQuestion]
    next: str = Field(description="What to do now.")


class TaskFullState(BaseModel):
    """Everything needed to continue a task, even in a new session."""

    task_id: str
    title: str
    description: str
    mission: str
    status: str
    driver: str = Field(description="assisted: you launch the agents. conductor: Conductor does.")
    repository: str
    branch: str
    working_directory: str = Field(description="The task's own worktree.")
    phases_complete: list[str]
    current_phase: PhaseStatusRow | None
    phases: list[PhaseStatusRow]
    phase_results: dict[str, PhaseOutcome] = Field(description="By phase number.")
    results_left_out: list[str] = Field(description="Phases whose results are too long; save_phase_result gives each.")
    checkpoints: list[CheckpointRow]
    due: list[DueWork]
    questions: list[OpenQuestion]
    next: str


class CheckpointRow(BaseModel):
    checkpoint_id: int
    phase: str | None = Field(description="null: the base (0), or the final validation.")
    sha: str
    time: str


class TaskRow(BaseModel):
    task_id: str
    title: str
    status: str
    driver: str
    repository: str
    current_phase: str | None
    phases_complete: int
    phases: int
    open_questions: int
    updated_at: str


class TaskList(BaseModel):
    tasks: list[TaskRow] = Field(description="The latest first.")
    more: str = Field(description="How to see those left out; empty: all are here.")


class StartedTask(TaskProgress):
    title: str
    repository: str
    branch: str
    working_directory: str
    phases: list[PhaseStatusRow]
    warnings: list[str]
    not_in_the_task: list[str] = Field(description="The user's uncommitted files: the task does not see them.")


class PlannedPhase(BaseModel):
    number: str
    name: str
    depends_on: list[str]
    waves: list[list[str]] = Field(description="Modules of one wave are built in parallel, wave after wave.")
    goals: list[str]
    expected_files: list[str]
    test_commands: list[str]
    success_criteria: list[str]
    done_already: bool


class PlanOverview(BaseModel):
    specification: str
    title: str
    mission: str
    complexity: int = Field(description="0 to 100.")
    phases: list[PlannedPhase]
    commands: list[str] = Field(description="What checks would run here; the user is asked before the first time.")
    warnings: list[str]


class AgentBriefing(BaseModel):
    task_id: str
    role: str
    phase: str | None
    module: str | None
    working_directory: str
    role_prompt: str = Field(
        description="The role's own instructions: the agent's system prompt, or the first thing it reads."
    )
    briefing: str = Field(description="What is particular to this run. Hand it to the agent as it is.")
    report: NextCall


class CheckResult(BaseModel):
    """A check that Conductor ran itself."""

    target: str
    key: str
    status: str = Field(description="passed, failed, not_applicable, unavailable or unfinished.")
    blocking: bool
    summary: str
    errors: str = Field(description="Its output, where it did not pass.")
    suggestion: str


class CorrectionRuling(BaseModel):
    """allow: it holds from here on. block: the specification holds. ask: the user decides."""

    original: str
    ruling: str = Field(description="allow, block, ask, or pending while Conductor checks the evidence.")
    reason: str


class WorkTaken(TaskProgress):
    checks: list[CheckResult] = Field(description="What Conductor's own checks say of the work.")
    corrections: list[CorrectionRuling]
    files_missing: list[str] = Field(description="Files that the report names and that the agent did not change.")
    repeated: bool = Field(description="True: this very call was recorded before; nothing was added.")


class PhaseValidation(TaskProgress):
    phase: str
    passed: bool = Field(description="True only if every blocking check passed on the phase's tree as it is now.")
    checks: list[CheckResult]


class SavedPhaseResult(TaskProgress):
    result: PhaseOutcome
    differs: list[str] = Field(description="Where your result_data differs from what Conductor recorded; that counts.")


class PhaseMarked(TaskProgress):
    phase_num: str
    phase_name: str
    phase_status: str
    checkpoint_id: int | None
    sha: str


class TaskEnded(TaskProgress):
    branch: str
    sha: str
    working_directory: str
    phases_complete: list[str]
    criteria_unproven: list[str]
    waived: list[str] = Field(description="What the user accepted although it failed.")
    merged_into: str = Field(description="The user's branch that holds the work; empty: it is on `branch` only.")
    not_merged_because: str


class WorktreeRow(BaseModel):
    name: str = Field(description="The module; empty: the task's own worktree.")
    phase: str | None
    path: str
    branch: str
    merged: bool
    conflicts: list[str]


class WorktreeList(BaseModel):
    task_id: str
    worktrees: list[WorktreeRow]
    next: str


class MergeOutcome(TaskProgress):
    merged: list[str] = Field(description="Modules on the task branch.")
    conflicts: dict[str, list[str]] = Field(description="By module: files in conflict, for synthesis-architect.")


class CheckpointList(BaseModel):
    task_id: str
    checkpoints: list[CheckpointRow]


class CheckpointMade(TaskProgress):
    checkpoint_id: int
    sha: str


class RolledBackTo(TaskProgress):
    checkpoint_id: int
    sha: str
    kept: list[str] = Field(description="Git refs that keep what was undone.")


class FindingTaken(TaskProgress):
    recorded: bool
    ruling: str = Field(description="For a correction: allow, block, ask or pending. Else: recorded.")
    reason: str


class GivenAnswer(BaseModel):
    question_id: str
    text: str
    choice: str
    hint: str
    by: str


class AnswerList(BaseModel):
    task_id: str
    open: list[OpenQuestion]
    answered: list[GivenAnswer]
    next: str


class QuestionPut(TaskProgress):
    question_id: str
    choice: str = Field(description="The user's answer; empty: none was given.")
    hint: str


class EventRow(BaseModel):
    version: int
    time: str
    actor: str
    type: str
    says: str


class EventPage(BaseModel):
    task_id: str
    events: list[EventRow]
    latest_version: int
    next: NextCall | None = Field(description="Gives the events after these; null: there are none.")


class EventTaken(TaskProgress):
    version: int
    type: str


TaskFullState.model_rebuild()
