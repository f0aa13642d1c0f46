"""A world without mercy: at any moment anyone may do anything that they could do, allowed or not."""

from __future__ import annotations

import msgspec

from conductor.core import lifecycle
from conductor.core.decide import awaited, decide
from conductor.core.rules.subtasks import under_way, waiting
from conductor.errors import Refused
from conductor.events import (
    Body,
    Custom,
    DeliveryAsked,
    DriverChanged,
    EffectReleased,
    EffectStarted,
    Finding,
    FindingReported,
    Outcome,
    QuestionAnswered,
    RollbackAsked,
    SubtaskChanged,
    TaskAbandoned,
    TaskCompleted,
    TaskPaused,
    TaskResumed,
    TaskStarted,
    WorkReported,
)
from conductor.ids import EffectId
from tests.support.simulation.laws import Laws, dead_stop
from tests.support.simulation.world import CLAIM, PERSON, RUNNER, World

MOVES = {
    "perform": 60,
    "answer": 12,
    "work": 25,
    "resume": 6,
    "start": 20,
    "half": 6,
    "below": 12,
    "pause": 2,
    "roll_back": 2,
    "driver": 1.5,
    "aside": 2,
    "late": 2,
    "nonsense": 2,
    "deliver": 1,
    "abandon": 0.05,
}


class Chaos(World):
    """`move` does one random thing and holds the laws; `moves` many."""

    def __init__(self, *args: object, **named: object) -> None:
        self.laws = Laws()
        self.old: list[Outcome] = []
        super().__init__(*args, **named)  # type: ignore[arg-type]

    def say(self, body: Body, actor: str = PERSON) -> list[Body]:
        state, known = self.state, len(self.facts)
        batch = super().say(body, actor)
        again = decide(state, body, actor=actor, now=self.facts[-1].time)
        assert (list(again.bodies), again.state) == (batch, self.state), "decide is not deterministic"
        self.laws.read(self.facts[known:])
        assert (reason := dead_stop(self.state)) is None, f"dead stop: {reason}; after {self.facts[-6:]}"
        assert (self.state.current() is None) or self.state.status not in lifecycle.DONE
        if isinstance(body, Outcome):
            self.old.append(body)
        return batch

    def moves(self, count: int) -> None:
        for _ in range(count):
            self.move()

    def move(self) -> None:
        name = self.random.choices(list(MOVES), list(MOVES.values()))[0]
        before, packed, known = self.state, msgspec.json.encode(self.state), len(self.facts)
        try:
            getattr(self, "_" + name)()
        except Refused as refusal:
            assert refusal.what
            if len(self.facts) == known:
                assert self.state is before and msgspec.json.encode(before) == packed, "a refusal left something"

    # ---- what goes as it should --------------------------------------------------------------------------------

    def _start(self) -> None:
        self.say(TaskStarted())

    def _perform(self) -> None:
        if ready := self.ready():
            self.perform(self.random.choice(ready))

    def _answer(self) -> None:
        if self.state.questions:
            self.answer("" if self.random.random() < 0.99 else "abandon")

    def _below(self) -> None:
        """In a subtask under way something is amended, or one that waits goes on."""
        if under_way(self.state) and self.random.random() < 0.5:
            self.amends(affects=self.random.choice([(), ("m0",), ("Phase 1", "Phase 2")]))
        elif waiting(self.state):
            self.below()

    def _work(self) -> None:
        if due := awaited(self.state):
            self.work(self.random.choice(due))

    def _resume(self) -> None:
        self.say(TaskResumed())

    # ---- what comes between ------------------------------------------------------------------------------------

    def _half(self) -> None:
        """An effect is claimed, or taken over, or gives one outcome of several, or is given back."""
        if not self.state.open:
            return
        held = self.random.choice(list(self.state.open.values()))
        effect = held.request.effect
        if not held.claim_version or self.random.random() < 0.3:
            self.claim(effect)
        elif self.random.random() < 0.5:
            self.say(self.luck.outcomes(held)[0], RUNNER)
        else:
            self.say(EffectReleased(effect, held.claim_version, "stopped"), RUNNER)

    def _pause(self) -> None:
        self.say(TaskPaused())

    def _roll_back(self) -> None:
        numbers = [c.number for c in self.state.checkpoints] or [7]
        for held in list(self.state.open.values()):
            if held.claim_version and self.random.random() < 0.8:
                self.say(EffectReleased(held.request.effect, held.claim_version, "stopped"), RUNNER)
        self.say(RollbackAsked(self.random.choice(numbers), "better so"))

    def _driver(self) -> None:
        self.say(DriverChanged("assisted" if self.state.driver == "conductor" else "conductor"))

    def _aside(self) -> None:
        if self.random.random() < 0.5:
            self.say(FindingReported(Finding("gotcha", "mind the gap")), "script:s")
        else:
            self.say(Custom("mine.own", msgspec.Raw(b'{"x":1}')), "script:s")

    def _deliver(self) -> None:
        self.say(DeliveryAsked())

    def _abandon(self) -> None:
        self.say(TaskAbandoned("enough"))

    # ---- what must be refused ----------------------------------------------------------------------------------

    def _late(self) -> None:
        """An outcome that was given once comes again."""
        if self.old:
            outcome = self.random.choice(self.old)
            self.say(outcome, RUNNER)
            raise AssertionError(f"taken twice: {outcome}")

    def _nonsense(self) -> None:
        body, actor = self.random.choice(
            [
                (TaskCompleted(), PERSON),
                (TaskCompleted(), RUNNER),
                (EffectStarted(EffectId("no:such:effect"), CLAIM), RUNNER),
                (EffectStarted(EffectId("no:such:effect"), CLAIM), PERSON),
                (QuestionAnswered("q0", "retry"), PERSON),
                (RollbackAsked(999), PERSON),
                (DriverChanged("chaos"), PERSON),  # type: ignore[arg-type]
                (WorkReported("jester"), "client:c"),
                (SubtaskChanged("t.99", "running"), RUNNER),
                (Custom("task.completed", msgspec.Raw(b"{}")), "script:s"),
            ]
        )
        self.say(body, actor)
        raise AssertionError(f"taken: {body}")
