"""Rate limits and budgets of live agents, in whole runs: waits and questions on record, never failures."""

from __future__ import annotations

import signal
import subprocess
import time

from conductor.agents.runners.anthropic.retry_policy import RetryPolicy
from conductor.errors import Exit
from conductor.events import (
    AgentReported,
    AgentRequested,
    BudgetExhausted,
    EffectDeferred,
    EffectFailed,
    TaskRateLimited,
    TaskUnblocked,
)
from conductor.ids import EffectId
from tests.support.messages_server.answers import Answer, Asked, Failure
from tests.support.messages_server.player import player
from tests.support.messages_server.server import MessagesServer
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import verified

LIMITED = Failure(429, "rate_limit_error", headers={"retry-after": str(int(RetryPolicy().local_wait) + 2)})
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
        assert time.monotonic() - begin > RetryPolicy().local_wait

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
            until = sandbox.state(tasks[0]).open[EffectId("1:one:implementation-executor:1")].deferred
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


# ---- budgets -------------------------------------------------------------------------------------------------------

NO_REVIEW = "review = false\n"


def asked_to_extend(sandbox: Sandbox, said: subprocess.CompletedProcess[str], what: str) -> str:
    """The task, whose run has closed with a question about its budget."""
    (task,) = sandbox.app().store.tasks()
    assert said.returncode == Exit.WAITING, said.stdout + said.stderr
    assert f"has used up what it was allowed: {what}" in said.stdout
    assert "answer" in said.stdout and "extend" in said.stdout
    assert sandbox.state(task).status == "budget_exhausted"
    return task


def test_an_allowance_of_turns_is_a_question_and_the_same_attempt_goes_on(sandbox: Sandbox) -> None:
    stories.pair(sandbox, NO_REVIEW + "[budget.agent]\nturns = 1\n")
    task = asked_to_extend(sandbox, sandbox.conduct("run", "--yes", "--agent", f"scripted:{sandbox.script}"), "turns")
    assert sandbox.noted() == ["one 1"], "nothing was begun beyond the limit"
    assert sandbox.conduct("continue").returncode == Exit.WAITING, "nobody has answered"
    assert sandbox.conduct("answer", "q1", "extend").returncode == 0
    done = sandbox.conduct("continue")

    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(sandbox.noted()) == ["left 1", "one 1", "one 2", "right 1"]
    assert len(sandbox.bodies(task, AgentRequested)) == len(sandbox.bodies(task, AgentReported)) == 3
    assert verified(sandbox, task) == []


def test_an_allowance_of_tokens_holds_live_agents(sandbox: Sandbox) -> None:
    stories.single(sandbox, NO_REVIEW + "[budget.agent]\ntokens = 1500\n")
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        task = asked_to_extend(sandbox, sandbox.conduct("run", "--yes"), "tokens")
        (dry,) = sandbox.bodies(task, BudgetExhausted)
        assert (dry.turns, len(server.asked)) == (1, 1) and dry.usage.total >= 1500
        for _ in range(20):
            if sandbox.state(task).questions:
                sandbox.conduct("answer", *sandbox.state(task).questions, "extend")
                sandbox.conduct("continue")

    assert sandbox.state(task).status == "completed"
    assert len(sandbox.bodies(task, AgentRequested)) == 1 and len(server.asked) == 2
    assert verified(sandbox, task) == []


def test_money_is_counted_by_the_users_prices(sandbox: Sandbox) -> None:
    price = '[models]\ndefault = "claude-mine"\n[prices."claude-mine"]\ninput = 10\noutput = 10\ncache_write = 10\n'
    stories.single(sandbox, NO_REVIEW + "[budget.task]\nmoney = 0.001\n" + price)
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        said = sandbox.conduct("run", "--yes")
        task = asked_to_extend(sandbox, said, "money")
        assert "money limit" not in said.stdout and len(server.asked) == 1
        sandbox.conduct("answer", "q1", "abandon")
    assert sandbox.state(task).status == "abandoned"


def test_where_no_price_is_known_money_is_unknown_and_the_limit_says_that_it_does_not_hold(sandbox: Sandbox) -> None:
    stories.single(sandbox, NO_REVIEW + '[budget.task]\nmoney = 0.001\n[models]\ndefault = "claude-unheard-of"\n')
    with MessagesServer(player(sandbox.script)) as server:
        sandbox.environ |= server.environ
        said = sandbox.conduct("run", "--yes")

    assert said.returncode == 0, said.stdout + said.stderr
    assert "money limit cannot apply to claude-unheard-of" in said.stdout
    (task,) = sandbox.app().store.tasks()
    (report,) = sandbox.bodies(task, AgentReported)
    assert report.money is None and report.usage.total > 0
    assert "the money is unknown" in sandbox.conduct("cost").stdout


def test_four_fifths_of_a_limit_are_told(sandbox: Sandbox) -> None:
    stories.single(sandbox, NO_REVIEW + "[budget.task]\nturns = 2\n")
    said = sandbox.conduct("run", "--yes", "--agent", f"scripted:{sandbox.script}")

    assert "task: 2 of 2 turns used" in said.stdout, said.stdout
    assert said.returncode == 0, "nothing was to be done any more"
