"""A scripted attempt from start to end: what happens in the tree, what is journaled, how it ends."""

from __future__ import annotations

import msgspec
import pytest

from conductor.agents.contract.assignment import AgentBroke, Ended
from conductor.envelope import Head, check_chain
from conductor.events import AttemptStarted, ToolReturned, TurnSaid
from conductor.log.store import VersionConflict
from tests.support.agents.stage import Stage

PARSER = """
[[agent]]
role = "implementation-executor"
  [[agent.turn]]
  say = "I write the parser."
    [[agent.turn.call]]
    tool = "create"
    path = "src/parser.py"
    text = "x = 1\\n"
    [[agent.turn.call]]
    tool = "replace"
    path = "src/parser.py"
    old = "y"
    new = "z"
  [[agent.turn]]
  say = "Then I look at it."
    [[agent.turn.call]]
    tool = "bash"
    command = "cat src/parser.py"
  [[agent.turn]]
    [agent.turn.report]
    status = "PASS"
    summary = "It parses."
    [[agent.turn.report.gotchas]]
    title = "Mind the gap"
    evidence = "seen"
"""


def test_calls_are_done_and_the_report_is_the_end(stage: Stage) -> None:
    ended = stage.play(stage.write(PARSER))

    assert (ended.verdict, ended.summary, ended.turns, ended.reason) == ("PASS", "It parses.", 3, "")
    assert ended.findings[0].title == "Mind the gap"
    assert msgspec.json.decode(ended.report)["status"] == "PASS"
    assert (stage.worktree / "src" / "parser.py").read_text() == "x = 1\n"


def test_everything_is_journaled_in_a_chain_off_the_feed(stage: Stage) -> None:
    stage.play(stage.write(PARSER))

    assert stage.journal() == [
        "attempt.started",
        *("turn.said", "tool.returned", "tool.returned"),
        *("turn.said", "tool.returned"),
        *("turn.said", "tool.returned"),
        "attempt.ended",
    ]
    events = stage.store.read(stage.transcript().stream)
    head = Head()
    for event in events:
        assert check_chain(head, event) is None
        assert event.envelope.actor == "agent:implementation-executor"
        head = Head(event.version, event.head)
    started, said, created, missed, _, looked = (event.body for event in events[:6])
    blobs = stage.store.blobs
    assert isinstance(started, AttemptStarted)
    assert started.agent == "scripted"
    assert blobs.get(started.briefing) == b"Build the parser."
    assert isinstance(said, TurnSaid)
    message = msgspec.json.decode(blobs.get(said.message) or b"")
    assert message["text"] == "I write the parser."
    assert message["calls"][0] == {
        "id": "1.1",
        "tool": "create",
        "arguments": {"path": "src/parser.py", "text": "x = 1\n"},
    }
    assert isinstance(created, ToolReturned)
    assert (created.call, created.error) == ("1.1", False)
    assert isinstance(missed, ToolReturned)
    assert (missed.call, missed.error) == ("1.2", True)
    assert isinstance(looked, ToolReturned)
    assert blobs.get(looked.result) == b"x = 1\n[exit code 0]"
    assert stage.store.feed() == []
    assert stage.store.tasks() == []


def test_an_attempt_that_has_ended_is_not_played_again(stage: Stage) -> None:
    script = stage.write(PARSER)
    first = stage.play(script)
    (stage.worktree / "src" / "parser.py").unlink()

    assert stage.play(script) == first
    assert stage.journal()[-1] == "attempt.ended"
    assert not (stage.worktree / "src" / "parser.py").exists()


def test_who_is_not_in_the_script_ends_without_a_report(stage: Stage) -> None:
    ended = stage.play(stage.write("[[agent]]\nrole = 'code-reviewer'\n"))

    why = "the script has no turns for implementation-executor, phase 2, module parser, attempt 1"
    assert ended == Ended.silent(why, 0)
    assert stage.play(stage.write("[[agent]]\n")) == ended  # journaled: the end stands


@pytest.mark.parametrize(
    ("turns", "reason", "count"),
    [
        ("", "the agent ended without a report", 0),
        ("[[agent.turn]]\nsay = 'Hm.'\n", "the agent ended without a report", 1),
        ("[[agent.turn]]\ngarbage_report = 'All done!'\n", "the report cannot be read", 1),
        ("[[agent.turn]]\nhang = 600\n", "time limit: 0.5 s", 0),
        ("[[agent.turn]]\n[[agent.turn.call]]\ntool = 'bash'\ncommand = 'sleep 600'\n", "time limit: 0.5 s", 1),
    ],
)
def test_no_report_is_an_end_with_a_reason(stage: Stage, turns: str, reason: str, count: int) -> None:
    ended = stage.play(stage.write("[[agent]]\n" + turns), timeout=0.5 if "limit" in reason else 60)

    assert ended.verdict == "NO_REPORT"
    assert reason in ended.reason
    assert (ended.turns, ended.report) == (count, "")
    assert stage.journal()[-1] == "attempt.ended"
    assert stage.play(stage.write("[[agent]]")) == ended


def test_a_refused_report_can_be_followed_by_a_good_one(stage: Stage) -> None:
    turns = "[[agent.turn]]\ngarbage_report = '{'\n[[agent.turn]]\nreport = {status='FAIL', summary='Broken.'}\n"

    ended = stage.play(stage.write("[[agent]]\n" + turns))
    assert (ended.verdict, ended.summary, ended.turns) == ("FAIL", "Broken.", 2)


def test_a_crash_leaves_the_attempt_open_and_it_goes_on_there(stage: Stage) -> None:
    write = "[[agent.turn]]\n[[agent.turn.call]]\ntool='bash'\ncommand='echo one >> log'\n"
    report = "[[agent.turn]]\nreport = {status='PASS', summary='Done.'}\n"

    with pytest.raises(AgentBroke, match="scripted"):
        stage.play(stage.write("[[agent]]\n" + write + "[[agent.turn]]\ncrash = true\n" + report))
    assert stage.journal() == ["attempt.started", "turn.said", "tool.returned"]

    assert stage.play(stage.write("[[agent]]\n" + write + report)).verdict == "PASS"
    assert (stage.worktree / "log").read_text() == "one\n"


def test_a_second_writer_is_noticed(stage: Stage) -> None:
    """A runner that lost its claim finds out with its next step, before it does anything more."""
    call = "[[agent.turn.call]]\ntool='bash'\ncommand='echo x >> log'\n"
    script = stage.write("[[agent]]\n" + f"[[agent.turn]]\n{call}" * 2)

    class Overtaken(type(stage.store)):  # type: ignore[misc]
        def append(self, stream, expected, drafts, *, feed=True):  # type: ignore[no-untyped-def]
            appended = super().append(stream, expected, drafts, feed=feed)
            if isinstance(drafts[0].body, ToolReturned):
                stage.store.append(stream, appended.head, drafts, feed=feed)  # someone else goes on
            return appended

    with pytest.raises(VersionConflict):
        stage.play(script, store=Overtaken(stage.store.connection, stage.store.keys.namespace))
    assert (stage.worktree / "log").read_text() == "x\n"
