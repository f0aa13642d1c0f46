"""A world for the core to act in: it claims what is asked for and answers, without git, commands or agents."""

from __future__ import annotations

from collections.abc import Callable

from conductor.config.settings import Settings
from conductor.core import lifecycle
from conductor.core.decide import awaited, decide
from conductor.core.evolve import evolve
from conductor.core.rules.subtasks import under_way, waiting
from conductor.core.state import Open, TaskState, replace
from conductor.core.steps.step import Fact
from conductor.events import (
    AgentRequested,
    Amendment,
    Body,
    Claim,
    Correction,
    EffectStarted,
    QuestionAnswered,
    SubtaskAmended,
    SubtaskChanged,
    TaskCreated,
    TaskStarted,
    WorkReported,
    type_of,
)
from conductor.ids import Branch, Commit, Digest, Driver, EffectId, TaskStatus
from conductor.plan.model import Criterion, Module, Phase, Plan
from tests.support.simulation.luck import Luck

NOW = "2026-01-01T00:00:00.000000Z"
PERSON, RUNNER = "person:p", "runner:r"
CUT = Settings(decompose_above=0)
CLAIM = Claim("host", "boot", 1, "start")


def plan(*shape: int, done: tuple[str, ...] = ()) -> Plan:
    """A plan with one phase per number, of that many modules; the third module of a phase depends on the first."""
    return Plan("A plan", tuple(_phase(str(n), modules, str(n) in done) for n, modules in enumerate(shape, 1)))


def large(*shape: int, done: tuple[str, ...] = ()) -> Plan:
    """The same, for settings above whose threshold every such plan lies: see CUT."""
    return replace(plan(*shape, done=done), complexity=1)


def _phase(number: str, modules: int, done: bool) -> Phase:
    return Phase(
        number,
        f"Phase {number}",
        tuple(
            Module(f"m{i}", depends_on=("m0",) if i == 2 else (), expected_files=(f"{number}/{i}.py",))
            for i in range(modules)
        ),
        goals=("a goal",),
        success_criteria=(Criterion(f"p{number}.c1", "tests pass", proofs=("tests",)),),
        test_commands=("make test",),
        mode="direct" if modules == 1 else "worktrees",
        status="done" if done else "pending",
    )


class World:
    """Drives the core; `facts` is the whole history, `seen` the rows of the lifecycles that it went through."""

    def __init__(
        self,
        plan: Plan,
        *,
        seed: int = 0,
        trouble: float = 0.0,
        settings: Settings | None = None,
        driver: Driver = "conductor",
        base_branch: str | None = "main",
        approved: tuple[str, ...] | None = None,
    ) -> None:
        self.luck = Luck(seed, trouble)
        self.random = self.luck.random
        self.state = TaskState("t")
        self.facts: list[Fact] = []
        self.seen: set[tuple[str, str, str]] = set()
        self.say(
            TaskCreated(
                title=plan.title,
                plan=plan,
                spec_path="READY.md",
                spec=Digest("0" * 64),
                repository="/r",
                base_commit=Commit("base"),
                base_branch=base_branch,
                branch=Branch("conductor/t"),
                driver=driver,
                settings=settings or Settings(),
                approved=plan.commands() if approved is None else approved,
            )
        )

    def say(self, body: Body, actor: str = PERSON) -> list[Body]:
        """Append an input or observation with the decisions it causes; returns that batch. Raises Refused."""
        batch = list(decide(self.state, body, actor=actor, now=NOW).bodies)
        for i, item in enumerate(batch):
            before = self.state
            fact = Fact(before.version + 1, NOW, actor if i == 0 else "conductor", item)
            self.state = evolve(before, fact)
            self.facts.append(fact)
            self._note(before, type_of(item))
        return batch

    def _note(self, before: TaskState, trigger: str) -> None:
        if trigger in lifecycle.TASK_TRIGGERS:
            self.seen.add(("task", before.status, trigger))
        if trigger not in lifecycle.PHASE_TRIGGERS:
            return
        for number, phase in self.state.phases.items():
            old = before.phases.get(number)
            if old and old.status != phase.status:
                self.seen.add(("phase", old.status, trigger))

    # ---- driving -----------------------------------------------------------------------------------------------

    def ready(self) -> list[Open]:
        """Open effects that a runner may perform now."""
        return [] if self.state.status == "paused" else [o for o in self.state.open.values() if not o.blocked_by]

    def run(self, limit: int = 3000, until: Callable[[list[Body]], bool] = lambda _: False) -> TaskState:
        """Start if need be, then perform whatever is open until nothing is, or until a batch fits."""
        if self.state.status == "planned" and until(self.say(TaskStarted())):
            return self.state
        for _ in range(limit):
            if ready := self.ready():
                batches = self.perform(self.random.choice(ready))
            elif due := awaited(self.state):
                batches = [self.work(self.random.choice(due))]
            else:
                return self.state
            if any(until(batch) for batch in batches):
                return self.state
        raise AssertionError("the core does not come to an end")

    def claim(self, effect: str) -> list[Body]:
        """Claim an effect, or take it over from whoever holds it."""
        held = self.state.open[EffectId(effect)].claim_version
        return self.say(EffectStarted(EffectId(effect), CLAIM, takes_over=held), RUNNER)

    def perform(self, held: Open) -> list[list[Body]]:
        """Claim an effect if nobody has, and append its outcomes as luck has them; returns their batches."""
        effect = held.request.effect
        if not held.claim_version:
            self.claim(effect)
        return [self.say(outcome, RUNNER) for outcome in self.luck.outcomes(self.state.open[effect])]

    def below(self, status: TaskStatus = "running") -> list[Body]:
        """A subtask that waited goes on."""
        return self.say(SubtaskChanged(self.random.choice(waiting(self.state)).id, status), RUNNER)

    def amends(self, subtask: str = "", **more: object) -> list[Body]:
        """In a subtask under way, which waits or not, a person approves a correction: what was n is n + 1 now."""
        there = {s.id: part for part, s in under_way(self.state).items()}
        subtask = subtask or self.random.choice(list(there))
        number = len(self.state.received_amendments)
        correction = Correction(f"what was {number}", f"is {number + 1}", impact="core", **more)  # type: ignore[arg-type]
        made = Amendment(f"a{number + 1}", correction.original, correction.reality, "q1", affects=correction.affects)
        told = {"subtask": subtask, "phase": "subtasks", "module": there[subtask]}
        return self.say(SubtaskAmended(**told, correction=correction, amendment=made), RUNNER)

    def work(self, due: AgentRequested) -> list[Body]:
        """Assisted driving: the client's agent does what is due, as luck has it, and the client reports it."""
        report = self.luck.report(due, {"effect": due.effect, "claim": 0, "commit": "", "tree": ""})
        said = {f: getattr(report, f) for f in ("verdict", "summary", "blocking", "findings", "corrections")}
        return self.say(WorkReported(due.role, due.phase, due.module, **said), "client:c")

    def answer(self, choice: str = "", hint: str = "") -> list[Body]:
        """Answer one open question: with `choice`, or with any choice but to abandon."""
        asked = self.random.choice(list(self.state.questions.values())).question
        choice = choice or self.random.choice([c for c in asked.choices if c != "abandon"])
        hint = hint or ("this way" if choice == "answer" else "")
        return self.say(QuestionAnswered(asked.id, choice, hint))
