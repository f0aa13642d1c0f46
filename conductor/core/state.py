"""A task's state: the fold of its recorded facts. Immutable; only `evolve` makes new ones."""

from __future__ import annotations

import msgspec

from conductor.config.settings import Settings
from conductor.core.lifecycle import PHASE_DONE
from conductor.events import Amendment, Claim, Correction, Proof, Question, Request, SetAside
from conductor.ids import (
    NO_COMMIT,
    NO_DIGEST,
    NO_EFFECT,
    NO_TREE,
    Branch,
    CheckStatus,
    Commit,
    Digest,
    Driver,
    EffectId,
    PhaseStatus,
    SubtaskStatus,
    TaskStatus,
    Tree,
)
from conductor.plan.model import Phase, Plan, Subplan


class Check(msgspec.Struct, frozen=True, gc=False):
    """A check as observed. `version` is that of its event."""

    version: int
    key: str
    kind: str
    status: CheckStatus
    summary: str
    output: Digest
    commit: Commit
    blocking: bool

    @property
    def unfinished(self) -> bool:
        """Whether something other than the work ended it or kept it from starting: it says nothing about the work."""
        return self.status == "unfinished"


class TargetState(msgspec.Struct, frozen=True):
    """Something that is built and checked: a module, a phase's merged tree, or the whole.

    `commit` is what the latest agent left; `checks` and `review` are about exactly that commit.
    """

    branch: Branch = Branch("")
    path: str = ""
    start: Commit = NO_COMMIT  # the commit its work started from
    commit: Commit = NO_COMMIT
    tree: Tree = NO_TREE
    verdict: str = ""  # the latest agent's own: PASS | FAIL | NO_REPORT; "": nothing reported yet
    says: str = ""  # that agent's summary
    fixes: int = 0  # fix-executor runs used
    checks: dict[str, Check] = {}
    again: bool = False  # the unfinished ones were requested again
    review: str = ""  # passed | blocking | missing; "" = not reviewed
    blocking: tuple[str, ...] = ()
    reviews_missing: int = 0
    tests_asked: bool = False
    collecting: str = ""  # assisted driving: the role whose work is to be committed
    overruled: tuple[str, ...] = ()  # what was built against the specification and has to be undone
    hint: str = ""  # a person's answer to its agent's question
    set_aside: tuple[SetAside, ...] = ()  # what the latest agent left that is not in its commit


class Subtask(msgspec.Struct, frozen=True):
    """The task that builds a subplan, as known to its parent."""

    id: str = ""
    status: SubtaskStatus = ""  # the one in which it ended or waits
    questions: tuple[str, ...] = ()  # ids of the questions it waits for
    waived: tuple[str, ...] = ()  # its phases that a person waived; "final": its final validation
    failing: tuple[str, ...] = ()  # kinds of checks that failed in those
    unproven: tuple[str, ...] = ()  # ids of its criteria that no check proved
    files: tuple[str, ...] = ()  # files it changed
    skipped: bool = False  # a person decided to continue without it


class ModuleState(msgspec.Struct, frozen=True):
    target: TargetState = TargetState()
    merged: bool = False
    conflict: tuple[str, ...] = ()
    integration: str = ""  # the worktree in which the conflict is resolved
    resolution: Commit = NO_COMMIT  # the merge commit made there
    resolvers: int = 0  # synthesis-architect runs used
    merge_tries: int = 0
    subtask: Subtask = Subtask()  # if a subtask builds it


class PhaseState(msgspec.Struct, frozen=True):
    """`round` counts the starts; names of effects and branches include it, so that none is used twice."""

    number: str
    status: PhaseStatus = "pending"
    round: int = 0
    wave: int = 0
    started_at: str = ""
    start: Commit = NO_COMMIT  # head of the task branch when the phase started
    modules: dict[str, ModuleState] = {}
    target: TargetState = TargetState()
    hint: str = ""
    failure: str = ""
    rescue: str = ""
    set_aside: tuple[SetAside, ...] = ()  # what the rollback moved out of its worktrees
    accepted: bool = False
    asked: bool = False
    answer: str = ""
    documented: bool = False
    checkpoint: int | None = None  # its own
    settled: int | None = None  # the first checkpoint that contains its end; a rollback to it keeps the phase
    files_created: tuple[str, ...] = ()
    gotchas: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()


class Spent(msgspec.Struct, frozen=True, gc=False):
    """What agents used. `money` is in US dollars; None: part of it is unknown."""

    tokens: int = 0
    money: float | None = 0.0
    turns: int = 0
    minutes: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        money = None if self.money is None or other.money is None else self.money + other.money
        return Spent(self.tokens + other.tokens, money, self.turns + other.turns, self.minutes + other.minutes)


class Open(msgspec.Struct, frozen=True):
    """A requested effect without its outcome. `claim_version` is the fencing token; 0 = unclaimed."""

    request: Request
    version: int
    claim: Claim | None = None
    claim_version: int = 0
    failures: int = 0
    error: str = ""  # of the latest failure
    rejected: bool = False  # retrying cannot help
    claimed_at: str = ""
    worked: float = 0.0  # minutes under earlier claims
    exhausted: tuple[str, ...] = ()  # what its allowance ran out of
    extended: int = 0  # times a person has extended its allowance
    deferred: str = ""  # RFC 3339 UTC; not to be tried before then
    blocked_by: str = ""  # the question that must be answered before another try
    done: tuple[str, ...] = ()  # keys of the checks already observed

    @property
    def ready(self) -> bool:
        """Whether a runner may perform it now."""
        return not self.blocked_by and not self.deferred

    def given_up(self, tries: int) -> bool:
        """Whether it failed too often, or for good, and a person still has to be asked."""
        return not self.blocked_by and (self.rejected or self.failures >= max(tries, 1))


class Checkpoint(msgspec.Struct, frozen=True, gc=False):
    number: int
    phase: str | None
    commit: Commit
    tree: Tree
    version: int
    time: str


class Claimed(msgspec.Struct, frozen=True):
    """A correction that an agent proposed, without a ruling yet. `id`: c1, c2, … in the order of proposal."""

    id: str
    correction: Correction
    phase: str | None = None
    module: str | None = None
    evidence: str = ""  # holds | refuted | unseen, once Conductor has checked it
    told: str = ""  # what Conductor saw, or why it could not check
    ruling: str = ""  # approve | reject, once a person has ruled
    ruled_by: str = ""  # the id of the question they answered


class Asked(msgspec.Struct, frozen=True):
    """An open question; `effect`: the blocked effect it is about; `correction`: what it would approve."""

    question: Question
    effect: EffectId = NO_EFFECT
    correction: Claimed | None = None


class Ruling(msgspec.Struct, frozen=True):
    """The ruling on a correction, for later agents. `version` is that of its event."""

    version: int
    text: str  # one statement: what holds
    phase: str | None = None
    module: str | None = None
    affects: tuple[str, ...] = ()
    amended: bool = False  # the specification itself was changed, which affects everyone


class TaskState(msgspec.Struct, frozen=True):
    id: str
    version: int = 0
    status: TaskStatus = "planned"
    title: str = ""
    plan: Plan = Plan("", ())
    settings: Settings = Settings()
    driver: Driver = "conductor"  # conductor | assisted
    agent: str = ""
    agent_source: str = ""
    repository: str = ""
    spec: Digest = NO_DIGEST
    spec_path: str = ""
    base_commit: Commit = NO_COMMIT
    base_branch: str | None = None
    branch: Branch = Branch("")
    created_at: str = ""
    updated_at: str = ""
    path: str = ""  # the task's own worktree; "" until prepared
    head: Commit = NO_COMMIT  # tip of the task branch
    tree: Tree = NO_TREE
    phases: dict[str, PhaseState] = {}
    whole: TargetState = TargetState()  # the final validation
    hint: str = ""  # a person's hint on the final validation
    whole_accepted: bool = False
    documented: bool = False
    documents: dict[str, str] = {}  # path -> digest of the text last generated there
    open: dict[EffectId, Open] = {}
    questions: dict[str, Asked] = {}
    asked_count: int = 0
    checkpoints: tuple[Checkpoint, ...] = ()
    next_checkpoint: int = 1
    final_checkpoint_made: bool = False
    attempts: dict[str, int] = {}  # agent runs per "role/phase/module"
    unjudged: tuple[Claimed, ...] = ()
    proposed: int = 0  # corrections so far
    to_amend: tuple[Amendment, ...] = ()  # approved, and not yet part of the specification
    amendments: tuple[Amendment, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    approved: tuple[str, ...] = ()  # the specification's commands that a person has approved
    unapproved: tuple[str, ...] = ()  # those not yet approved
    origin: Digest = NO_DIGEST  # blob digest of the specification that the task started with
    spent: dict[str, Spent] = {}  # by phase; "": the work on the whole
    extended: int = 0  # times a person has extended the limits
    warned: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()  # finished phases whose section changed, to be reopened
    parent_task_id: str = ""  # of a subtask
    subplans: tuple[Subplan, ...] = ()  # of a decomposed plan: what subtasks build
    restarts: dict[str, int] = {}  # subplan -> how often another subtask was started for it
    received_amendments: dict[str, str] = {}  # amendments made in subtasks (`t.2/a1`) -> their ids here
    sent_amendments: dict[str, int] = {}  # subtask -> how many of the amendments it started with or was sent
    rollback_to: int | None = None  # the checkpoint a person asked for
    suggested: int = 0  # finished phases when clearing the context was last suggested
    deliver: bool = False
    delivered: Commit = NO_COMMIT
    delivery_refused: str = ""
    abandon_asked: bool = False

    def current(self) -> PhaseState | None:
        """The first phase that is not finished, in the plan's order."""
        return next((p for p in self.phases.values() if p.status not in PHASE_DONE), None)

    def planned(self, number: str) -> Phase:
        return self.plan.phase(number)


replace = msgspec.structs.replace


def received_key(subtask: str, amendment: Amendment) -> str:
    """The key in `received_amendments` of an amendment that was made in a subtask."""
    return f"{subtask}/{amendment.id}"


def put_phase(state: TaskState, phase: PhaseState) -> TaskState:
    """`state` with one phase replaced."""
    return replace(state, phases={**state.phases, phase.number: phase})


def put_module(state: TaskState, phase: str, module: str, **change: object) -> TaskState:
    """`state` with fields of one module changed."""
    held = state.phases[phase]
    return put_phase(state, replace(held, modules={**held.modules, module: replace(held.modules[module], **change)}))


def put_open(state: TaskState, held: Open) -> TaskState:
    """`state` with one open effect added or replaced."""
    return replace(state, open={**state.open, held.request.effect: held})


def close(state: TaskState, effect: str) -> TaskState:
    """`state` without an open effect."""
    return replace(state, open={k: v for k, v in state.open.items() if k != effect})
