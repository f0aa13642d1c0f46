"""SIGKILL after each single append and at each single effect; the next process goes on, and nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stories
from deaths import Launcher, Theatre
from sandbox import Sandbox

CHUNKS = 8


@pytest.fixture(scope="module")
def theatre(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    folder: Path = tmp_path_factory.mktemp("pair")
    template = Sandbox(folder / "template", server_url, "template")
    stories.pair(template)
    launcher = Launcher(template.environ)
    yield Theatre(launcher, template, folder)
    launcher.close()


@pytest.mark.parametrize("kind", ["append", "effect"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_one_death(theatre: Theatre, kind: str, chunk: int) -> None:
    points = range(1 + chunk, theatre.points[kind] + 1, CHUNKS)
    assert points
    wrong = [line for point in points for line in theatre.differs(f"{kind}-{point}", (kind, point))]
    assert not wrong, "\n".join(wrong)
