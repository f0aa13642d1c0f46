"""Numbers that agents tell: what makes sense is counted, all else is told and counts for nothing; nothing breaks."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from typing import Any

import msgspec
import pytest

from conductor.agents.contract.assignment import AgentBroke, Ended, Waiting
from conductor.agents.runners.anthropic.failures import of_status
from conductor.agents.runners.claude_code.runner import ClaudeCodeAgent
from conductor.agents.runners.claude_code.stream import Limited, SessionResult, Spoke, heard
from conductor.config.settings import Settings
from conductor.events import ProgramEnded, TryFailed, TurnSaid, Usage
from tests.support.agents.claude_stand_in import make
from tests.support.agents.live_stage import bodies, live
from tests.support.agents.stage import Stage, toolbox
from tests.support.messages_server.answers import Speech, calls, in_order, report
from tests.support.messages_server.answers import call as tool
from tests.support.messages_server.server import MessagesServer

SCRIPT = '[[agent]]\n[[agent.turn]]\nsay = "Done."\nreport = { status = "PASS", summary = "It parses." }\n'
NONSENSE = [
    pytest.param("1" + "0" * 300, "a number of 301 digits", id="300 digits"),
    pytest.param("9" * 5_000, '"999', id="5,000 digits"),
    pytest.param("-1", "-1", id="negative"),
    pytest.param("NaN", '"NaN"', id="nan"),
    pytest.param("Infinity", '"Infinity"', id="infinity"),
    pytest.param("-Infinity", '"-Infinity"', id="minus infinity"),
    pytest.param("1e400", '"1e400"', id="above every float"),
    pytest.param("1e300", "1e+300", id="a huge float"),
    pytest.param("true", "true", id="a boolean"),
    pytest.param('"12"', '"12"', id="text"),
    pytest.param("[12]", "a list", id="a list"),
    pytest.param('{"n": 12}', "a table", id="a table"),
]


def line(message: dict[str, Any], bare: str) -> bytes:
    return json.dumps(message).replace('"BARE"', bare).encode()


# ---- Claude Code's stream ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bare", "shown"), NONSENSE)
def test_a_total_that_makes_no_sense_counts_for_nothing_and_is_told(bare: str, shown: str) -> None:
    usage = {"input_tokens": "BARE", "output_tokens": 7}
    end = {"type": "result", "subtype": "success", "usage": usage, "total_cost_usd": "BARE", "api_error_status": "BARE"}
    (finished,) = heard(line(end, bare))

    assert isinstance(finished, SessionResult)
    assert (finished.usage, finished.cost, finished.status) == (Usage(output=7), 0.0, None)
    assert sorted(odd.split(" ")[0] for odd in finished.odd) == ["api_error_status", "input_tokens", "total_cost_usd"]
    assert all(f"is {shown}" in odd and len(odd) < 150 for odd in finished.odd)


@pytest.mark.parametrize(("bare", "shown"), NONSENSE)
def test_a_message_and_a_limit_that_tell_nonsense_are_read_all_the_same(bare: str, shown: str) -> None:
    message = {"id": "m", "content": [{"type": "text", "text": "Hello."}], "usage": {"output_tokens": "BARE"}}
    (spoke,) = heard(line({"type": "assistant", "message": message}, bare))
    assert isinstance(spoke, Spoke)
    assert (spoke.text, spoke.usage, len(spoke.odd)) == ("Hello.", Usage(), 1)
    assert f"output_tokens is {shown}" in spoke.odd[0]

    limit = {"type": "rate_limit_event", "rate_limit_info": {"status": "rejected", "resetsAt": "BARE"}}
    (limited,) = heard(line(limit, bare))
    assert isinstance(limited, Limited)
    assert limited.until is None
    assert f"resetsAt is {shown}" in limited.odd[0]


@pytest.mark.parametrize(("bare", "count"), [("12", 12), ("12.0", 12), ("0", 0), ("null", 0), ("1000000000", 10**9)])
def test_a_count_that_makes_sense_is_taken(bare: str, count: int) -> None:
    (finished,) = heard(line({"type": "result", "usage": {"input_tokens": "BARE"}, "total_cost_usd": 0.5}, bare))
    assert isinstance(finished, SessionResult)
    assert (finished.usage, finished.cost, finished.odd) == (Usage(input=count), 0.5, ())


def test_a_count_is_whole() -> None:
    (finished,) = heard(b'{"type": "result", "usage": {"input_tokens": 1.5}}')
    assert isinstance(finished, SessionResult)
    assert (finished.usage, finished.odd) == (
        Usage(),
        ("input_tokens is 1.5, which is not a whole number from 0 to 1,000,000,000",),
    )


def test_what_is_nested_beyond_reading_is_passed_over() -> None:
    assert list(heard(b'{"type": "result", "usage": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")) == []


def test_a_call_with_such_a_number_can_be_recorded() -> None:
    call = {"type": "tool_use", "id": "t", "name": "Read", "input": {"limit": "BARE"}}
    (spoke,) = heard(line({"type": "assistant", "message": {"content": [call]}}, "1e400"))
    assert isinstance(spoke, Spoke)
    assert msgspec.json.encode(spoke.calls[0].arguments) == b'{"limit":"1e400"}'


def claude(stage: Stage, **control: Any) -> Ended:
    cli = make(stage.scripts / "bin", stage.write(SCRIPT).path, **control)
    agent = ClaudeCodeAgent(str(cli), os.environ, Settings(agent_timeout=60.0))
    return asyncio.run(agent.run(stage.assignment, toolbox(stage.worktree), stage.transcript()))


@pytest.mark.parametrize("bare", ["1" + "0" * 300, "9" * 5_000, "-3", "1e400", "NaN", "true"])
def test_a_run_that_ends_with_nonsense_ends_well_and_the_log_holds_none_of_it(stage: Stage, bare: str) -> None:
    told = f"bare:{bare}"
    ends = {"usage": {"input_tokens": told, "output_tokens": 9}, "total_cost_usd": told}
    ended = claude(stage, usage={"input_tokens": told, "output_tokens": 5}, ends={"1": {"result": ends}})
    assert ended.verdict == "PASS", "after it was asked for its report"

    end = bodies(stage, ProgramEnded)[0]
    assert (end.usage, end.cost, len(end.odd)) == (Usage(output=9), 0.0, 2)
    assert ended.usage.input == 10, "of the second time"


def test_turns_that_tell_nonsense_are_turns_and_what_was_told_before_stays(stage: Stage) -> None:
    ended = claude(stage, usage={"input_tokens": 10, "output_tokens": "bare:" + "8" * 300})
    assert (ended.verdict, ended.summary) == ("PASS", "It parses.")
    (said,) = bodies(stage, TurnSaid)
    assert said.usage == Usage(input=10)
    assert said.odd == ("output_tokens is a number of 300 digits, which is not a whole number from 0 to 1,000,000,000",)


def test_a_limit_until_nonsense_is_a_wait_all_the_same(stage: Stage) -> None:
    limit = {"status": "rejected", "resetsAt": "bare:" + "9" * 300}
    result = {"is_error": True, "api_error_status": 429, "result": "You've hit your limit"}
    with pytest.raises(Waiting) as waiting:
        claude(stage, ends={"1": {"limit": limit, "result": result}})
    assert 0 < waiting.value.until - time.time() <= 300
    (end,) = bodies(stage, ProgramEnded)
    assert "resetsAt is a number of 300 digits" in end.odd[0]


# ---- the Messages API --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [-5, 10**300, 2.5, math.nan, math.inf, [1]])
def test_a_service_that_counts_nonsense_is_told_of_and_the_turn_stands(stage: Stage, told: Any) -> None:
    usage: Any = {"input_tokens": 4, "output_tokens": told, "cache_read_input_tokens": told}
    with MessagesServer(in_order(report(), Speech())) as server:
        speech = report()
        server.brain = in_order(calls(*speech.blocks, usage=usage))
        ended = live(stage, server)

    assert (ended.verdict, ended.usage.total) == ("PASS", 5), "and 1 is what its beginning counted"
    (said,) = bodies(stage, TurnSaid)
    assert said.usage == Usage(input=4, output=1)
    assert sorted(odd.split(" ")[0] for odd in said.odd) == ["cache_read_input_tokens", "output_tokens"]


@pytest.mark.filterwarnings("ignore::UserWarning:pydantic")
@pytest.mark.parametrize("field", ["index", "text", "model", "stop", "id"])
def test_an_answer_of_another_shape_is_a_failed_try_and_no_fault(stage: Stage, field: str) -> None:
    """What is recorded must be readable again, so what fits nowhere is not recorded."""
    wrong: dict[str, Any] = {
        "index": Speech(({"type": "text", "text": "x"},), index=[1]),
        "text": Speech(({"type": "text", "text": "x"},), piece=5),
        "model": Speech(({"type": "text", "text": "x"},), model=5),
        "stop": Speech(({"type": "text", "text": "x"},), stop=7),  # type: ignore[arg-type]
        "id": calls(tool("view", id=3, path="README.md")),  # type: ignore[arg-type]
    }
    with MessagesServer(in_order(wrong[field], report())) as server:
        assert live(stage, server).verdict == "PASS"
    assert [failed.kind for failed in bodies(stage, TryFailed)] == ["stream"]


def test_arguments_with_a_number_of_any_size_are_answered(stage: Stage) -> None:
    wrong = [
        f'{{"path": "README.md", "first": {number}}}' for number in ("1" * 300, "1" * 5_000, "1e400", "-7", "true")
    ]
    asked = [{"type": "tool_use", "id": "", "name": "view", "input": given} for given in wrong]
    with MessagesServer(in_order(calls(*asked), report())) as server:
        assert live(stage, server).verdict == "PASS"
    assert bodies(stage, TryFailed) == []


@pytest.mark.parametrize("said", ["nan", "inf", "-1", "1e400", "9" * 5_000, "soon", "Mon, 01 Jan 0001 00:00:00 -0000"])
def test_a_wait_that_makes_no_sense_is_told_and_not_waited(said: str) -> None:
    rule = of_status(429, {"error": {"type": "rate_limit_error", "message": "busy"}}, {"retry-after": said})
    assert rule.after is None
    assert "retry-after is " in rule.what or said.startswith("Mon")
    assert len(rule.what) < 200


def test_a_wait_that_makes_sense_is_waited() -> None:
    rule = of_status(529, None, {"retry-after": "2.5"})
    assert (rule.after, "retry-after" in rule.what) == (2.5, False)


def test_a_program_that_breaks_is_still_told_as_broken(stage: Stage) -> None:
    with pytest.raises(AgentBroke, match="500"):
        claude(stage, ends={"1": {"result": {"is_error": True, "api_error_status": 500, "result": "500 of it"}}})
