"""What is ruled while an agent is at work reaches it with its next turn, once; so does the end of its allowance."""

from __future__ import annotations

import msgspec
import pytest

from conductor.agents.contract.assignment import Exhausted, Waiting
from conductor.agents.notices import RULED
from conductor.agents.runners.anthropic import conversation
from conductor.config.settings import Limits
from conductor.events import AgentTold
from tests.agents.test_compaction import SMALL, Worker
from tests.support.agents.live_stage import bodies, kept, live
from tests.support.agents.stage import Stage
from tests.support.messages_server.answers import Asked, Failure, Speech, call, calls, in_order, in_turn, report, text
from tests.support.messages_server.server import MessagesServer

LOOK = calls(call("view", path="README.md"))
FOREVER = Failure(429, "rate_limit_error", headers={"retry-after": "3600"})


class Task:
    """A task in which something is ruled after the agent's model was asked so many times."""

    def __init__(self, stage: Stage, server: MessagesServer, **ruled: int) -> None:
        self.server = server
        self.ruled = [(name.replace("_", " "), after) for name, after in ruled.items()]
        stage.assignment = msgspec.structs.replace(stage.assignment, news=self.news)

    def news(self, since: int) -> tuple[int, tuple[str, ...]]:
        """Versions are counted from 11; the agent was asked for in version 10."""
        known = [name for name, after in self.ruled if len(self.server.asked) >= after]
        return 10 + len(known), tuple(known[max(since - 10, 0) :])


def news(asked: Asked) -> list[str]:
    return [words for words in asked.texts() if words.startswith(RULED)]


def test_a_ruling_is_in_the_next_request_and_stays_where_it_is(stage: Stage) -> None:
    with MessagesServer(in_turn(LOOK, LOOK, LOOK, report())) as server:
        Task(stage, server, it_is_two=2, it_is_three=2, it_is_four=3)
        assert live(stage, server).verdict == "PASS"

    told = [news(asked) for asked in server.asked]
    first, second = f"{RULED}\n\n- it is two\n- it is three", f"{RULED}\n\n- it is four"
    assert told == [[], [], [first], [first, second]]
    assert [block["type"] for block in server.asked[2].messages[-1]["content"]] == ["tool_result", "text"]
    assert [(b.turn, b.upto, kept(stage, b.text)) for b in bodies(stage, AgentTold)] == [
        (2, 12, first),
        (3, 13, second),
    ]


def test_what_was_ruled_before_it_began_comes_with_the_briefing(stage: Stage) -> None:
    with MessagesServer(in_turn(report())) as server:
        Task(stage, server, it_is_two=0)
        live(stage, server)

    (asked,) = server.asked
    assert asked.texts() == [stage.assignment.briefing, *news(asked)] and news(asked)


def test_after_an_interruption_nothing_is_told_twice_and_nothing_is_left_out(stage: Stage) -> None:
    with MessagesServer(lambda asked: LOOK if asked.number == 1 else FOREVER) as server:
        task = Task(stage, server, it_is_two=1)
        with pytest.raises(Waiting):
            live(stage, server)
        task.ruled.append(("it is three", 2))
        server.brain = in_turn(LOOK, report())
        assert live(stage, server).verdict == "PASS"

    assert news(server.asked[-1]) == [f"{RULED}\n\n- it is two", f"{RULED}\n\n- it is three"]
    assert len(bodies(stage, AgentTold)) == 2


def test_a_message_that_pauses_goes_on_first(stage: Stage) -> None:
    search = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
    with MessagesServer(in_order(Speech((text("Wait"), search), "pause_turn"), LOOK, report())) as server:
        Task(stage, server, it_is_two=1)
        assert live(stage, server).verdict == "PASS"

    assert [bool(news(asked)) for asked in server.asked] == [False, False, True]


def test_a_summary_does_not_stand_for_what_was_ruled(stage: Stage) -> None:
    with MessagesServer(Worker(30, wide=True)) as server:
        Task(stage, server, it_is_two=3)
        assert live(stage, server, sizes=SMALL).verdict == "PASS"

    after = next(asked for asked in server.asked if conversation.SUMMARY in asked.texts())
    assert news(after) == [f"{RULED}\n\n- it is two"] and after.texts()[-1] == conversation.GO_ON


def test_scripted_agents_have_it_on_record(stage: Stage) -> None:
    with MessagesServer(in_turn()) as server:
        Task(stage, server, it_is_two=0)
        script = "[[agent]]\n[[agent.turn]]\nsay = 'One.'\n[[agent.turn]]\nreport = {status='PASS', summary='Done.'}\n"
        assert stage.play(stage.write(script)).verdict == "PASS"

    assert [(b.turn, b.upto) for b in bodies(stage, AgentTold)] == [(0, 11)]


def allow(stage: Stage, **limits: int) -> None:
    stage.assignment = msgspec.structs.replace(stage.assignment, allowance=Limits(**limits))


def test_an_agent_whose_allowance_nears_its_end_is_told_to_come_to_one(stage: Stage) -> None:
    with MessagesServer(in_turn(*[LOOK] * 20)) as server:
        allow(stage, turns=5)
        with pytest.raises(Exhausted):
            live(stage, server)
        told = [sum("Wrap up" in words for words in asked.texts()) for asked in server.asked]
        assert told == [0, 0, 0, 0, 1]

        allow(stage, turns=10)  # a person has granted it once more
        with pytest.raises(Exhausted):
            live(stage, server)
        told = [sum("Wrap up" in words for words in asked.texts()) for asked in server.asked]
        assert told == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]

    assert [(b.turn, dict(b.near), b.upto) for b in bodies(stage, AgentTold)] == [
        (4, {"turns": 5.0}, 0),
        (8, {"turns": 10.0}, 0),
    ]
    assert "turns" in kept(stage, bodies(stage, AgentTold)[0].text)
