"""Whole runs, from a specification to a finished branch."""

from __future__ import annotations

from conductor.events import MergeCompleted, MergeConflicted
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import Checkout, fingerprint, verified


def test_one_module(sandbox: Sandbox) -> None:
    stories.single(sandbox)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "completed"
    assert sandbox.read(state, "one.txt") == "one\n"
    assert before.differs() == []
    assert verified(sandbox, state.id) == []
    print(fingerprint(sandbox, state.id))


def test_parallel_modules(sandbox: Sandbox) -> None:
    stories.pair(sandbox)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "completed"
    assert sandbox.read(state, "left.txt") == "left\n"
    assert sorted(sandbox.noted()) == ["left 1", "one 1", "one 2", "right 1"]
    assert before.differs() == []
    assert verified(sandbox, state.id) == []
    print(fingerprint(sandbox, state.id))


def test_waves_and_a_conflict(sandbox: Sandbox) -> None:
    stories.trio(sandbox)
    before = Checkout(sandbox.repo)
    state = sandbox.run()
    assert state.status == "completed"
    assert sandbox.read(state, "both.txt") == "both, said a and b\n"
    assert sandbox.read(state, "c.txt") == "c\n"
    assert [type(b) for b in sandbox.bodies(state.id, MergeCompleted, MergeConflicted)] == [
        MergeCompleted,
        MergeConflicted,
        MergeCompleted,
        MergeCompleted,
    ]
    assert before.differs() == []
    assert verified(sandbox, state.id) == []
