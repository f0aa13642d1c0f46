"""Why a model stops speaking, other than for a tool: cut off, refused, paused, or simply done without a report."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.agents.runners.anthropic import conversation
from conductor.agents.runners.anthropic.retry_policy import RetryPolicy
from tests.support.agents.live_stage import live
from tests.support.agents.stage import Stage
from tests.support.messages_server.answers import Speech, call, calls, in_order, in_turn, report, text, thinking
from tests.support.messages_server.server import MessagesServer


@pytest.mark.parametrize("stop", ["max_tokens", "model_context_window_exceeded"])
def test_a_message_that_was_cut_off_is_gone_on_with(stage: Stage, stop: str) -> None:
    half = Speech((text("I begin to"),), stop)
    with MessagesServer(in_turn(half, report())) as server:
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("PASS", 2)
    *_, said, told = server.asked[-1].messages
    assert said["content"] == [{"type": "text", "text": "I begin to"}]
    assert [block["text"] for block in told["content"]] == [conversation.CUT_OFF]


def test_a_call_that_was_cut_off_is_not_done_but_those_before_it_are(stage: Stage) -> None:
    cut = '{"path": "half.py", "text": "x'
    half = Speech(
        (call("bash", command="touch whole"), {"type": "tool_use", "id": "", "name": "create", "input": cut}),
        "max_tokens",
    )
    with MessagesServer(in_turn(half, report())) as server:
        assert live(stage, server).verdict == "PASS"

    assert (stage.worktree / "whole").exists()
    assert not (stage.worktree / "half.py").exists()
    *_, said, told = server.asked[-1].messages
    assert [block["name"] for block in said["content"]] == ["bash"]
    assert [block["type"] for block in told["content"]] == ["tool_result", "text"]


def test_even_a_whole_call_at_the_cut_is_not_done(stage: Stage) -> None:
    """Nobody knows whether its arguments end where they seem to."""
    with MessagesServer(in_order(Speech((call("bash", command="touch early"),), "max_tokens"), report())) as server:
        assert live(stage, server).verdict == "PASS"

    assert not (stage.worktree / "early").exists()
    assert [m["role"] for m in server.asked[-1].messages] == ["user"]


def test_a_model_that_is_cut_off_again_and_again_ends_without_a_report(stage: Stage) -> None:
    with MessagesServer(lambda asked: Speech((text("word " * 50),), "max_tokens")) as server:
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("NO_REPORT", 3)
    assert ended.reason == "the model's messages were cut off 3 times in a row: max_tokens"


def test_being_cut_off_now_and_then_is_no_reason_to_end(stage: Stage) -> None:
    half, look = Speech((text("I begin"),), "max_tokens"), calls(call("view", path="."))
    with MessagesServer(in_turn(half, half, look, half, half, look, report())) as server:
        assert live(stage, server).verdict == "PASS"


def test_a_refusal_ends_the_attempt_with_its_reason(stage: Stage) -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "It might be misused."}
    answers = calls(call("bash", command="touch worked")), Speech((text("I will not"),), "refusal", details)
    with MessagesServer(in_turn(*answers, report())) as server:
        ended = live(stage, server)

    assert ended.verdict == "NO_REPORT"
    assert ended.reason == "the model refused to continue: cyber: It might be misused."
    assert len(server.asked) == 2
    assert ended.usage.output > 0


def test_a_refusal_without_a_word(stage: Stage) -> None:
    with MessagesServer(in_turn(Speech((), "refusal"))) as server:
        assert live(stage, server).reason == "the model refused to continue: it gave no reason"


def test_a_pause_is_gone_on_from_as_it_was(stage: Stage) -> None:
    pause = Speech(
        (text("Wait"), {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}), "pause_turn"
    )
    with MessagesServer(in_turn(pause, report())) as server:
        assert live(stage, server).verdict == "PASS"

    last = server.asked[-1].messages[-1]
    assert last["role"] == "assistant"
    assert [block["type"] for block in last["content"]] == ["text", "server_tool_use"]


def test_a_model_that_ends_without_a_report_is_asked_for_it_once(stage: Stage) -> None:
    done = Speech((text("All done!"),))
    with MessagesServer(in_turn(done, report())) as server:
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("PASS", 2)
    assert server.asked[-1].texts()[-1] == conversation.NO_REPORT


def test_without_one_it_ends_as_no_report(stage: Stage) -> None:
    with MessagesServer(
        in_turn(Speech((text("Done!"),)), calls(call("view", path=".")), Speech((text("Done!"),)))
    ) as server:
        ended = live(stage, server)

    assert (ended.verdict, ended.reason, ended.turns) == ("NO_REPORT", "the agent ended without a report", 3)
    assert len(server.asked) == 3


@pytest.mark.parametrize("blocks", [(), (text("  \n"),), (thinking("Done, I think."),)])
def test_an_empty_message_is_a_silent_end_too(stage: Stage, blocks: tuple[dict[str, Any], ...]) -> None:
    with MessagesServer(in_order(Speech(blocks), report())) as server:
        assert live(stage, server).verdict == "PASS"

    assert server.asked[-1].texts()[-1] == conversation.NO_REPORT


def test_there_is_a_limit_of_time(stage: Stage) -> None:
    with MessagesServer(in_turn(calls(call("bash", command="touch worked")), report_late())) as server:
        ended = live(stage, server, timeout=2.0, retry_policy=RetryPolicy())

    assert (ended.verdict, ended.reason, ended.turns) == ("NO_REPORT", "time limit: 2 s", 1)
    assert (stage.worktree / "worked").exists()


def report_late() -> Speech:
    return calls(call("report", status="PASS", summary="Late."), delay=30.0)
