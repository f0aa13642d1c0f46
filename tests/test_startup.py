"""Short commands import nothing heavy, as they are mostly their start. How long that takes is for `make bench`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.driving.ledger import Ledger
from conductor.events import TaskCreated
from conductor.ids import Branch, Commit, Digest
from conductor.log import embedded
from conductor.log.connect import connect
from conductor.log.store import EventStore
from conductor.plan.model import Criterion, Module, Phase, Plan
from tests.support.places import ROOT

HEAVY = {
    "anthropic",
    "asyncio",
    "git",
    "markdown_it",
    "mcp",
    "redis",
    "rich",
    "ssl",
    "structlog",
    "transitions",
    "tree_sitter",
}
WIDTHS = ("rich.cells", "rich._unicode_data", "rich._extension")  # what measures text: 3 ms, where all of rich is 60
EMIT = ("emit", "pinch", "finding.reported", "--data", '{"finding": {"kind": "gotcha", "title": "Salt twice"}}')


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A state folder with a server that runs, and a task."""
    home = Path(tempfile.mkdtemp(prefix="cdt-"))  # short: the path of a unix socket has few bytes
    try:
        store = EventStore(connect(embedded.ensure_running(home)))
        Ledger(store, "pinch").submit(_created(), actor="person:cook")
        store.close()
        yield home
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def _created() -> TaskCreated:
    phase = Phase("1", "Words", (Module("words"),), success_criteria=(Criterion("p1.c1", "tests pass"),))
    return TaskCreated(
        title="Pinch",
        plan=Plan("Pinch", (phase,)),
        spec_path="READY.md",
        spec=Digest("0" * 64),
        repository="/nowhere",
        base_commit=Commit("0" * 40),
        base_branch="main",
        branch=Branch("conductor/pinch"),
    )


def imported(*arguments: str, **environment: str) -> set[str]:
    """Top-level names of everything that `conduct` with these arguments imports; the command must succeed."""
    names = measured("-m", "conductor", *arguments, **environment)
    assert {"conductor", "os"} <= names
    return names


def measured(*words: str, **environment: str) -> set[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONDUCT_")}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    modules = {parts[2].strip() for parts in lines}
    return {name.partition(".")[0] for name in modules if name != "rich" and not name.startswith(WIDTHS)}


def test_the_list_of_commands_imports_hardly_anything() -> None:
    assert not imported("--help") & {*HEAVY, "argparse", "hashlib", "inspect", "msgspec", "socket"}


@pytest.mark.parametrize("command", ["emit", "status", "list", "answer", "pause"])
def test_help_imports_nothing_heavy(command: str) -> None:
    assert not imported(command, "--help") & HEAVY


@pytest.mark.parametrize("arguments", [EMIT, ("status", "pinch"), ("list",)], ids=["emit", "status", "list"])
def test_short_commands_import_nothing_heavy(home: Path, arguments: tuple[str, ...]) -> None:
    assert not imported(*arguments, CONDUCT_HOME=str(home)) & HEAVY


@pytest.mark.parametrize("arguments", [EMIT, ("status", "pinch")], ids=["emit", "status"])
def test_nor_do_they_with_a_server_of_the_users_own(home: Path, arguments: tuple[str, ...]) -> None:
    url = embedded.ensure_running(home)
    assert not imported(*arguments, CONDUCT_HOME=str(home), CONDUCT_REDIS_URL=url) & HEAVY


def test_of_rich_only_what_measures_text_is_light() -> None:
    assert not measured("-c", "import rich.cells; rich.cells.cell_len('日本')") & HEAVY
    assert "rich" in measured("-c", "import rich.text")


def test_a_command_that_drives_is_seen_to_import_much() -> None:
    assert "asyncio" in imported("continue", "--help")
