"""Fixtures: sandboxes on the session's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.runs.sandbox import Sandbox


@pytest.fixture
def make_sandbox(tmp_path: Path, server_url: str, namespace: str) -> Callable[..., Sandbox]:
    """A sandbox on the session's server, in a namespace of its own."""

    def make(**options: Any) -> Sandbox:
        return Sandbox(tmp_path / "box", server_url, namespace, **options)

    return make


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox()
