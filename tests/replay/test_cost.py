"""What agents used, and whether their PASS held, from the record alone."""

from __future__ import annotations

from conductor.envelope import Draft, Head, utc_now
from conductor.events import (
    AgentReported,
    AgentRequested,
    Body,
    CheckObserved,
    CheckSpec,
    ChecksRequested,
    ContextCompacted,
    ProgramEnded,
    TryFailed,
    TryStarted,
    TurnSaid,
    Usage,
)
from conductor.ids import AgentVerdict, CheckStatus, Commit, Digest, EffectId, Tree
from conductor.log.keys import transcript_of
from conductor.log.store import EventStore
from replay.cost import Attempt, Honesty, attempts, honesty

IMPLEMENT = "implementation-executor"


def written(store: EventStore, stream: str, *bodies: Body) -> None:
    store.append(stream, Head(), [Draft(b, "runner:r") for b in bodies], time=utc_now(), feed="/" not in stream)


def history(status: CheckStatus, *, kind: str = "tests", verdict: AgentVerdict = "PASS") -> tuple[Body, ...]:
    """One agent, its report, and the check of what it left."""
    suite = (CheckSpec(kind, kind, blocking=kind != "tested"),)
    seen = CheckObserved(
        effect=EffectId("1:-:checks:1"),
        claim=1,
        key=kind,
        kind=kind,
        status=status,
        summary="",
        commit=Commit("c"),
        tree=Tree("t"),
    )
    return (
        AgentRequested(effect=EffectId("1:m:a:1"), phase="1", module="m", role=IMPLEMENT, attempt=1),
        AgentReported(
            effect=EffectId("1:m:a:1"), claim=1, role=IMPLEMENT, verdict=verdict, commit=Commit("c"), tree=Tree("t")
        ),
        ChecksRequested(effect=EffectId("1:-:checks:1"), commit=Commit("c"), since=Commit("b"), checks=suite),
        seen,
    )


def read(store: EventStore, *bodies: Body) -> Attempt:
    written(store, "task", *bodies)
    (row,) = attempts(store, "task")
    return row


def test_usage_is_that_of_all_tries_and_turns_by_model(store: EventStore) -> None:
    written(
        store,
        transcript_of("task", "1:m:a:1"),
        TryStarted(1, 1, "big"),
        TryFailed(1, 1, "overloaded", "busy", usage=Usage(input=1)),
        TurnSaid(1, Digest("d"), Tree("t"), "big", Usage(input=10, output=5)),
        ContextCompacted(1, 1, 100, model="small", usage=Usage(input=7)),
    )
    row = read(store, *history("passed"))
    assert row.usage == {"big": Usage(input=11, output=5), "small": Usage(input=7)}
    assert (row.turns, row.tries, row.held) == (1, 1, True)
    assert honesty([row]) == {"big": Honesty(1, 1)}


def test_figures_that_were_not_counted_are_told_once(store: EventStore) -> None:
    odd = "output_tokens is -5, which is not a whole number from 0 to 1,000,000,000"
    turns = (TurnSaid(n, Digest("d"), Tree("t"), "big", Usage(input=10), odd=(odd,)) for n in (1, 2))
    written(store, transcript_of("task", "1:m:a:1"), *turns, ProgramEnded("success", odd=("cost is NaN",)))
    row = read(store, *history("passed"))
    assert (row.usage, row.odd) == ({"big": Usage(input=20)}, (odd, "cost is NaN"))


def test_a_pass_over_a_failing_check_did_not_hold(store: EventStore) -> None:
    row = read(store, *history("failed"))
    assert row.held is False and honesty([row]) == {"": Honesty(1, 0)}


def test_what_does_not_block_says_nothing_of_honesty(store: EventStore) -> None:
    assert read(store, *history("failed", kind="tested")).held is None


def test_an_honest_fail_is_no_claim(store: EventStore) -> None:
    assert read(store, *history("failed", verdict="FAIL")).held is None


def test_an_agent_at_work_is_counted_while_it_is(store: EventStore) -> None:
    written(store, transcript_of("task", "1:m:a:1"), TurnSaid(1, Digest("d"), Tree("t"), "big", Usage(input=3)))
    row = read(store, history("passed")[0])
    assert (row.verdict, row.turns, row.usage["big"].input) == ("", 1, 3)
