"""An attempt cut off after any of its steps goes on to the same end, and no complete turn is done twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from conductor.agents.contract.assignment import AgentBroke
from conductor.envelope import Draft, Head
from conductor.errors import CorruptLog
from conductor.events import ToolReturned, TurnSaid
from conductor.log.store import Appended, EventStore
from tests.support.agents.stage import Stage, git, restore, snapshot
from tests.support.blobs import erase

REPORT = "[[agent.turn]]\nreport = {status='PASS', summary='Done.'}\n"


def turn(*commands: str) -> str:
    return "[[agent.turn]]\n" + "".join(f"[[agent.turn.call]]\ntool='bash'\ncommand='''{c}'''\n" for c in commands)


class Killed(Exception):
    """The process is gone."""


class Mortal(EventStore):
    """A store whose process dies at its n-th append: before it, or when it is recorded."""

    def __init__(self, of: EventStore, dies: int, recorded: bool) -> None:
        super().__init__(of.connection, of.keys.namespace)
        self.left, self.recorded = dies, recorded

    def append(
        self, stream: str, expected: Head, drafts: Sequence[Draft], *, feed: bool = True, time: str | None = None
    ) -> Appended:
        self.left -= 1
        if self.left == 0 and not self.recorded:
            raise Killed
        appended = super().append(stream, expected, drafts, feed=feed, time=time)
        if self.left == 0:
            raise Killed
        return appended


# Steps: started, said 1, two results, said 2, one result, said 3 (the report), its result, ended.
@pytest.mark.parametrize("dies", range(1, 10))
@pytest.mark.parametrize("recorded", [True, False])
def test_cut_off_anywhere_the_end_is_the_same(stage: Stage, tmp_path: Path, dies: int, recorded: bool) -> None:
    witness = tmp_path / "witness"  # outside the tree: counts every time a call was done
    script = stage.write(
        "[[agent]]\n"
        + turn(f"echo a >> log; echo a >> {witness}", f"echo b >> log; echo b >> {witness}; rm -f README.md")
        + turn(f"echo c >> log; echo c >> {witness}")
        + REPORT
    )
    with pytest.raises(Killed):
        stage.play(script, store=Mortal(stage.store, dies, recorded))
    done_before = complete_calls(stage)

    ended = stage.play(script)

    assert (ended.verdict, ended.summary, ended.turns) == ("PASS", "Done.", 3)
    assert (stage.worktree / "log").read_text() == "a\nb\nc\n"
    assert not (stage.worktree / "README.md").exists()
    done = witness.read_text().split()
    assert all(done.count(call) == 1 for call in done_before)
    assert set(done) == {"a", "b", "c"}
    assert stage.journal()[-1] == "attempt.ended"
    assert stage.journal().count("turn.said") == 3
    assert stage.play(script) == ended


def complete_calls(stage: Stage) -> str:
    """The calls of turns that the journal holds whole."""
    journal = stage.journal()
    returned = journal.count("tool.returned")
    return "abc" if returned >= 3 else "ab" if returned == 2 else ""


def test_cut_off_twice_in_the_same_turn(stage: Stage) -> None:
    script = stage.write("[[agent]]\n" + turn("echo a >> log", "echo b >> log") + REPORT)
    with pytest.raises(Killed):
        stage.play(script, store=Mortal(stage.store, 3, True))  # after the first result
    with pytest.raises(Killed):
        stage.play(script, store=Mortal(stage.store, 3, True))  # resumed, then after the second call's result

    assert stage.play(script).verdict == "PASS"
    assert (stage.worktree / "log").read_text() == "a\nb\n"
    assert stage.journal().count("attempt.resumed") == 1


def test_a_cut_off_turn_begins_on_the_tree_before_it(stage: Stage) -> None:
    """Whatever half of a call left behind is gone: changed, new and deleted files."""
    script = stage.write("[[agent]]\n" + turn("echo first > kept") + turn("cat half kept README.md") + REPORT)
    with pytest.raises(Killed):
        stage.play(script, store=Mortal(stage.store, 4, True))  # turn 2 was said, nothing of it is known
    (stage.worktree / "half").write_text("left behind\n")
    (stage.worktree / "kept").write_text("changed\n")
    (stage.worktree / "README.md").unlink()

    stage.play(script)

    events = stage.store.read(stage.transcript().stream)
    assert [e.type for e in events[4:6]] == ["attempt.resumed", "tool.returned"]
    returned = events[5].body
    assert isinstance(returned, ToolReturned)
    shown = stage.store.blobs.get(returned.result)
    assert shown == b"cat: half: No such file or directory\nfirst\nbase\n[exit code 1]"
    said = [e.body.tree for e in events if isinstance(e.body, TurnSaid)]
    assert said[0] == git(stage.worktree, "rev-parse", "HEAD^{tree}")
    assert said[1] == said[2] == snapshot(stage.worktree)


def test_a_crash_of_the_agent_and_of_the_process(stage: Stage) -> None:
    broken = stage.write("[[agent]]\n" + turn("echo a >> log") + "[[agent.turn]]\ncrash = true\n")
    with pytest.raises(Killed):
        stage.play(broken, store=Mortal(stage.store, 2, True))
    with pytest.raises(AgentBroke):
        stage.play(broken)

    assert stage.play(stage.write("[[agent]]\n" + turn("echo a >> log") + REPORT)).verdict == "PASS"
    assert (stage.worktree / "log").read_text() == "a\n"


def test_an_erased_message_cannot_be_played_again(stage: Stage) -> None:
    script = stage.write("[[agent]]\n" + turn("echo a >> log") + REPORT)
    with pytest.raises(Killed):
        stage.play(script, store=Mortal(stage.store, 2, True))
    said = stage.store.read(stage.transcript().stream)[1].body
    assert isinstance(said, TurnSaid)
    erase(stage.store, said.message)

    with pytest.raises(CorruptLog, match="turn 1 was erased"):
        stage.play(script)


def test_the_stage_itself_can_restore(stage: Stage) -> None:
    tree = snapshot(stage.worktree)
    (stage.worktree / "new").write_text("x")
    restore(stage.worktree, tree)
    assert sorted(p.name for p in stage.worktree.iterdir()) == [".git", "README.md"]
