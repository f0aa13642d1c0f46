"""`verify` believes neither the log nor the repository alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

from conductor.doors.cli.commands.look.witness import GitRepositoryWitness
from conductor.errors import Exit, WorkspaceError
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import TURNS, Said, User

Conduct = Callable[..., Said]


@pytest.fixture
def task(conduct: Conduct, user: User) -> str:
    said = conduct("run", "--agent", user.script("one", TURNS))
    assert said.code == Exit.WAITING, said
    found: str = conduct("status", "--json").data["id"]
    return found


def row(said: Said, name: str) -> dict[str, object]:
    return next(row for row in said.data["rows"] if row["name"] == name)


def test_a_record_that_is_whole(conduct: Conduct, task: str) -> None:
    said = conduct("verify", "--check", "--json")
    assert said.code == 0, said
    assert said.data["ok"]
    assert all(row["ok"] for row in said.data["rows"])
    assert {"chain", "git", "decisions"} <= {row["name"] for row in said.data["rows"]}
    text = conduct("verify")
    assert f"{task}: verified (version {said.data['version']}, chain head {said.data['head'][:16]})" in text.out


def test_an_event_missing_on_the_feed_is_noticed(conduct: Conduct, task: str, server_url: str, namespace: str) -> None:
    store = EventStore(connect(server_url), namespace)
    position, _ = store.feed()[4]
    store.connection.call("XDEL", store.keys.feed, position)
    said = conduct("verify", "--json")
    assert said.code == Exit.FAILED
    assert row(said, "feed")["ok"] is False
    assert row(said, "chain")["ok"] is True
    assert "FAILED" in conduct("verify").out


def test_a_repository_that_lost_a_checkpoint_is_noticed(conduct: Conduct, task: str, user: User) -> None:
    commit = conduct("checkpoints", "--json").data[1]["commit"]
    (user.repo / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    said = conduct("verify", "--json")
    assert said.code == Exit.FAILED
    assert "the commit does not exist" in str(row(said, "git")["detail"])


def test_without_the_repository_the_rest_is_verified(
    conduct: Conduct, task: str, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=user.root, check=True)  # another one above it is not to be asked
    monkeypatch.chdir(user.root)
    shutil.rmtree(user.repo)
    said = conduct("verify", task, "--json")
    assert said.code == 0, said
    assert row(said, "git")["ok"] is None
    assert "not checked: the repository is missing" in str(row(said, "git")["detail"])


def test_the_witness_answers_for_what_is_not_there(user: User) -> None:
    witness = GitRepositoryWitness(user.repo)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=user.repo, capture_output=True, text=True, check=True)
    commit = head.stdout.strip()
    tree = witness.tree_of(commit)
    assert witness.message(commit) == "Begin\n"
    assert tree is not None
    assert witness.diff_paths(tree, tree) == ()
    for forged in ("0" * 40, "--all", "HEAD", ""):
        assert witness.tree_of(forged) is None
        assert witness.message(forged) is None
        assert witness.diff_paths(tree, forged) != ()


def test_a_folder_without_a_repository_is_no_witness(user: User) -> None:
    with pytest.raises(WorkspaceError):
        GitRepositoryWitness(user.repo / ".prelude")
