"""Given, when, then: a world in which a test says what goes wrong, and reads what the core made of it."""

from __future__ import annotations

from typing import TypeVar

import pytest

from conductor.core.state import Open, PhaseState, TaskState
from conductor.errors import Refused
from conductor.events import AgentRequested, Body, Correction, Question, Request, type_of
from conductor.plan.model import Plan
from tests.support.simulation.luck import Fate
from tests.support.simulation.world import PERSON, World

B = TypeVar("B", bound=Body)
ALWAYS = 10**9
CORE = Correction("sync", "async", "the API's page", "", "core", "it is documented")

IMPLEMENT, FIX, TESTS = "implementation-executor", "fix-executor", "test-implementer"
REVIEW, SYNTHESIS = "code-reviewer", "synthesis-architect"


class Story(World):
    """`agent`, `check`, `conflict`, `breaks` say what is to go wrong; the rest of the world goes well."""

    # ---- given -------------------------------------------------------------------------------------------------

    def agent(self, role: str, *, times: int = 1, where: dict[str, object] | None = None, **says: object) -> Story:
        """The next `times` runs of `role` report this."""
        return self._fate("agent", times, {"role": role, **(where or {})}, says)

    def check(self, key: str, status: str, *, times: int = 1, **where: object) -> Story:
        """The next `times` runs of the check `key` (of phase=, module=) end like this."""
        return self._fate("check", times, {"key": key, **where}, {"status": status})

    def conflict(self, *, times: int = 1, files: tuple[str, ...] = ("x.py",), **where: object) -> Story:
        return self._fate("conflict", times, where, {"files": files})

    def evidence(self, status: str, *, times: int = 1) -> Story:
        """The next `times` looks at an agent's evidence end like this."""
        return self._fate("evidence", times, {}, {"status": status})

    def limited(self, *, times: int = 1, **where: object) -> Story:
        """The next `times` runs of agents have to wait for a rate limit."""
        return self._fate("limit", times, where, {})

    def runs_dry(self, *, times: int = 1, **where: object) -> Story:
        """The next `times` runs of agents use up their allowance."""
        return self._fate("spent", times, where, {})

    def subtask(self, status: str, *, times: int = 1, **where: object) -> Story:
        """The next `times` subtasks (of module=) end, or wait, like this."""
        return self._fate("subtask", times, where, {"status": status})

    def breaks(self, request: type[Request], *, times: int = 1, final: bool = False) -> Story:
        return self._fate("breaks", times, {"type": request}, {"final": final})

    def refusal(self) -> Story:
        """The next delivery is refused."""
        return self._fate("refused", 1, {}, {})

    def _fate(self, what: str, times: int, where: dict[str, object], says: dict[str, object]) -> Story:
        self.luck.fates.append(Fate(what, times, where, says))
        return self

    def ran(self) -> Story:
        """Given that it ran until nothing more can be done without a person."""
        self.run()
        return self

    def until(self, kind: type[Body], **where: object) -> Story:
        """Given that it ran until an event of this kind was appended."""

        def there(batch: list[Body]) -> bool:
            return any(isinstance(b, kind) and all(getattr(b, k) == v for k, v in where.items()) for b in batch)

        self.run(until=there)
        assert self.all(kind), f"it never came to {kind.__name__}; it is {self.state.status}"
        return self

    # ---- when --------------------------------------------------------------------------------------------------

    def when(self, body: Body, actor: str = PERSON) -> list[str]:
        """The types of the batch that an input leads to."""
        return [type_of(b) for b in self.say(body, actor)]

    def when_answered(self, choice: str, hint: str = "") -> list[str]:
        """The types of the batch that the answer to the one open question leads to."""
        assert len(self.state.questions) == 1
        return [type_of(b) for b in self.answer(choice, hint)]

    def refused(self, body: Body, actor: str = PERSON) -> str:
        """The text of the refusal, which must leave nothing behind."""
        before, facts = self.state, len(self.facts)
        with pytest.raises(Refused) as refusal:
            self.say(body, actor)
        assert self.state is before and len(self.facts) == facts
        return str(refusal.value)

    # ---- then --------------------------------------------------------------------------------------------------

    @property
    def told(self) -> list[str]:
        """The types of the whole history, without claims."""
        return [name for f in self.facts if (name := type_of(f.body)) != "effect.started"]

    def all(self, kind: type[B]) -> list[B]:
        return [f.body for f in self.facts if isinstance(f.body, kind)]

    def last(self, kind: type[B]) -> B:
        return self.all(kind)[-1]

    def agents(self) -> list[tuple[str, str | None, str | None]]:
        """Every agent that was asked for: role, phase, module."""
        return [(r.role, r.phase, r.module) for r in self.all(AgentRequested)]

    def in_order(self, *names: str) -> None:
        """Assert that these types occur in this order, whatever lies between."""
        rest = iter(self.told)
        for name in names:
            assert name in rest, f"{name} is missing at its place among {names}; told: {self.told}"

    def open(self, kind: type[Request]) -> Open:
        return next(o for o in self.state.open.values() if isinstance(o.request, kind))

    def question(self, kind: str) -> Question:
        """The one open question, of this kind."""
        (asked,) = self.state.questions.values()
        assert asked.question.kind == kind, asked.question
        return asked.question

    def phase(self, number: str = "1") -> PhaseState:
        return self.state.phases[number]

    def ends(self, status: str) -> TaskState:
        """Run on; assert where that leads."""
        state = self.run()
        assert state.status == status, f"{state.status}: {self.told[-8:]}"
        return state


def given(plan: Plan, **how: object) -> Story:
    return Story(plan, **how)  # type: ignore[arg-type]
