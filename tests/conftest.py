"""Fixtures on the real server: one embedded server a session (and xdist worker), a namespace of its own per test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.log import embedded
from conductor.log.connection import connect
from conductor.log.store import EventStore


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
