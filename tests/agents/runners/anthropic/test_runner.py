"""A live attempt from start to end: what the service is told, what is done, what is journalled, what it cost."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec
import pytest

from conductor.agents.roles.role import role
from conductor.agents.runners.anthropic import conversation
from conductor.agents.runners.anthropic.runner import AnthropicAgent
from conductor.errors import UsageError
from conductor.events import AttemptStarted, ToolReturned, TryStarted, TurnSaid, Usage
from tests.support.agents.live_stage import bodies, kept, live
from tests.support.agents.stage import Stage, toolbox
from tests.support.messages_server.answers import Speech, call, calls, in_turn, report, text, thinking
from tests.support.messages_server.server import MessagesServer

WORK = (
    calls(thinking("A parser, then."), text("I write it."), call("create", path="src/a.py", text="x = 1\n")),
    calls(thinking("Look."), call("bash", command="cat src/a.py; false"), call("view", path="gone.py")),
    report(gotchas=[{"title": "Mind the gap"}]),
)


def test_what_the_model_asks_for_is_done_until_it_reports(stage: Stage) -> None:
    with MessagesServer(in_turn(*WORK)) as server:
        ended = live(stage, server)

    assert (ended.verdict, ended.summary, ended.turns, ended.reason) == ("PASS", "Done.", 3, "")
    assert ended.findings[0].title == "Mind the gap"
    assert (stage.worktree / "src" / "a.py").read_text() == "x = 1\n"
    assert len(server.asked) == 3
    assert stage.journal() == [
        "attempt.started",
        *("try.started", "turn.said", "tool.started", "tool.returned"),
        *("try.started", "turn.said", "tool.started", "tool.returned", "tool.returned"),
        *("try.started", "turn.said", "tool.returned"),
        "attempt.ended",
    ]
    assert bodies(stage, AttemptStarted)[0].agent == "anthropic"


def test_the_service_is_told_role_briefing_tools_and_every_result_in_one_message(stage: Stage) -> None:
    with MessagesServer(in_turn(*WORK)) as server:
        live(stage, server)

    first, _, last = (asked.body for asked in server.asked)
    assert first["system"][0]["text"] == role("implementation-executor").prompt
    assert [tool["name"] for tool in first["tools"]] == ["view", "create", "replace", "insert", "bash", "report"]
    assert first["stream"] is True
    assert [(m["role"], [b["type"] for b in m["content"]]) for m in last["messages"]] == [
        ("user", ["text"]),
        ("assistant", ["thinking", "text", "tool_use"]),
        ("user", ["tool_result"]),
        ("assistant", ["thinking", "tool_use", "tool_use"]),
        ("user", ["tool_result", "tool_result"]),
    ]
    assert first["messages"][0]["content"][0]["text"] == "Build the parser."
    shown, missing = last["messages"][-1]["content"]
    assert (shown["content"], shown["is_error"]) == ("x = 1\n[exit code 1]", True)
    assert "No such file" in missing["content"]
    assert last["messages"][1]["content"][2]["input"] == {"path": "src/a.py", "text": "x = 1\n"}


def marks(body: dict[str, Any]) -> list[str]:
    """Where the cache is marked: `system`, or the number of a message."""
    places = ["tools"] * sum("cache_control" in tool for tool in body["tools"])
    places += ["system"] * sum("cache_control" in block for block in body["system"])
    for number, message in enumerate(body["messages"]):
        places += [str(number)] * sum("cache_control" in block for block in message["content"])
    return places


def test_the_cache_is_marked_where_the_next_turn_reads_it(stage: Stage) -> None:
    with MessagesServer(in_turn(*WORK)) as server:
        ended = live(stage, server)

    assert [marks(asked.body) for asked in server.asked] == [
        ["system", "0"],
        ["system", "0", "2"],
        ["system", "2", "4"],
    ]
    for asked in server.asked[1:]:
        assert "cache_control" in asked.messages[-1]["content"][-1]
    costs = [said.usage for said in bodies(stage, TurnSaid)]
    assert costs[0].cache_read == 0
    assert costs[0].cache_write > 1000
    for before, now in itertools.pairwise(costs):
        assert now.cache_read == before.cache_read + before.cache_write
        assert now.input == 0
    assert ended.usage == costs[0] + costs[1] + costs[2]


def test_agents_of_one_role_share_the_cache_of_tools_and_system(stage: Stage) -> None:
    with MessagesServer(in_turn(report())) as server:
        live(stage, server)
        stage.assignment = msgspec.structs.replace(stage.assignment, effect="other", briefing="Another one.")
        other = live(stage, server)

    assert other.usage.cache_read > 1000


def test_usage_and_model_are_on_record(stage: Stage) -> None:
    told = {"input_tokens": 7, "cache_read_input_tokens": 50, "cache_creation_input_tokens": 20, "output_tokens": 9}
    done = calls(call("report", status="PASS", summary="Done."), usage=told)
    with MessagesServer(in_turn(calls(call("view", path="."), usage=told), done)) as server:
        ended = live(stage, server, models={"implementation-executor": "claude-haiku-5-5"})

    one = Usage(input=7, output=9, cache_read=50, cache_write=20)
    assert [said.usage for said in bodies(stage, TurnSaid)] == [one, one]
    assert {said.model for said in bodies(stage, TurnSaid)} == {"claude-haiku-5-5"}
    assert {asked.body["model"] for asked in server.asked} == {"claude-haiku-5-5"}
    assert (ended.model, ended.usage) == ("claude-haiku-5-5", one + one)
    with MessagesServer(in_turn()) as silent:
        assert live(stage, silent) == ended
        assert silent.asked == []


def test_a_try_is_journalled_before_it_is_sent(stage: Stage) -> None:
    seen: list[list[str]] = []

    def brain(asked):  # type: ignore[no-untyped-def]
        seen.append(stage.journal())
        return report()

    with MessagesServer(brain) as server:
        live(stage, server)

    assert seen == [["attempt.started", "try.started"]]
    assert bodies(stage, TryStarted) == [TryStarted(1, 1, "claude-sonnet-5-5")]


def test_nothing_is_done_before_the_message_is_complete(stage: Stage) -> None:
    """The first try breaks before its very last event; the second one says something else."""
    half = calls(call("bash", command="touch early"), text("more"), dies_after=10)
    answers = [half, calls(call("bash", command="touch late"))]

    def brain(asked):  # type: ignore[no-untyped-def]
        return answers.pop(0) if answers else report()

    with MessagesServer(brain) as server:
        assert live(stage, server).verdict == "PASS"

    assert not (stage.worktree / "early").exists()
    assert (stage.worktree / "late").exists()


def test_calls_of_one_message_are_done_in_their_order(stage: Stage) -> None:
    five = calls(*(call("bash", command=f"echo {n} >> order; tail -1 order") for n in range(5)))
    with MessagesServer(in_turn(five, report())) as server:
        live(stage, server)

    assert (stage.worktree / "order").read_text() == "0\n1\n2\n3\n4\n"
    results = server.asked[-1].messages[-1]["content"]
    assert [r["tool_use_id"] for r in results] == [f"toolu_1_{n}" for n in range(1, 6)]
    assert [r["content"][0] for r in results] == ["0", "1", "2", "3", "4"]


def test_arguments_that_are_no_object_are_told_to_the_model(stage: Stage) -> None:
    broken = calls({"type": "tool_use", "id": "", "name": "create", "input": '{"path": "a.py", "te'})
    with MessagesServer(in_turn(broken, report())) as server:
        ended = live(stage, server)

    assert ended.verdict == "PASS"
    sent_back, answer = server.asked[-1].messages[-2:]
    assert sent_back["content"][0]["input"] == {"unreadable": '{"path": "a.py", "te'}
    assert "the arguments of create are wrong" in answer["content"][0]["content"]
    assert sorted(p.name for p in stage.worktree.iterdir()) == [".git", "README.md"]


def test_a_long_result_is_cut_in_the_middle_and_says_where_the_whole_is(stage: Stage) -> None:
    (stage.worktree / "long.txt").write_text("".join(f"line {n}\n" for n in range(60_000)))
    with MessagesServer(in_turn(calls(call("bash", command="cat long.txt")), report())) as server:
        live(stage, server)

    digest = bodies(stage, ToolReturned)[0].result
    whole, shown = kept(stage, digest), server.asked[-1].messages[-1]["content"][0]["content"]
    assert whole.startswith((stage.worktree / "long.txt").read_text())
    assert len(shown) < conversation.LONGEST + 200
    assert f"characters left out; full: blob {digest}" in shown
    assert shown[:1000] == whole[:1000]
    assert shown[-1000:] == whole[-1000:]


def test_a_refused_report_can_be_mended(stage: Stage) -> None:
    bad = calls(call("report", status="MAYBE", summary="?"))
    with MessagesServer(in_turn(bad, report("FAIL", "No."))) as server:
        ended = live(stage, server)

    assert (ended.verdict, ended.turns) == ("FAIL", 2)
    assert "$.status" in server.asked[-1].messages[-1]["content"][0]["content"]


def test_a_read_only_role_is_offered_nothing_that_writes(stage: Stage) -> None:
    stage.assignment = msgspec.structs.replace(stage.assignment, role="code-reviewer")
    with MessagesServer(in_turn(calls(call("create", path="a.py", text="x")), report())) as server:
        live(stage, server)

    assert [tool["name"] for tool in server.asked[0].body["tools"]] == ["view", "bash", "report"]
    assert "is not a tool of code-reviewer" in server.asked[1].messages[-1]["content"][0]["content"]
    assert not (stage.worktree / "a.py").exists()


def test_the_key_is_nowhere_but_in_the_header(stage: Stage) -> None:
    spy = calls(call("bash", command="env; cat /proc/self/environ 2>/dev/null"))
    with MessagesServer(in_turn(spy, report())) as server:
        key = server.environ["ANTHROPIC_API_KEY"]
        live(stage, server)

    assert all(key not in str(asked.body) for asked in server.asked)
    assert any(key in value for value in server.asked[0].headers.values())
    assert all(key not in kept(stage, returned.result) for returned in bodies(stage, ToolReturned))


@pytest.mark.parametrize("environ", [{}, {"ANTHROPIC_API_KEY": "  "}])
def test_without_a_key_there_is_no_agent(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY is not set"):
        AnthropicAgent(environ, {})


def test_unknown_blocks_are_sent_back_as_they_came(stage: Stage) -> None:
    odd = {"type": "redacted_thinking", "data": "c2VjcmV0"}
    with MessagesServer(in_turn(Speech((text(" "), odd, call("view", path=".")), "tool_use"), report())) as server:
        assert live(stage, server).verdict == "PASS"

    back = server.asked[-1].messages[1]["content"]
    assert [block["type"] for block in back] == ["redacted_thinking", "tool_use"]
    assert back[0]["data"] == "c2VjcmV0"


def test_definitions_reach_the_service_as_the_toolbox_has_them(stage: Stage) -> None:
    with MessagesServer(in_turn(report())) as server:
        live(stage, server)

    assert server.asked[0].body["tools"] == json.loads(json.dumps(toolbox(stage.worktree).definitions()))
