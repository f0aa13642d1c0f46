from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.deaths import Launcher, Theatre
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.sandboxes import make_sandbox, sandbox

__all__ = ["make_sandbox", "sandbox"]


@pytest.fixture(scope="session")
def pair(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """A direct phase and one of two parallel modules."""
    folder: Path = tmp_path_factory.mktemp("pair")
    template = Sandbox(folder / "template", server_url, "template")
    stories.pair(template)
    launcher = Launcher(template.environ)
    yield Theatre(launcher, template, folder)
    launcher.close()
