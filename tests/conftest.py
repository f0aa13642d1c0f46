"""The machine that tests see; the real server, one a session (and xdist worker); a namespace of its own per test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.log import embedded
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.support import git_user


def pytest_configure(config: pytest.Config) -> None:
    """Whoever runs the tests: their home folder is empty, and nothing of their own settings counts."""
    if hasattr(config, "workerinput"):
        return  # a worker of xdist has inherited it
    home = tempfile.mkdtemp(prefix="cdt-home-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    settled = git_user.without_settings(os.environ) | {"HOME": home}
    os.environ.clear()
    os.environ.update(settled)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of an embedded server that lives as long as the session."""
    home = Path(tempfile.mkdtemp(prefix="cdt-"))  # short: the path of a unix socket has few bytes
    try:
        yield embedded.ensure_running(home)
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def namespace() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def store(server_url: str, namespace: str) -> Iterator[EventStore]:
    """An empty event store on the real server."""
    store = EventStore(connect(server_url), namespace)
    yield store
    store.close()
