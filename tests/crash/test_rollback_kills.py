"""SIGKILL at each effect and append around a rollback that moves ignored files aside: they are told all the same."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.events import PhaseRolledBack
from tests.crash.deaths import Launcher, only_task, output
from tests.support.runs import stories
from tests.support.runs.sandbox import Sandbox
from tests.support.runs.witness import verified
from tests.support.runs.writing import Module, Phase, bash, create, work


@pytest.fixture(scope="module")
def launcher(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    made = Launcher(Sandbox(tmp_path_factory.mktemp("launcher") / "box", server_url, "launcher").environ)
    yield made
    made.close()


@pytest.fixture
def ignores(sandbox: Sandbox) -> Sandbox:
    """Two modules, both with secrets of their own; one of them fails."""
    phases = [Phase("Two", (Module("good", ("good.txt",)), Module("bad", ("bad.txt",), ("grep -q bad bad.txt",))))]
    secrets = (
        create(".gitignore", ".env\nvenv/\n"),
        bash("echo x > .env; mkdir venv; echo y > venv/a; chmod a-w venv"),
    )
    agents = [
        work(*secrets, create(f"{name}.txt", f"{text}\n"), phase="1", module=name)
        for name, text in (("good", "good"), ("bad", "poor"))
    ]
    sandbox.begin("Ignores", phases, agents, stories.QUICK + "review = false\nfix_tries = 0\n")
    return sandbox


def told(box: Sandbox) -> list[tuple[str, tuple[str, ...]]]:
    """Worktree and paths of all that was moved aside, as its only rollback tells it; each is there."""
    (rolled,) = box.bodies(only_task(box), PhaseRolledBack)
    assert all(Path(one.folder, path).exists() for one in rolled.set_aside for path in one.paths)
    return sorted((Path(one.folder).name, one.paths) for one in rolled.set_aside)


@pytest.mark.parametrize("kind", ["effect", "append"])
def test_a_rollback_that_dies_tells_what_it_moved(ignores: Sandbox, launcher: Launcher, kind: str) -> None:
    assert launcher.run(ignores) == 3, output(ignores)
    expected = told(ignores)
    assert [paths for _, paths in expected] == [(".env", "venv/")] * 2
    lines = (line.split() for line in (ignores.root / "points").read_text().splitlines())
    points = [(kind, int(number)) for k, number, what, *_ in lines if k == kind]
    around = points[-4:]
    for number, point in enumerate(around):
        box = ignores_again(ignores, number)
        assert launcher.run(box, point) == -signal.SIGKILL, output(box)
        assert launcher.go_on(box) == 3, output(box)
        assert told(box) == expected
        assert verified(box, only_task(box)) == []
        assert not {".env", "venv/a"} & set(box.git("log", "--all", "--format=", "--name-only").splitlines())


def ignores_again(box: Sandbox, number: int) -> Sandbox:
    """The same beginning elsewhere, without what was built."""
    root = box.root.with_name(f"box{number}")
    shutil.copytree(box.root, root, symlinks=True, ignore=shutil.ignore_patterns("home", "points", "worktrees"))
    again = Sandbox(root, box.url, f"{box.namespace}-{number}")
    for ref in again.git("for-each-ref", "--format=%(refname)", "refs/conductor", "refs/heads/conductor").splitlines():
        again.git("update-ref", "-d", ref)
    return again
