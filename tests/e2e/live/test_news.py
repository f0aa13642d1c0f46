"""A ruling reaches an agent that was asked before it, while it is at work."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conductor.agents.notices import RULED
from conductor.core.state import TaskState
from conductor.events import AgentTold, QuestionAnswered, SpecAmended
from conductor.ids import EffectId
from conductor.log.keys import transcript_of
from tests.support.messages_server.player import player
from tests.support.messages_server.server import MessagesServer
from tests.support.runs.sandbox import PERSON, Sandbox
from tests.support.runs.stories import QUICK
from tests.support.runs.witness import verified
from tests.support.runs.writing import Module, Phase, agent, bash, create, turn

CORE = {
    "original": "a is built",
    "reality": "a is built of glass",
    "why_fact": "it was read",
    "evidence": "the manual, page 3",
    "impact": "core",
}
B = "1:b:implementation-executor:1"


def test_a_correction_that_is_approved_while_another_agent_works_is_in_its_next_request(sandbox: Sandbox) -> None:
    phases = [Phase("Two at once", (Module("a", ("a.txt",)), Module("b", ("b.txt",))))]
    says = {"status": "PASS", "summary": "Done.", "corrections": [CORE]}
    agents = [
        agent(turn(create("a.txt", "a\n"), report=says), module="a", attempt=1),
        agent(
            turn(bash("while [ ! -e go ]; do sleep 0.05; done; rm go; echo b > b.txt")),
            turn(bash("cat b.txt")),
            turn(report="PASS"),
            module="b",
        ),
        agent(turn(report="PASS")),
    ]
    sandbox.begin("News", phases, agents, QUICK + "review = false\n")
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        state = asyncio.run(_approved_meanwhile(sandbox))

    assert state.status == "completed" and verified(sandbox, state.id) == []
    asked = [a for a in server.asked if any("module b" in words for words in a.texts())]
    told = [[words for words in a.texts() if words.startswith(RULED)] for a in asked]
    assert [len(words) for words in told] == [0, 1, 1]
    assert "a is built of glass" in told[1][0] and "amended" in told[1][0]
    store = sandbox.app().store
    (news,) = [e.body for e in store.read(transcript_of(state.id, B)) if isinstance(e.body, AgentTold)]
    (amended,) = [e.version for e in store.read(state.id) if isinstance(e.body, SpecAmended)]
    assert news.upto >= amended


async def _approved_meanwhile(sandbox: Sandbox) -> TaskState:
    """Drive it; when the question is there, a person approves, and only then module b's first command comes back."""
    app = sandbox.app()
    task = sandbox.create(app, agent="anthropic")
    run = asyncio.create_task(sandbox.driven(task, app))
    while (
        not (state := sandbox.state(task)).questions or B not in state.open or not state.open[EffectId(B)].claim_version
    ):
        assert not run.done(), "it came to an end without a question"
        await asyncio.sleep(0.05)
    (question,) = state.questions
    sandbox.app().submit(task, QuestionAnswered(question, "approve"), actor=PERSON)
    Path(state.phases["1"].modules["b"].target.path, "go").touch()
    return await run
