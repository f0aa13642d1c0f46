"""Fixtures: sandboxes on the session's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sandbox import Sandbox


@pytest.fixture
def make_sandbox(
    tmp_path: Path, server_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Sandbox]:
    """A sandbox on the session's server, in a namespace of its own; this process sees its environment too."""

    def make(**options: Any) -> Sandbox:
        made = Sandbox(tmp_path / "box", server_url, namespace, **options)
        for name, value in made.environ.items():
            if name.startswith("GIT_"):
                monkeypatch.setenv(name, value)
        return made

    return make


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return make_sandbox()
