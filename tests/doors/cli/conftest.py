from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conductor.doors.cli.main import main
from conductor.log import embedded
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import Said, User


@pytest.fixture(scope="module")
def shell() -> Iterator[User]:
    """A user with a repository and an embedded server of their own, one for a test module."""
    root = Path(tempfile.mkdtemp(prefix="cdt-"))  # short: the path of a unix socket has few bytes
    user = User(root)
    user.make_repository()
    try:
        yield user
    finally:
        embedded.stop(user.home)
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def user(tmp_path: Path, server_url: str, namespace: str) -> User:
    """A user with a repository, on the session's server, in a namespace of their own."""
    made = User(tmp_path, server_url, namespace)
    made.make_repository()
    return made


@pytest.fixture
def conduct(user: User, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`conduct` called in this process, in the user's repository."""
    for name in [name for name in os.environ if name.startswith(("CONDUCT_", "GIT_"))]:
        monkeypatch.delenv(name)
    for name, value in user.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(user.repo)

    def call(*words: str) -> Said:
        capfd.readouterr()
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        said = capfd.readouterr()
        return Said(int(code), said.out, said.err)

    return call


@pytest.fixture
def stored(server_url: str, namespace: str) -> EventStore:
    return EventStore(connect(server_url), namespace)
