"""A context that grows too long: what goes first, what stands for it, and that all of it is on record."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from conductor.agents.compaction import KEPT
from conductor.agents.contract.assignment import AgentRejected
from conductor.agents.runners.anthropic import conversation
from conductor.agents.runners.anthropic.runner import Sizes
from conductor.events import ContextCompacted
from tests.support.agents.live_stage import bodies, kept, live
from tests.support.agents.stage import Stage
from tests.support.messages_server.answers import Answer, Asked, Failure, Speech, call, calls, report, text, thinking
from tests.support.messages_server.server import MessagesServer

SMALL = Sizes(output=1_000, context=12_000)


class Worker:
    """Looks at a file again and again, `rounds` times in all, whatever it is shown of that; then reports."""

    def __init__(self, rounds: int, *, wide: bool = False) -> None:
        self.left = rounds
        self.wide = wide  # arguments are long, results are not

    def __call__(self, asked: Asked) -> Answer:
        if asked.texts()[-1] == conversation.SUMMARIZE:
            return Speech((thinking("What matters?"), text(f"Looked, {self.left} times left.")))
        if not self.left:
            return report()
        self.left -= 1
        command = f": {'x' * 3000}; echo {self.left}" if self.wide else "cat big.txt"
        return calls(thinking(f"{self.left} left."), call("bash", f"toolu_{self.left}", command=command))


def big(stage: Stage) -> None:
    (stage.worktree / "big.txt").write_text("a line of the file\n" * 120)  # about 600 tokens


def test_old_results_go_first_and_the_last_ones_stay(stage: Stage) -> None:
    big(stage)
    with MessagesServer(Worker(20)) as server:
        ended = live(stage, server, sizes=SMALL)

    assert (ended.verdict, ended.turns) == ("PASS", 21)
    first = bodies(stage, ContextCompacted)[0]
    assert first.summary == ""
    assert first.upto == first.turn - KEPT
    assert first.tokens > SMALL.context
    after = next(asked for asked in server.asked if any("left out to save space" in t for t in asked.texts()))
    results = after.texts()[1:]
    assert ["left out to save space" in result for result in results] == [n < first.upto for n in range(first.turn)]
    assert all("blob " in result for result in results[: first.upto])


def test_thinking_is_never_shown_out_of_its_place(stage: Stage) -> None:
    """The server refuses thinking whose conversation was changed; what came after the change stays."""
    big(stage)
    with MessagesServer(Worker(20)) as server:
        assert live(stage, server, sizes=SMALL).verdict == "PASS"

    first = bodies(stage, ContextCompacted)[0]
    last = server.asked[first.turn + 3]
    thought = [any(b["type"] == "thinking" for b in m["content"]) for m in last.messages if m["role"] == "assistant"]
    assert thought == [n >= first.turn for n in range(len(thought))]
    assert any(thought)


def test_where_that_is_not_enough_a_summary_stands_for_everything(stage: Stage) -> None:
    with MessagesServer(Worker(30, wide=True)) as server:
        ended = live(stage, server, sizes=SMALL)

    assert (ended.verdict, ended.turns) == ("PASS", 31)
    compacted = bodies(stage, ContextCompacted)
    assert all(c.summary for c in compacted)
    summary = kept(stage, compacted[0].summary)
    assert summary.startswith("Looked, ")
    asked = next(a for a in server.asked if summary in a.texts())
    assert asked.texts() == ["Build the parser.", conversation.SUMMARY, summary, conversation.GO_ON]
    assert max(len(str(a.body["messages"])) // 4 for a in server.asked) < 2 * SMALL.context


def test_what_a_summary_cost_is_counted(stage: Stage) -> None:
    with MessagesServer(Worker(30, wide=True)) as server:
        ended = live(stage, server, sizes=SMALL)

    compacted = bodies(stage, ContextCompacted)
    assert all(c.usage.output > 0 and c.model for c in compacted)
    turns = sum(turn.usage.output for turn in _turns(stage))
    assert ended.usage.output == turns + sum(c.usage.output for c in compacted)


def _turns(stage: Stage) -> list[Any]:
    transcript = stage.transcript()
    asyncio.run(transcript.load())
    return transcript.turns


def test_what_the_service_finds_too_long_is_shortened(stage: Stage) -> None:
    """Before our own limit is reached; without old results it fails, as nothing more can go."""
    big(stage)
    long = Failure(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")
    work = Worker(6)

    def brain(asked: Asked) -> Answer:
        return long if sum(len(t) for t in asked.texts()) > 6_000 else work(asked)

    with MessagesServer(brain) as server:
        assert live(stage, server).verdict == "PASS"
    assert [c.upto for c in bodies(stage, ContextCompacted)] == [2, 4]


def test_a_briefing_that_is_too_long_fails_at_once(stage: Stage) -> None:
    with (
        MessagesServer(lambda asked: Failure(413, "request_too_large")) as server,
        pytest.raises(AgentRejected, match="413"),
    ):
        live(stage, server)
    assert len(server.asked) == 1


def test_a_role_file_that_changed_meanwhile_costs_the_thinking_only(stage: Stage) -> None:
    """On accounts that check it, thinking under another prompt is refused: it is left out, and work goes on."""
    with MessagesServer(Worker(2)) as server:
        fine = server.brain
        server.brain = lambda asked: fine(asked) if asked.turn < 2 else Failure(401, "authentication_error")
        with pytest.raises(AgentRejected):
            live(stage, server)
        server.brain = fine
        stage.assignment = msgspec.structs.replace(stage.assignment, role="fix-executor", briefing="Another one.")
        assert live(stage, server).verdict == "PASS"

    assert server.asked[-1].texts()[0] == "Build the parser.", "what it was told at its start"
    assert [(c.turn, c.upto, c.summary) for c in bodies(stage, ContextCompacted)] == [(2, 0, "")]
