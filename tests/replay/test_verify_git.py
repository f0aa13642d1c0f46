"""Verification beside git: commits that are gone, checkpoints of other trees or histories."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.events import (
    CheckpointCreated,
    RollbackAsked,
)
from conductor.log.store import EventStore
from replay.verify import verify
from tests.replay.gitworld import GitWorld, Repository
from tests.replay.test_verify import failing


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_git_bears_witness(store: EventStore, repository: Repository) -> None:
    world = GitWorld(store, repository)
    assert world.run().status == "completed"
    report = verify(store, "t", repository)
    assert failing(report) == {}
    assert report.rows[-1].detail == "4 checkpoints as they were recorded"
    with pytest.raises(StopIteration):
        next(row for row in verify(store, "t").rows if row.name == "git")


def test_a_commit_that_is_gone_is_found(store: EventStore, repository: Repository, tmp_path: Path) -> None:
    world = GitWorld(store, repository)
    world.run()
    elsewhere = tmp_path / "clone"
    elsewhere.mkdir()
    assert "the commit does not exist" in failing(verify(store, "t", Repository(elsewhere)))["git"]


def test_an_abandoned_commit_may_be_gone(store: EventStore, repository: Repository) -> None:
    world = GitWorld(store, repository)
    world.run()
    world.say(RollbackAsked(1))
    world.run()
    left = [f.body.commit for f in world.facts if isinstance(f.body, CheckpointCreated)][-1]
    (repository.path / ".git" / "objects" / left[:2] / left[2:]).unlink()
    report = verify(store, "t", repository)
    assert (
        failing(report) == {} and report.rows[-1].detail == "3 checkpoints as they were recorded, 1 abandoned and gone"
    )


def test_a_checkpoint_with_another_tree_than_recorded_is_found(store: EventStore, repository: Repository) -> None:
    world = GitWorld(store, repository)
    world.git_luck.tree = "0" * 40
    world.run()
    assert "its tree is" in failing(verify(store, "t", repository))["git"]


def test_a_checkpoint_of_another_history_is_found(store: EventStore, repository: Repository) -> None:
    world = GitWorld(store, repository)
    world.git_luck.trailer = "Conductor-Chain: " + "0" * 64
    world.run()
    assert "its trailer Conductor-Chain is not a link of the chain" in failing(verify(store, "t", repository))["git"]


def test_a_checkpoint_with_more_than_documents_is_found(store: EventStore, repository: Repository) -> None:
    world = GitWorld(store, repository)
    world.git_luck.extra = "smuggled.py"
    world.run()
    assert failing(verify(store, "t", repository))["git"].endswith("more than generated documents: smuggled.py")
