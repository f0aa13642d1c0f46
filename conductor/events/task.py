"""Events of a task: what people and clients say, and what the core decides for the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from conductor.config.settings import Settings
from conductor.events.values import Amendment, Correction, Finding, Proof, Question, Target
from conductor.events.vocabulary import Body, Kind, event
from conductor.ids import NO_EFFECT, Branch, Commit, Digest, Driver, EffectId
from conductor.plan.model import Plan

input_, observation, decision = Kind.INPUT, Kind.OBSERVATION, Kind.DECISION


@event("task.created", input_)
class TaskCreated(Body, frozen=True):
    """A specification, read as a plan, is to be built in a repository: all that later decisions rest on."""

    title: str
    plan: Plan
    spec_path: str  # as given, relative to the repository where it lies within
    spec: Digest  # blob digest of the text as read: the plan's source
    repository: str
    base_commit: Commit
    base_branch: str | None  # None: the checkout was detached
    branch: Branch  # the task branch
    agent: str = "scripted"
    agent_source: str = ""  # for scripted: the script's path
    driver: Driver = "conductor"  # conductor | assisted
    settings: Settings = Settings()
    approved: tuple[str, ...] = ()  # the specification's commands that a person has approved before
    amendments: tuple[Amendment, ...] = ()  # of a subtask: what its parent's specification was amended by before
    parent_task_id: str = ""  # of a subtask: the task that it is a part of
    roles: Mapping[str, Digest] = {}  # the project's own role files at the base commit: blob digests, by role


@event("task.started", input_)
class TaskStarted(Body, frozen=True):
    """It may be driven."""


@event("task.paused", input_)
class TaskPaused(Body, frozen=True):
    """Nothing new is begun until it is resumed."""

    reason: str = ""


@event("task.resumed", input_)
class TaskResumed(Body, frozen=True):
    """A paused task goes on."""


@event("task.abandoned", input_)
class TaskAbandoned(Body, frozen=True):
    """It is given up. Its history, its branch and its checkpoints stay."""

    reason: str = ""


@event("driver.changed", input_)
class DriverChanged(Body, frozen=True):
    """Conductor drives, or a client that reports the work of its own agents."""

    driver: Driver


@event("plan.adopted", input_)
class PlanAdopted(Body, frozen=True):
    """The specification was changed, and a person wants the task to go on by it."""

    plan: Plan
    spec: Digest  # blob digest of the changed text


@event("question.answered", input_)
class QuestionAnswered(Body, frozen=True):
    """A person's decision; a hint goes to the agents that work on."""

    question: str
    choice: str
    hint: str = ""


@event("finding.reported", input_)
class FindingReported(Body, frozen=True):
    """Anyone may add what they know; it is documented like an agent's finding."""

    finding: Finding
    phase: str | None = None


@event("work.reported", input_)
class WorkReported(Body, frozen=True):
    """Assisted driving: the client's agent has finished the work that was awaited. Its word, not our observation."""

    role: str
    phase: str | None = None
    module: str | None = None
    verdict: Literal["PASS", "FAIL", "NO_REPORT"] = "NO_REPORT"
    summary: str = ""
    blocking: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def target(self) -> Target:
        return Target(self.phase, self.module)


@event("rollback.asked", input_)
class RollbackAsked(Body, frozen=True):
    """A person wants the task back at a checkpoint."""

    checkpoint: int
    reason: str = ""


@event("delivery.asked", input_)
class DeliveryAsked(Body, frozen=True):
    """Merge the finished task branch into its base."""


@event("task.blocked", decision)
class TaskBlocked(Body, frozen=True):
    """It waits for a person."""

    questions: tuple[str, ...]


@event("task.approval_awaited", decision)
class TaskApprovalAwaited(Body, frozen=True):
    """It waits for a person's yes or no."""

    questions: tuple[str, ...]


@event("task.rate_limited", decision)
class TaskRateLimited(Body, frozen=True):
    """It waits for a model's service, and goes on by itself."""

    until: str


@event("task.budget_exhausted", decision)
class TaskBudgetExhausted(Body, frozen=True):
    """It waits for a person to extend its budget."""

    budget: str


@event("budget.warned", decision)
class BudgetWarned(Body, frozen=True):
    """Four fifths of a limit are used. `scope`: task, a phase, or the whole; `what`: tokens, money, turns, minutes."""

    scope: str
    what: str
    used: float
    limit: float


@event("task.subtasks_awaited", decision)
class TaskSubtasksAwaited(Body, frozen=True):
    """It waits for people to answer its subtasks."""

    subtasks: tuple[str, ...]


@event("task.unblocked", decision)
class TaskUnblocked(Body, frozen=True):
    """What it waited for has come."""


@event("task.validation_started", decision)
class TaskValidationStarted(Body, frozen=True):
    """Every phase has ended; the whole is to be checked."""

    commit: Commit


@event("task.completed", decision)
class TaskCompleted(Body, frozen=True):
    """Every phase and the whole are proven."""

    proofs: tuple[Proof, ...] = ()
    unproven: tuple[str, ...] = ()


@event("task.completed_with_waivers", decision)
class TaskCompletedWithWaivers(Body, frozen=True):
    """It has ended; what a person accepted or left out is named."""

    waived: tuple[str, ...]  # phase numbers; "final" for the final validation
    proofs: tuple[Proof, ...] = ()
    unproven: tuple[str, ...] = ()


@event("question.asked", decision, schema=2)
class QuestionAsked(Body, frozen=True):
    """A person is to decide. What it is about waits until they have."""

    question: Question
    effect: EffectId = NO_EFFECT  # the open effect that it holds back
    correction: str = ""  # the id of the correction that it would rule on


@event("correction.accepted", decision)
class CorrectionAccepted(Body, frozen=True):
    """The specification is wrong there: what the agent found holds from here on."""

    correction: Correction
    phase: str | None = None
    module: str | None = None
    approved_by: str = ""  # the question's id, where a person approved


@event("correction.refused", decision)
class CorrectionRefused(Body, frozen=True):
    """The specification stands; what was built otherwise is undone."""

    correction: Correction
    reason: str
    phase: str | None = None
    module: str | None = None


@event("spec.amended", decision)
class SpecAmended(Body, frozen=True):
    """A person approved a correction of the specification's core: from here on it reads like this."""

    amendment: Amendment


@event("context.clear_suggested", decision)
class ContextClearSuggested(Body, frozen=True):
    """Assisted driving: some phases are done, and a client's context can be cleared: the log remembers."""

    after_phase: str
