"""What an agent is asked to do, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from conductor.agents.contract.report import read_report
from conductor.config.settings import Limits, Price
from conductor.errors import ConductorError
from conductor.events import Correction, Finding, Usage
from conductor.ids import AgentVerdict, EffectId


class AgentBroke(ConductorError):
    """The agent itself broke, rather than failing at its work. The attempt can be resumed where it was."""


class AgentRejected(AgentBroke):
    """The model's service rejects the request: retrying is useless, a person has to act."""


class Waiting(ConductorError):
    """The agent can go on at `until` (Unix time, seconds), not before. Nothing failed; the attempt remains valid.

    `kind`: `rate_limit` or `overloaded`.
    """

    def __init__(self, kind: str, until: float, what: str) -> None:
        super().__init__(what, hint="nothing to do: it goes on by itself when the wait is over")
        self.kind = kind
        self.until = until


class Exhausted(ConductorError):
    """Between two turns an agent's allowance turned out to be used up; a person decides whether it goes on."""

    def __init__(self, what: tuple[str, ...], turns: int, usage: Usage) -> None:
        super().__init__(f"the allowance is used up: {', '.join(what)}", hint="answer the task's question")
        self.used_up = what
        self.turns = turns
        self.usage = usage


VERDICTS = ("PASS", "FAIL", "NO_REPORT")


def _no_news(since: int) -> tuple[int, tuple[str, ...]]:
    return since, ()


class Assignment(msgspec.Struct, frozen=True):
    """One attempt of one role. `effect` identifies it within the task."""

    task: str
    effect: EffectId
    role: str
    phase: str | None
    module: str | None
    attempt: int  # 1-based, per role and target
    briefing: str
    path: str  # the worktree
    hint: str = ""
    allowance: Limits = Limits()
    prices: Mapping[str, Price] = {}  # the user's own, by model
    worked: float = 0.0  # minutes under earlier claims

    @property
    def told_as(self) -> str:
        """The attempt in words."""
        return f"{self.role}, phase {self.phase}, module {self.module}, attempt {self.attempt}"

    # Takes a version of the task; returns the current version, and the rulings made in between.
    news: Callable[[int], tuple[int, tuple[str, ...]]] = _no_news


class Ended(msgspec.Struct, frozen=True):
    """How an attempt ended: the agent's claim, never an observation."""

    verdict: AgentVerdict
    summary: str = ""
    report: str = ""  # raw JSON; "" if there is none
    blocking: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()
    turns: int = 0
    reason: str = ""  # why NO_REPORT
    model: str = ""  # the last that answered; "" if none was called
    usage: Usage = Usage()  # of all tries

    @classmethod
    def reported(cls, raw: str, turns: int) -> Ended:
        """From an accepted report's JSON. Raises ReportError."""
        report = read_report(raw)
        return cls(
            verdict=report.status,
            summary=report.summary,
            report=raw,
            blocking=report.blocking,
            findings=report.findings(),
            corrections=report.as_corrections(),
            turns=turns,
        )

    @classmethod
    def silent(cls, reason: str, turns: int) -> Ended:
        """An end without a readable report, which is never PASS."""
        return cls(verdict="NO_REPORT", summary=reason, turns=turns, reason=reason)
