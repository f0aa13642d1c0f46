"""What must hold of any history whatever happens, judged from its facts alone and never by the core's own state."""

from __future__ import annotations

from collections.abc import Iterable

from conductor.core.decide import awaited
from conductor.core.rules.subtasks import waiting
from conductor.core.state import TaskState
from conductor.core.steps.step import Fact
from conductor.events import (
    AgentReported,
    AgentRequested,
    Body,
    CheckObserved,
    CheckpointCreated,
    CheckpointRequested,
    ChecksRequested,
    Custom,
    DriverChanged,
    Kind,
    MergeCompleted,
    MergeRequested,
    PhaseAccepted,
    PhaseFailed,
    PhaseRetried,
    PhaseStarted,
    Question,
    QuestionAnswered,
    QuestionAsked,
    Request,
    SubtaskAmended,
    SubtaskEnded,
    SubtaskNewsRequested,
    SubtaskRequested,
    SubtaskTold,
    TaskCreated,
    TaskDecomposed,
    TaskRolledBack,
    WorkReported,
    WorkspaceRequested,
    row_of,
)
from conductor.plan.model import Plan

Place = tuple[str | None, str | None]  # phase and module; a phase's merged tree and the whole have no module


def dead_stop(state: TaskState) -> str | None:
    """Why nothing can ever happen to this task again, or None: an end, a pause, a question, or something to do.

    A word to a subtask is passed on while a person is awaited; it is no work.
    """
    work = [o for o in state.open.values() if not isinstance(o.request, SubtaskNewsRequested)]
    if waiting(state) and state.status == "awaiting_subtasks":
        return "a person is awaited while there is work to do" if any(o.ready for o in work) else None
    movable = [o for o in state.open.values() if not o.blocked_by]
    match state.status:
        case "completed" | "completed_with_waivers" | "abandoned" | "paused" | "planned":
            return None
        case "awaiting_answer" | "awaiting_approval":
            if not state.questions:
                return f"{state.status} without a question"
            awaits = any(not o.blocked_by for o in work)
            return "a person is awaited while there is work to do" if awaits else None
    if movable or awaited(state):
        return None
    return f"{state.status} with nothing to do; questions: {list(state.questions)}"


class Laws:
    """Reads a history fact by fact; raises AssertionError where a law is broken."""

    def __init__(self) -> None:
        self.plan = Plan("", ())
        self.driver = "conductor"
        self.used: set[object] = set()  # names of effects and branches, numbers of checkpoints: never twice
        self.requests: dict[str, Request] = {}
        self.checks: dict[Place, ChecksRequested] = {}
        self.seen: dict[str, dict[str, CheckObserved]] = {}
        self.word: dict[Place, str] = {}
        self.review: dict[Place, tuple[ChecksRequested | None, bool]] = {}
        self.accepted: set[str] = set()
        self.built: dict[Place, str] = {}  # the commit in which a subtask ended
        self.settled: set[str] = set()  # parts that are merged, or that a person goes on without
        self.asked: dict[str, Question] = {}
        self.amended: dict[str, str] = {}  # what was amended in a subtask

    def read(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if not isinstance(fact.body, Custom) and row_of(fact.body).kind is Kind.DECISION:
                assert fact.actor == "conductor", f"{fact.actor} decided {fact.body}"
            self._one(fact.body)

    def _one(self, body: Body) -> None:
        match body:
            case TaskCreated():
                self.plan, self.driver = body.plan, body.driver
            case TaskDecomposed():
                self.plan = body.plan
            case SubtaskEnded() if body.commit:
                asked = self.requests[body.effect]
                self.built[asked.phase, asked.module] = body.commit
            case MergeCompleted():
                self.settled.add(self.requests[body.effect].module or "")
            case QuestionAsked():
                self.asked[body.question.id] = body.question
            case QuestionAnswered(choice="skip") if self.asked[body.question].kind == "subtask":
                self.settled.add(self.asked[body.question].module or "")
            case DriverChanged():
                self.driver = body.driver
            case PhaseStarted() | PhaseRetried():
                self.settled.clear()
                self._forget(body.phase)
            case PhaseAccepted():
                self.accepted.add(body.phase)
            case PhaseFailed():
                self.accepted.discard(body.phase)
            case TaskRolledBack():
                self._forget(None)
            case SubtaskAmended():
                self.amended[body.amendment.new] = body.subtask
            case SubtaskTold():
                self._never_twice(("told", body.subtask, body.amendment))
            case Request():
                self._requested(body)
            case CheckObserved():
                self.seen[body.effect][body.key] = body
            case AgentReported():
                asked = self.requests[body.effect]
                self._said(body.role, asked.phase, asked.module, body.verdict, body.blocking)
            case WorkReported():
                self._said(body.role, body.phase, body.module, body.verdict, body.blocking)
            case CheckpointCreated():
                self._never_twice(("checkpoint", body.number))

    def _forget(self, phase: str | None) -> None:
        for table in (self.checks, self.word, self.review):
            for place in [p for p in table if p[0] == phase]:
                del table[place]
        self.accepted.discard(phase or "")

    def _never_twice(self, name: object) -> None:
        assert name not in self.used, f"{name} is used twice"
        self.used.add(name)

    def _requested(self, body: Request) -> None:
        self._never_twice(body.effect)
        self.requests[body.effect] = body
        match body:
            case WorkspaceRequested():
                self._never_twice(("branch", body.branch))
            case SubtaskRequested():
                needs = self.plan.phase(body.phase or "").module(body.module or "").depends_on
                assert self.settled >= set(needs), f"{body.module} is begun before {needs}"
            case AgentRequested():
                assert self.driver == "conductor", f"{body.role} was asked for in assisted driving"
            case ChecksRequested(again=True):
                before = self.checks[self._place(body.phase, body.module)]
                seen = self.seen[before.effect]
                wanted = [spec for spec in before.checks if spec.blocking and seen[spec.key].status == "unfinished"]
                assert list(body.checks) == wanted, f"{body.checks} are run again, and {wanted} were unfinished"
                self._never_twice((before.effect, "again", len(self.asked)))  # but at a person's word
                self.seen[body.effect] = seen
            case ChecksRequested():
                self.checks[self._place(body.phase, body.module)] = body
                self.seen[body.effect] = {}
            case SubtaskNewsRequested():
                assert self.amended.get(body.amendment.new) != body.subtask, f"{body.subtask} is told what it said"
            case MergeRequested() if (body.phase, body.module) in self.built:
                assert body.theirs == self.built[body.phase, body.module]
            case MergeRequested() if body.phase not in self.accepted:
                self._proven((body.phase, body.module), body.theirs)
            case CheckpointRequested(waived=False):
                self._proven((body.phase, None), body.checked_tree.removeprefix("t"))

    def _place(self, phase: str | None, module: str | None) -> Place:
        direct = phase is not None and len(self.plan.phase(phase).modules) == 1
        return phase, None if direct else module

    def _said(self, role: str, phase: str | None, module: str | None, verdict: str, blocking: tuple[str, ...]) -> None:
        place = self._place(phase, module)
        if role == "code-reviewer":
            self.review[place] = (self.checks.get(place), verdict == "PASS" and not blocking)
        elif role not in ("synthesis-architect", "test-implementer"):  # they do not speak for the work itself
            self.word[place] = verdict

    def _proven(self, place: Place, commit: str) -> None:
        """Every blocking check passed or does not apply, one passed, on this very commit; the last word is PASS."""
        asked = self.checks[place]
        assert asked.commit == commit, f"{place}: {asked.commit} was checked, {commit} is taken"
        seen = self.seen[asked.effect]
        blocking = [seen[spec.key] for spec in asked.checks if spec.blocking]
        assert all(c.commit == commit for c in blocking)
        assert {c.status for c in blocking} <= {"passed", "not_applicable"}, f"{place}: {blocking}"
        waived = place[0] is None and self.accepted  # what a person waived is not asked of the whole again
        assert waived or any(c.status == "passed" for c in blocking), f"{place}: nothing was tested"
        built = place == self._place(place[0], "m0") or place[1] is not None
        assert self.word.get(place, "" if built else "PASS") == "PASS", f"{place}: {self.word.get(place)} was taken"
        parallel = place[0] is None or (place[1] is None and len(self.plan.phase(place[0]).modules) > 1)
        if parallel:
            assert self.review[place] == (asked, True), f"{place}: not reviewed"
