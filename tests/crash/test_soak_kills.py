"""The long runs: every point of the bundled example, every git command that changes something, many deaths in a row."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.deaths import Launcher, Theatre
from tests.support.places import EXAMPLE
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox

pytestmark = pytest.mark.soak
CHUNKS = 24


@pytest.fixture(scope="session")
def example(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The bundled example, as `make run` plays it."""
    folder: Path = tmp_path_factory.mktemp("example")
    template = Sandbox(folder / "template", server_url, "template-example")
    stories.example(template)
    launcher = Launcher(template.environ)
    yield Theatre(launcher, template, folder, agent=f"scripted:{EXAMPLE / 'script.toml'}", merge=True)
    launcher.close()


@pytest.mark.parametrize("kind", ["append", "journal", "effect"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_one_death_in_the_example(example: Theatre, kind: str, chunk: int) -> None:
    points = range(1 + chunk, example.points[kind] + 1, CHUNKS)
    wrong = [line for point in points for line in example.differs(f"{kind}-{point}", (kind, point))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_one_death_after_a_word_in_a_transcript(pair: Theatre, chunk: int) -> None:
    points = range(1 + chunk, pair.points["journal"] + 1, CHUNKS)
    assert points
    wrong = [line for point in points for line in pair.differs(f"journal-{point}", ("journal", point))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_one_death_after_a_git_command(pair: Theatre, chunk: int) -> None:
    points = range(1 + chunk, pair.git_commands() + 1, CHUNKS)
    assert points
    wrong = [line for point in points for line in pair.differs(f"git-{point}", ("git", point))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("seed", range(200))
def test_deaths_in_a_row(pair: Theatre, seed: int) -> None:
    luck = random.Random(seed)
    kills = [(kind := luck.choice(("append", "journal", "effect", "git")), _some(luck, pair, kind)) for _ in range(5)]
    wrong = pair.differs(f"row-{seed}", *kills)
    assert not wrong, "\n".join(wrong)


def _some(luck: random.Random, theatre: Theatre, kind: str) -> int:
    """Early more often than late: a run that goes on begins to count anew."""
    count = theatre.git_commands() if kind == "git" else theatre.points[kind]
    return 1 + int(luck.random() ** 3 * count)
