"""An earlier task played again: its recorded turns through the real tools, and what is answered otherwise than then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import msgspec
import pytest

from conductor.agents.contract.assignment import Ended
from conductor.agents.runners.scripted.replayed import PlayedAgain, divergences
from conductor.agents.transcript import Transcript
from conductor.envelope import Draft, Head
from conductor.errors import UsageError
from conductor.events import AgentRequested, AttemptStarted, ResultDiverged, TurnSaid
from conductor.log.keys import transcript_of
from conductor.log.store import EventStore
from tests.agents.runners.scripted.test_resume import Killed, Mortal
from tests.support.agents.live_stage import bodies, kept, live
from tests.support.agents.stage import Stage, git, toolbox
from tests.support.messages_server.answers import call, calls, in_turn, report
from tests.support.messages_server.server import MessagesServer

STORY = (
    calls(call("create", path="a.py", text="one\n"), call("bash", command="cat README.md; echo took 0.01s")),
    calls(call("replace", path="a.py", old="one", new="two")),
    report(),
)


@pytest.fixture
def earlier(stage: Stage) -> Iterator[Stage]:
    """A task with one live attempt; then the worktree as it was, and the same attempt of another task."""
    asked = stage.assignment
    ask(stage, asked.task)
    with MessagesServer(in_turn(*STORY)) as server:
        assert live(stage, server).verdict == "PASS"
    git(stage.worktree, "clean", "-fdq")
    stage.assignment = msgspec.structs.replace(asked, task="t2")
    ask(stage, "t2")
    yield stage


def ask(stage: Stage, task: str) -> None:
    asked = stage.assignment
    body = AgentRequested(
        effect=asked.effect, role=asked.role, phase=asked.phase, module=asked.module, attempt=asked.attempt
    )
    stage.store.append(task, Head(), [Draft(body, "conductor")])


def again(stage: Stage, store: EventStore | None = None, source: str = "task:t1") -> Ended:
    agent = PlayedAgain(stage.store, source)
    return asyncio.run(agent.run(stage.assignment, toolbox(stage.worktree), stage.transcript(store)))


def test_the_same_tree_gives_the_same_end_and_no_divergence(earlier: Stage) -> None:
    ended = again(earlier)

    assert (ended.verdict, ended.turns, ended.model, ended.usage.total) == ("PASS", 3, "", 0)
    assert (earlier.worktree / "a.py").read_text() == "two\n"
    assert bodies(earlier, ResultDiverged) == []
    assert divergences(earlier.store, "t2") == {}
    (started,) = bodies(earlier, AttemptStarted)
    assert started.agent == "played again"
    assert [body.model for body in bodies(earlier, TurnSaid)] == ["", "", ""], "no model was asked"


def test_what_is_answered_otherwise_is_on_record(earlier: Stage) -> None:
    (earlier.worktree / "README.md").write_text("changed\n")
    assert again(earlier).verdict == "PASS"

    (body,) = bodies(earlier, ResultDiverged)
    assert (body.turn, kept(earlier, body.result)) == (1, "base\ntook 0.01s\n[exit code 0]")
    journal = earlier.journal()
    assert journal[journal.index("result.diverged") + 1] == "tool.returned"
    assert divergences(earlier.store, "t2") == {earlier.assignment.effect: 1}


def test_an_error_where_there_was_none_is_a_divergence(earlier: Stage) -> None:
    (earlier.worktree / "a.py").mkdir()
    again(earlier)
    assert [body.turn for body in bodies(earlier, ResultDiverged)] == [1, 2]


@pytest.mark.parametrize("dies", range(2, 14))
def test_cut_off_anywhere_it_comes_to_the_same_end(earlier: Stage, dies: int) -> None:
    (earlier.worktree / "README.md").write_text("changed\n")
    with contextlib.suppress(Killed):
        again(earlier, Mortal(earlier.store, dies, True))
    assert again(earlier).verdict == "PASS"
    assert (earlier.worktree / "a.py").read_text() == "two\n"
    assert divergences(earlier.store, "t2") == {earlier.assignment.effect: 1}


def test_durations_and_names_of_tasks_are_no_divergence(stage: Stage) -> None:
    ask(stage, "t1")
    with MessagesServer(in_turn(calls(call("bash", command="cat ../said")), report())) as server:
        said = stage.worktree.parent / "said"
        said.write_text("task t1: Ran 3 tests in 0.012s at 0x7f00deadbeef")
        live(stage, server)
    stage.assignment = msgspec.structs.replace(stage.assignment, task="t2")
    said.write_text("task t2: Ran 3 tests in 1.5s at 0x7f00cafecafe")
    again(stage)
    assert bodies(stage, ResultDiverged) == []
    stage.assignment = msgspec.structs.replace(stage.assignment, task="t3")
    said.write_text("task t3: Ran 2 tests in 1.5s at 0x7f00cafecafe")
    again(stage)
    assert len(bodies(stage, ResultDiverged)) == 1


def test_an_attempt_that_there_was_not_has_no_report(earlier: Stage) -> None:
    earlier.assignment = msgspec.structs.replace(earlier.assignment, effect="other", attempt=2)
    ended = again(earlier)
    assert (ended.verdict, ended.turns) == ("NO_REPORT", 0)
    assert ended.reason.startswith("task t1 has no recorded turns for implementation-executor, phase 2")


def test_a_call_whose_secret_was_not_kept_is_not_done_without_it(stage: Stage) -> None:
    ask(stage, "t1")
    secret = "export URL=https://me:hunter2hunter2@example.org"
    with MessagesServer(in_turn(calls(call("create", path="run.sh", text=secret)), report())) as server:
        live(stage, server)
    git(stage.worktree, "clean", "-fdq")
    stage.assignment = msgspec.structs.replace(stage.assignment, task="t2")
    ended = again(stage)
    assert (ended.verdict, ended.reason) == ("NO_REPORT", "turn 1 contained a likely secret, which was not kept")
    assert not (stage.worktree / "run.sh").exists()


def test_what_cannot_be_played_is_said_at_once(stage: Stage) -> None:
    with pytest.raises(UsageError, match="there is no task 'none'"):
        PlayedAgain(stage.store, "task:none")
    ask(stage, "t1")
    with pytest.raises(UsageError, match="its agents are none"):
        PlayedAgain(stage.store, "task:t1")
    asked = stage.assignment
    transcript = Transcript(stage.store, stage.store.blobs, "t1", asked.effect, asked.role)
    asyncio.run(transcript.start(asked, "claude-code"))
    assert stage.store.read(transcript_of("t1", asked.effect))
    with pytest.raises(UsageError, match="its agents are claude-code"):
        PlayedAgain(stage.store, "task:t1")
