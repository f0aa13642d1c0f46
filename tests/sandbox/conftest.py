from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.confinement import BWRAP, PLAIN, Ground


@pytest.fixture(params=[BWRAP, PLAIN])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """A worktree to break out of, with the sandbox and without it."""
    return Ground(tmp_path, request.param)


@pytest.fixture
def bwrap(tmp_path: Path) -> Ground:
    return Ground(tmp_path, BWRAP)
