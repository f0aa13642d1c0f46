"""A world made of chance for the core: it answers requests with outcomes, without git, commands or agents."""

from __future__ import annotations

import random
from itertools import count

from conductor.core.decide import decide
from conductor.core.evolve import evolve
from conductor.core.state import Open, TaskState
from conductor.core.steps.step import Fact
from conductor.events import (
    AgentReported,
    AgentRequested,
    Body,
    CheckObserved,
    CheckpointCreated,
    CheckpointRequested,
    ChecksRequested,
    Claim,
    CollectCompleted,
    CollectRequested,
    Correction,
    DeliveryCompleted,
    DeliveryRequested,
    DocumentsRequested,
    DocumentsWritten,
    EffectFailed,
    EffectStarted,
    Finding,
    MergeCompleted,
    MergeConflicted,
    MergeRequested,
    PhaseRolledBack,
    QuestionAnswered,
    RestoreCompleted,
    RestoreRequested,
    RollbackRequested,
    TaskCreated,
    TaskRolledBack,
    TaskStarted,
    WorkspacePrepared,
    WorkspaceRequested,
)
from conductor.settings import Settings
from conductor.spec.plan import Criterion, Module, Phase, Plan

NOW = "2026-01-01T00:00:00.000000Z"
CLAIM = Claim("host", "boot", 1, "start")


def plan(*shape: int) -> Plan:
    """A plan with one phase per number, of that many modules; the last module of three depends on the first."""
    phases = []
    for n, modules in enumerate(shape, 1):
        parts = tuple(
            Module(f"m{i}", depends_on=("m0",) if i == 2 else (), expected_files=(f"{n}/{i}.py",))
            for i in range(modules)
        )
        phases.append(
            Phase(
                str(n),
                f"Phase {n}",
                parts,
                goals=("a goal",),
                success_criteria=(Criterion(f"p{n}.c1", "tests pass", proofs=("tests",)),),
                test_commands=("make test",),
                mode="direct" if modules == 1 else "worktrees",
            )
        )
    return Plan("A plan", tuple(phases))


class World:
    """Drives the core with random outcomes; `facts` is the whole history."""

    def __init__(self, seed: int, plan: Plan, *, trouble: float = 0.0, settings: Settings | None = None) -> None:
        self.random = random.Random(seed)
        self.trouble = trouble
        self.state = TaskState("t")
        self.facts: list[Fact] = []
        self.ids = count(1)
        self.seen: set[tuple[str, str]] = set()
        self.say(
            TaskCreated(
                title=plan.title,
                plan=plan,
                spec_path="READY.md",
                spec="0" * 64,
                repository="/r",
                base_commit="base",
                base_branch="main",
                branch="conductor/t",
                settings=settings or Settings(),
            )
        )

    def say(self, body: Body, actor: str = "person:p") -> list[Body]:
        batch = decide(self.state, body, actor=actor, now=NOW)
        for i, item in enumerate(batch):
            fact = Fact(self.state.version + 1, NOW, actor if i == 0 else "conductor", item)
            before = self.state
            self.state = evolve(self.state, fact)
            self.facts.append(fact)
            self._note(before, item)
        return batch

    def _note(self, before: TaskState, item: Body) -> None:
        from conductor.events import type_of

        if before.status != self.state.status:
            self.seen.add((before.status, type_of(item)))
        for number, phase in self.state.phases.items():
            old = before.phases.get(number)
            if old and old.status != phase.status:
                self.seen.add((old.status, type_of(item)))

    def run(self, limit: int = 3000) -> TaskState:
        """Start if need be, then perform whatever is open until nothing is."""
        if self.state.status == "planned":
            self.say(TaskStarted())
        for _ in range(limit):
            ready = [o for o in self.state.open.values() if not o.stuck]
            if not ready or self.state.status == "paused":
                return self.state
            self.perform(self.random.choice(ready))
        raise AssertionError("the core does not come to an end")

    def answer(self) -> None:
        asked = self.random.choice(list(self.state.questions.values()))
        choice = self.random.choice([c for c in asked.question.choices if c != "abandon"])
        self.say(QuestionAnswered(asked.question.id, choice))

    def bad(self) -> bool:
        return self.random.random() < self.trouble

    def perform(self, held: Open) -> None:
        if not held.claim_version:
            self.say(EffectStarted(held.request.effect, CLAIM), "runner:r")
            held = self.state.open[held.request.effect]
        if self.bad() and self.random.random() < 0.2:
            self.say(EffectFailed(held.request.effect, held.claim_version, "broke"), "runner:r")
            return
        for outcome in self.outcomes(held):
            self.say(outcome, "runner:r")

    def outcomes(self, held: Open) -> list[Body]:
        request, key = held.request, {"effect": held.request.effect, "claim": held.claim_version}
        new = f"c{next(self.ids)}"
        made = {**key, "commit": new, "tree": "t" + new}
        match request:
            case WorkspaceRequested():
                at = {**key, "commit": request.base, "tree": "t" + request.base}
                return [WorkspacePrepared(**at, path="/w/" + request.branch, branch=request.branch)]
            case AgentRequested():
                return [self.report(request, made)]
            case CollectRequested():
                return [CollectCompleted(**made)]
            case ChecksRequested():
                return [self.check(spec, request, key) for spec in request.checks if spec.key not in held.done]
            case MergeRequested():
                if self.bad() and request.resolution is None:
                    return [MergeConflicted(**key, files=("x.py",))]
                return [MergeCompleted(**made, how="resolved" if request.resolution else "clean")]
            case DocumentsRequested():
                return [DocumentsWritten(**key, written={"DISCOVERIES.md": new})]
            case CheckpointRequested():
                return [CheckpointCreated(**made, number=request.number, checked_tree=request.checked_tree)]
            case RollbackRequested(phase=None):
                back = {**key, "commit": request.commit, "tree": "t" + request.commit}
                return [TaskRolledBack(**back, checkpoint=request.checkpoint)]
            case RollbackRequested():
                back = {**key, "commit": request.commit, "tree": "t" + request.commit, "phase": request.phase}
                return [PhaseRolledBack(**back, checkpoint=request.checkpoint, rescue="refs/conductor/rescue/x")]
            case RestoreRequested():
                return [RestoreCompleted(**made)]
            case DeliveryRequested():
                return [DeliveryCompleted(**key, commit=new, into=request.into)]
        raise AssertionError(request)

    def report(self, request: AgentRequested, made: dict[str, object]) -> AgentReported:
        verdict = self.random.choice(["FAIL", "NO_REPORT"]) if self.bad() else "PASS"
        review = request.role == "code-reviewer"
        corrections = ()
        if self.bad():
            impact = self.random.choice(["minor", "core"])
            evidence = self.random.choice(["", "a command and its output"])
            corrections = (Correction("was", "is", evidence, "did", impact),)
        return AgentReported(
            **made,
            role=request.role,
            verdict=verdict,
            blocking=("a flaw",) if review and self.bad() else (),
            findings=(Finding("gotcha", f"gotcha {made['commit']}"),),
            corrections=corrections,
            files_created=(f"{request.phase}.py",),
        )

    def check(self, spec: object, request: ChecksRequested, key: dict[str, object]) -> CheckObserved:
        status = "passed"
        if self.bad():
            status = self.random.choice(["failed", "failed", "failed", "not_applicable", "unavailable"])
        return CheckObserved(
            **key,
            key=spec.key,
            kind=spec.kind,
            status=status,
            summary=status,
            commit=request.commit,
            tree="t" + request.commit,
            output="o",
            proves=spec.proves,
        )
