"""Everything that can go wrong between us and the service, over real HTTP: what is tried again, and what is said."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import msgspec
import pytest

from conductor.agents.contract.assignment import AgentBroke, AgentRejected, Waiting
from conductor.agents.runners.anthropic.failures import FailureRule, classify, of_status
from conductor.agents.runners.anthropic.retry_policy import RetryPolicy
from conductor.events import TryFailed, TryStarted, Usage
from tests.support.agents.live_stage import IMPATIENT, QUICK, bodies, live
from tests.support.agents.stage import Stage
from tests.support.messages_server.answers import Answer, Failure, Silence, Speech, calls, in_order, report, text
from tests.support.messages_server.answers import call as tool
from tests.support.messages_server.server import KEY, MessagesServer

RATE = Failure(429, "rate_limit_error", "too many tokens", {"retry-after": "0"})
BUSY = Failure(529, "overloaded_error", "Overloaded")


def broken(**how: Any) -> Speech:
    return Speech((text("Some words that never end. " * 5),), **how)


PASSING = [
    pytest.param(RATE, "rate_limit", id="429"),
    pytest.param(BUSY, "overloaded", id="529"),
    pytest.param(Failure(500, "api_error"), "server", id="500"),
    pytest.param(Failure(503, "api_error"), "server", id="503"),
    pytest.param(Failure(504, "timeout_error"), "server", id="504"),
    pytest.param(Failure(409, "conflict_error"), "server", id="409"),
    pytest.param(Silence(), "timeout", id="no byte"),
    pytest.param(Silence(headers=True), "timeout", id="headers, then no byte"),
    pytest.param(Silence(hangs_up=True), "connection", id="hung up"),
    pytest.param(Silence(headers=True, hangs_up=True), "stream", id="hung up after the headers"),
    pytest.param(broken(dies_after=0), "stream", id="died at once"),
    pytest.param(broken(dies_after=5), "stream", id="died in the middle"),
    pytest.param(broken(ends_after=5), "stream", id="ended in the middle"),
    pytest.param(broken(ends_after=1), "stream", id="ended after its start"),
    pytest.param(broken(error="overloaded_error"), "overloaded", id="overloaded in the stream"),
    pytest.param(broken(error="rate_limit_error"), "rate_limit", id="rate limit in the stream"),
    pytest.param(broken(error="api_error"), "server", id="error in the stream"),
]


@pytest.mark.parametrize(("failure", "kind"), PASSING)
def test_what_may_pass_is_tried_again_and_each_try_is_on_record(stage: Stage, failure: Answer, kind: str) -> None:
    with MessagesServer(
        in_order(failure, failure, calls(tool("bash", command="echo done >> log")), report())
    ) as server:
        ended = live(stage, server, retry_policy=IMPATIENT if kind == "timeout" else QUICK)

    assert ended.verdict == "PASS"
    assert (stage.worktree / "log").read_text() == "done\n"
    assert len(server.asked) == 4
    assert [(t.turn, t.number) for t in bodies(stage, TryStarted)] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    failed = bodies(stage, TryFailed)
    assert [(f.turn, f.number, f.kind) for f in failed] == [(1, 1, kind), (1, 2, kind)]
    assert all(f.error and "\n" not in f.error for f in failed)
    assert stage.journal().count("turn.said") == 2


BOUNDED = [param for param in PASSING if param.values[1] not in ("rate_limit", "overloaded")]


@pytest.mark.parametrize(("failure", "kind"), [BOUNDED[0], BOUNDED[4], BOUNDED[9]])
def test_what_does_not_pass_ends_after_some_tries_and_can_be_taken_up(stage: Stage, failure: Answer, kind: str) -> None:
    answers: list[Answer] = [calls(tool("bash", command="echo once >> log")), *[failure] * QUICK.tries, report()]
    with MessagesServer(in_order(*answers)) as server:
        with pytest.raises(AgentBroke, match=f"{QUICK.tries} tries to call the model failed"):
            live(stage, server, retry_policy=IMPATIENT if kind == "timeout" else QUICK)
        assert len(server.asked) == 1 + QUICK.tries
        assert "attempt.ended" not in stage.journal()

        assert live(stage, server).verdict == "PASS"

    assert (stage.worktree / "log").read_text() == "once\n"
    assert [t.number for t in bodies(stage, TryStarted)] == [1, 1, 2, 3, 4]


FATAL = [
    pytest.param(Failure(400, "invalid_request_error", "tools.0: no"), "invalid_request", "models", id="400"),
    pytest.param(Failure(401, "authentication_error", "expired"), "key", "ANTHROPIC_API_KEY", id="401"),
    pytest.param(Failure(402, "billing_error", "no credit"), "billing", "billing", id="402"),
    pytest.param(Failure(403, "permission_error", "not yours"), "permission", "conductor.toml", id="403"),
    pytest.param(Failure(404, "not_found_error", "model: claude-nine"), "model", "conductor.toml", id="404"),
    pytest.param(Failure(422, "invalid_request_error", "no"), "invalid_request", "models", id="422"),
    pytest.param(Failure(413, "request_too_large", "too large"), "too_long", "split", id="413"),
    pytest.param(broken(error="invalid_request_error"), "invalid_request", "models", id="400 in the stream"),
    pytest.param(
        Failure(429, "rate_limit_error", "spent", details={"error_code": "enforced_spend_limit_reached"}),
        "billing",
        "spend limit",
        id="spend limit",
    ),
]


@pytest.mark.parametrize(("failure", "kind", "hint"), FATAL)
def test_what_cannot_pass_fails_at_once_and_says_what_to_do(
    stage: Stage, failure: Answer, kind: str, hint: str
) -> None:
    with MessagesServer(in_order(failure, report())) as server, pytest.raises(AgentRejected) as error:
        live(stage, server)

    assert len(server.asked) == 1
    assert hint in (error.value.hint or "")
    assert [f.kind for f in bodies(stage, TryFailed)] == [kind]
    assert stage.journal() == ["attempt.started", "try.started", "try.failed"]


def test_an_expired_key_is_refused_by_the_server_itself(stage: Stage) -> None:
    with MessagesServer(in_order(report())) as server:
        with pytest.raises(AgentRejected, match="401"):
            live(stage, server, key=KEY + "-old")
        assert live(stage, server).verdict == "PASS"


def test_nobody_there(stage: Stage) -> None:
    with MessagesServer(in_order(report())) as server:
        pass
    with pytest.raises(AgentBroke, match="cannot be reached"):
        live(stage, server)
    assert {f.kind for f in bodies(stage, TryFailed)} == {"connection"}


@pytest.mark.parametrize("failure", [RATE, BUSY], ids=["429", "529"])
@pytest.mark.parametrize("told", ["30", "date"])
def test_a_long_wait_is_said_and_not_sat_through(stage: Stage, failure: Failure, told: str) -> None:
    seconds = 30
    header = str(seconds) if told == "30" else formatdate(time.time() + seconds, usegmt=True)
    long = Failure(failure.status, failure.type, failure.message, {"retry-after": header})
    with MessagesServer(in_order(calls(tool("bash", command="echo once >> log")), long, report())) as server:
        begin = time.time()
        with pytest.raises(Waiting) as waiting:
            live(stage, server)
        assert begin + seconds - 2 <= waiting.value.until <= time.time() + seconds + 2
        assert waiting.value.kind in ("rate_limit", "overloaded")
        assert "attempt.ended" not in stage.journal()

        assert live(stage, server).verdict == "PASS"

    assert (stage.worktree / "log").read_text() == "once\n"
    assert len(server.asked) == 3


def test_an_overload_that_lasts_becomes_a_wait(stage: Stage) -> None:
    """Without a word on how long: some tries here, then on record."""
    with MessagesServer(lambda asked: BUSY) as server, pytest.raises(Waiting) as waiting:
        live(stage, server)

    assert waiting.value.until > time.time() + 50
    assert len(server.asked) > 3


def test_a_service_that_says_at_once_every_time_is_not_asked_at_once(stage: Stage) -> None:
    begin = time.monotonic()
    with MessagesServer(lambda asked: RATE) as server, pytest.raises(Waiting) as waiting:
        live(stage, server, retry_policy=msgspec.structs.replace(QUICK, pause=0.1, longest=0.4))

    assert time.monotonic() - begin > 0.5
    assert waiting.value.until > time.time() + 50
    waits = [failed.wait for failed in bodies(stage, TryFailed)]
    assert 3 < len(server.asked) == len(waits) < 12
    assert waits[-1] == 0.0 and min(waits[:-1]) >= 0.075 and waits[2] > waits[0]


@pytest.mark.parametrize(
    ("after", "failed", "least", "most"),
    [
        (None, 1, 0.75, 1.25),
        (0.0, 1, 0.75, 1.25),
        (0.0, 3, 3.0, 5.0),
        (0.001, 2, 1.5, 2.5),
        (7.0, 1, 7.0, 7.0),
    ],
)
def test_the_pause_is_our_own_at_least(after: float | None, failed: int, least: float, most: float) -> None:
    rule = FailureRule("rate_limit", "wait", "429", after=after)
    assert least <= RetryPolicy().wait(rule, failed, waited=0.0) <= most


@pytest.mark.parametrize(("after", "recorded"), [(None, 30.0), (0.0, 30.0), (3.0, 30.0), (90.0, 90.0)])
def test_a_wait_on_record_is_never_shorter_than_our_own_pause(after: float | None, recorded: float) -> None:
    rule = FailureRule("rate_limit", "wait", "429", after=after)
    with pytest.raises(Waiting) as waiting:
        RetryPolicy().wait(rule, 4, waited=8.0)
    assert waiting.value.until == pytest.approx(time.time() + recorded, abs=1.0)


def test_what_a_failed_try_cost_is_counted(stage: Stage) -> None:
    told = {"input_tokens": 100, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 5, "output_tokens": 3}
    done = calls(tool("report", status="PASS", summary="Done."), usage=told)
    with MessagesServer(in_order(broken(dies_after=4, usage=told), done)) as server:
        ended = live(stage, server)

    assert bodies(stage, TryFailed)[0].usage == Usage(input=100, output=1, cache_read=10, cache_write=5)
    assert ended.usage == Usage(input=200, output=4, cache_read=20, cache_write=10)


@pytest.mark.parametrize("body", [None, "<html>Bad gateway</html>", {}, {"error": "x"}, {"error": {"type": 1}}, []])
@pytest.mark.parametrize("status", [200, 400, 401, 418, 429, 500, 502, 529])
def test_every_answer_has_a_rule(status: int, body: object) -> None:
    rule = of_status(status, body, {"retry-after": "soon"})

    assert rule.after is None
    assert rule.action == ("wait" if status in (429, 529) else "retry" if status >= 500 or status == 200 else "fail")
    assert "\n" not in rule.what


@pytest.mark.parametrize(("said", "seconds"), [("0", 0.0), ("2.5", 2.5), ("-1", None), ("nan", None), ("inf", None)])
def test_retry_after_is_read_with_care(said: str, seconds: float | None) -> None:
    assert of_status(429, None, {"retry-after": said}).after == seconds


def test_a_fault_of_our_own_is_not_taken_for_one_of_the_service() -> None:
    assert classify(RuntimeError("ours")) is None
    assert classify(KeyError("ours")) is None
