"""What a task's agents used, attempt by attempt, and how often a model's PASS was true. Reads only the record.

Usage is read from the transcripts, so it is available while an agent is at work and after a rollback.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from conductor.core.rules.checks import PASSING
from conductor.core.steps.effects import FIX, IMPLEMENT, SYNTHESIS, TESTS
from conductor.envelope import Recorded
from conductor.events import (
    AgentReported,
    AgentRequested,
    CheckObserved,
    ChecksRequested,
    ContextCompacted,
    EffectStarted,
    Outcome,
    ProgramEnded,
    TryFailed,
    TryStarted,
    TurnSaid,
    Usage,
)
from conductor.log.keys import transcript_of
from conductor.log.store import EventStore

WORKERS = (IMPLEMENT, FIX, SYNTHESIS, TESTS)  # roles whose PASS claims that their work is correct
NO_MODEL = ""  # scripted agents, and programs that do not report a model


class Attempt(msgspec.Struct, frozen=True):
    """One agent's attempt. `usage`: by model. `held`: whether its PASS was true, as far as it was checked. `odd`:
    descriptions of reported figures that made no sense and were ignored, each once.
    """

    effect: str
    role: str
    attempt: int
    phase: str | None = None
    module: str | None = None
    verdict: str = ""  # "": it has not reported
    held: bool | None = None
    turns: int = 0
    tries: int = 0  # that failed
    minutes: float = 0.0
    usage: dict[str, Usage] = {}
    odd: tuple[str, ...] = ()


class Honesty(msgspec.Struct, frozen=True):
    """How many PASS verdicts of a model were checked, and how many of them held."""

    claimed: int = 0
    held: int = 0


def attempts(store: EventStore, task: str) -> tuple[Attempt, ...]:
    """All attempts, in the order in which they were requested. Raises CorruptLog."""
    history = store.read(task)
    minutes, reports = _minutes(history), _reports(history)
    rows = []
    for event in history:
        if isinstance(asked := event.body, AgentRequested):
            transcript = store.read(transcript_of(task, asked.effect))
            turns, tries, usage = _used(transcript)
            verdict, held = reports.get(asked.effect, ("", None))
            rows.append(
                Attempt(
                    effect=asked.effect,
                    role=asked.role,
                    attempt=asked.attempt,
                    phase=asked.phase,
                    module=asked.module,
                    verdict=verdict,
                    held=held,
                    turns=turns,
                    tries=tries,
                    minutes=round(minutes.get(asked.effect, 0.0), 3),
                    usage=usage,
                    odd=tuple(dict.fromkeys(odd for event in transcript for odd in getattr(event.body, "odd", ()))),
                )
            )
    return tuple(rows)


def honesty(rows: Iterable[Attempt]) -> dict[str, Honesty]:
    """By the model that an attempt used most; attempts whose PASS was not checked are left out."""
    rates: dict[str, Honesty] = {}
    for row in rows:
        if row.held is not None:
            model = max(row.usage, key=lambda name: row.usage[name].total, default=NO_MODEL)
            known = rates.get(model, Honesty())
            rates[model] = Honesty(known.claimed + 1, known.held + row.held)
    return rates


def _used(transcript: Iterable[Recorded]) -> tuple[int, int, dict[str, Usage]]:
    """Turns, failed tries, and usage by model."""
    turns = tries = 0
    asked, usage = NO_MODEL, dict[str, Usage]()
    for event in transcript:
        match event.body:
            case TryStarted(model=model):
                asked = model
            case TryFailed(usage=spent):
                tries += 1
                usage[asked] = usage.get(asked, Usage()) + spent
            case TurnSaid(model=model, usage=spent):
                turns += 1
                asked = model or asked
                usage[model] = usage.get(model, Usage()) + spent
            case ProgramEnded(usage=spent) if spent.total:
                usage[asked] = usage.get(asked, Usage()) + spent
            case ContextCompacted(model=model, usage=spent) if spent.total:
                usage[model] = usage.get(model, Usage()) + spent
    return turns, tries, usage


def _minutes(history: Iterable[Recorded]) -> dict[str, float]:
    """How long each effect was claimed, in minutes."""
    claimed: dict[str, str] = {}
    minutes: dict[str, float] = {}
    for event in history:
        match event.body:
            case EffectStarted(effect=effect):
                claimed[effect] = event.envelope.time
            case Outcome(effect=effect) if effect in claimed:
                since, until = datetime.fromisoformat(claimed.pop(effect)), datetime.fromisoformat(event.envelope.time)
                minutes[effect] = minutes.get(effect, 0.0) + (until - since).total_seconds() / 60
    return minutes


def _reports(history: Iterable[Recorded]) -> dict[str, tuple[str, bool | None]]:
    """By effect: the verdict, and whether a worker's PASS held when its commit was checked."""
    found: dict[str, tuple[str, bool | None]] = {}
    waiting: dict[str, list[str]] = {}  # commit -> effects that left it
    asked: dict[str, ChecksRequested] = {}
    for event in history:
        match event.body:
            case AgentReported() as report:
                found[report.effect] = (report.verdict, None)
                if report.role in WORKERS and report.verdict == "PASS" and report.commit:
                    waiting.setdefault(report.commit, []).append(report.effect)
            case ChecksRequested() as request:
                asked[request.effect] = request
            case CheckObserved() as seen if seen.status != "unfinished":
                blocking = {c.key for c in asked[seen.effect].checks if c.blocking}
                for effect in waiting.get(seen.commit, ()) if seen.key in blocking else ():
                    held = found[effect][1] is not False and seen.status in PASSING
                    found[effect] = (found[effect][0], held)
    return found
