"""Events of a task as a whole: what people and clients say, and what the core decides."""

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
    """A specification, read as a plan, is to be built in a repository. Holds all that later decisions rest on."""

    title: str
    plan: Plan
    spec_path: str  # as given; relative to the repository if it is inside
    spec: Digest  # blob digest of the text that the plan was read from
    repository: str
    base_commit: Commit
    base_branch: str | None  # None: the checkout was detached
    branch: Branch  # the task branch
    agent: str = "scripted"
    agent_source: str = ""  # for scripted: the script's path
    driver: Driver = "conductor"  # conductor | assisted
    settings: Settings = Settings()
    approved: tuple[str, ...] = ()  # the specification's commands that a person has already approved
    amendments: tuple[Amendment, ...] = ()  # of a subtask: the earlier amendments of its parent's specification
    parent_task_id: str = ""  # of a subtask: the task it belongs to
    roles: Mapping[str, Digest] = {}  # the project's own role files at the base commit: blob digests, by role


@event("task.started", input_)
class TaskStarted(Body, frozen=True):
    """The task may be driven from here on."""


@event("task.paused", input_)
class TaskPaused(Body, frozen=True):
    """Nothing new is started until the task is resumed."""

    reason: str = ""


@event("task.resumed", input_)
class TaskResumed(Body, frozen=True):
    """A paused task continues."""


@event("task.abandoned", input_)
class TaskAbandoned(Body, frozen=True):
    """The task is given up. Its history, branch and checkpoints remain."""

    reason: str = ""


@event("driver.changed", input_)
class DriverChanged(Body, frozen=True):
    """From here on Conductor drives, or a client that reports the work of its own agents."""

    driver: Driver


@event("plan.adopted", input_)
class PlanAdopted(Body, frozen=True):
    """The specification was changed, and a person wants the task to follow the new version."""

    plan: Plan
    spec: Digest  # blob digest of the changed text


@event("question.answered", input_)
class QuestionAnswered(Body, frozen=True):
    """A person's decision; a hint is passed to the agents that continue the work."""

    question: str
    choice: str
    hint: str = ""


@event("finding.reported", input_)
class FindingReported(Body, frozen=True):
    """A finding added from outside; it is documented like an agent's."""

    finding: Finding
    phase: str | None = None


@event("work.reported", input_)
class WorkReported(Body, frozen=True):
    """Assisted driving: the client's agent has finished the awaited work. This is its word, not an observation."""

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
    """A person wants to return the task to a checkpoint."""

    checkpoint: int
    reason: str = ""


@event("delivery.asked", input_)
class DeliveryAsked(Body, frozen=True):
    """A person wants the finished task branch merged into its base branch."""


@event("task.blocked", decision)
class TaskBlocked(Body, frozen=True):
    """The task waits for a person's answer."""

    questions: tuple[str, ...]


@event("task.approval_awaited", decision)
class TaskApprovalAwaited(Body, frozen=True):
    """The task waits for a person's yes or no."""

    questions: tuple[str, ...]


@event("task.rate_limited", decision)
class TaskRateLimited(Body, frozen=True):
    """The task waits for a model's service, and continues by itself."""

    until: str


@event("task.budget_exhausted", decision)
class TaskBudgetExhausted(Body, frozen=True):
    """The task waits for a person to extend its budget."""

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
    """The task waits for people to answer its subtasks' questions."""

    subtasks: tuple[str, ...]


@event("task.unblocked", decision)
class TaskUnblocked(Body, frozen=True):
    """What the task waited for has arrived."""


@event("task.validation_started", decision)
class TaskValidationStarted(Body, frozen=True):
    """Every phase has ended; the final validation of the whole begins."""

    commit: Commit


@event("task.completed", decision)
class TaskCompleted(Body, frozen=True):
    """Every phase and the whole have been proven."""

    proofs: tuple[Proof, ...] = ()
    unproven: tuple[str, ...] = ()


@event("task.completed_with_waivers", decision)
class TaskCompletedWithWaivers(Body, frozen=True):
    """The task has ended; `waived` names what a person accepted or left out."""

    waived: tuple[str, ...]  # phase numbers; "final" for the final validation
    proofs: tuple[Proof, ...] = ()
    unproven: tuple[str, ...] = ()


@event("question.asked", decision, schema=2)
class QuestionAsked(Body, frozen=True):
    """A person has to decide. What the question is about waits for the answer."""

    question: Question
    effect: EffectId = NO_EFFECT  # the open effect that waits for the answer
    correction: str = ""  # the id of the correction that the answer rules on


@event("correction.accepted", decision)
class CorrectionAccepted(Body, frozen=True):
    """The specification is wrong there: from here on, what the agent found applies."""

    correction: Correction
    phase: str | None = None
    module: str | None = None
    approved_by: str = ""  # the question's id, if a person approved it


@event("correction.refused", decision)
class CorrectionRefused(Body, frozen=True):
    """The specification stands; work that deviates from it is undone."""

    correction: Correction
    reason: str
    phase: str | None = None
    module: str | None = None


@event("spec.amended", decision)
class SpecAmended(Body, frozen=True):
    """A person approved a correction to the core of the specification, which reads like this from here on."""

    amendment: Amendment


@event("context.clear_suggested", decision)
class ContextClearSuggested(Body, frozen=True):
    """Assisted driving: some phases are done and the client can clear its context; the log remembers everything."""

    after_phase: str
