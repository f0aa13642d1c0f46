"""Rate limits and budgets of live agents, in whole runs: waits and questions on record, never failures."""

from __future__ import annotations

import signal
import time

import stories
from sandbox import Sandbox
from witness import verified

from conductor.agents.patience import Patience
from conductor.errors import Exit
from conductor.events import (
    AgentReported,
    AgentRequested,
    EffectDeferred,
    EffectFailed,
    TaskRateLimited,
    TaskUnblocked,
)
from tests.messages_server.answers import Answer, Asked, Failure
from tests.messages_server.player import player
from tests.messages_server.server import MessagesServer

LIMITED = Failure(429, "rate_limit_error", headers={"retry-after": str(int(Patience().here) + 2)})
FOREVER = Failure(429, "rate_limit_error", headers={"retry-after": "7200"})


def test_a_wait_that_is_too_long_for_one_place_is_on_record_and_ends_by_itself(sandbox: Sandbox) -> None:
    stories.single(sandbox, "review = false\n")
    play = player(sandbox.script)

    def brain(asked: Asked) -> Answer:
        return LIMITED if asked.number == 2 else play(asked)

    with MessagesServer(brain) as server:
        sandbox.environ |= server.environ
        begin = time.monotonic()
        state = sandbox.run(agent="anthropic")
        assert time.monotonic() - begin > Patience().here

    assert state.status == "completed" and verified(sandbox, state.id) == []
    (deferred,) = sandbox.bodies(state.id, EffectDeferred)
    assert deferred.kind == "rate_limit" and "429" in deferred.reason
    (limited,) = sandbox.bodies(state.id, TaskRateLimited)
    assert limited.until == deferred.until
    assert len(sandbox.bodies(state.id, TaskUnblocked)) == 1
    assert not sandbox.bodies(state.id, EffectFailed)
    assert len(sandbox.bodies(state.id, AgentRequested)) == len(sandbox.bodies(state.id, AgentReported)) == 1
    assert len(server.asked) == 3, "what was said before the wait is not said again"


def test_a_run_that_waits_is_seen_and_can_be_paused(sandbox: Sandbox) -> None:
    stories.single(sandbox, "review = false\n")
    play = player(sandbox.script)
    with MessagesServer(lambda asked: FOREVER) as server:
        sandbox.environ |= server.environ
        process = sandbox.start("run", "--yes", "--agent", "anthropic")
        try:
            while not (tasks := list(sandbox.app().store.tasks())) or sandbox.state(tasks[0]).status != "rate_limited":
                assert process.poll() is None, process.communicate()
                time.sleep(0.2)
            until = sandbox.state(tasks[0]).open["1:one:implementation-executor:1"].deferred
            shown = sandbox.conduct("status").stdout
            assert "rate limited" in shown and f"waits until  {until[:10]} {until[11:19]}Z" in shown
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == Exit.INTERRUPTED
        assert f"{until[:10]} {until[11:19]}Z (rate limit)" in said
        assert sandbox.state(tasks[0]).status == "paused"

        server.brain = play  # the limit still holds for us: we do not ask before its time
        asked = len(server.asked)
        process = sandbox.start("continue")
        try:
            while sandbox.state(tasks[0]).status != "rate_limited":
                assert process.poll() is None, process.communicate()
                time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        finally:
            process.kill()
        assert len(server.asked) == asked
