"""PATH as machines have it: what may not be read or is no folder is left out, and ends no agent and no check."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.checks import toolchains
from conductor.config.settings import Settings
from conductor.ids import Branch
from conductor.sandbox import mounts
from conductor.sandbox.bubblewrap import Places, probe, sandbox
from conductor.sandbox.search import search
from tests.support.ordinary import Ground, as_ordinary_user

ODD = {
    "": "is empty",
    "relative/bin": "is relative",
    "{here}/gone": "does not exist",
    "{here}/dangling": "is a dangling link",
    "{here}/loop": "is a loop of links",
    "{here}/file": "is not a folder",
    "{here}/file/bin": "cannot be read: Not a directory",
    "/" + "x" * 300: "cannot be read: File name too long",
}


def odd(here: Path) -> dict[str, str]:
    (here / "dangling").symlink_to("nowhere")
    (here / "loop").symlink_to("loop")
    (here / "file").write_text("")
    return {entry.format(here=here): reason for entry, reason in ODD.items()}


def test_what_is_no_folder_is_left_out_and_the_rest_is_looked_in(tmp_path: Path) -> None:
    reasons = odd(tmp_path)
    (tmp_path / "bin").mkdir()
    environ = {"PATH": ":".join([*reasons, str(tmp_path / "bin"), "", str(tmp_path / "bin")]), "HOME": str(tmp_path)}

    found = search(environ)
    assert dict(found.left_out) == reasons
    assert found.folders == (tmp_path / "bin",)
    assert tmp_path / "bin" in mounts.shown(environ, tmp_path / "state", tmp_path / "checkout", network=False)


def test_a_program_of_the_working_directory_is_not_taken_for_bubblewrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "bwrap").chmod(0o755)
    for path in ("", ":", ".", "./"):
        assert probe({"PATH": path}).reason == "bubblewrap is not installed"


@pytest.fixture
def private() -> Iterator[Path]:
    """A folder with an environment in it, which an ordinary user may not even look into."""
    folder = Path(tempfile.mkdtemp(prefix="cdt-"))
    (folder / "venv" / "bin").mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").write_text("")
    folder.chmod(0o700 if os.geteuid() == 0 else 0)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_what_may_not_be_read_ends_no_agent(private: Path) -> None:
    locked = {str(path): "may not be read" for path in (private / "venv" / "bin", private / "venv", private)}

    def body(ground: Ground) -> None:
        reasons = {**locked, **odd(ground.folder)}
        environ = {
            "PATH": ":".join([*reasons, "/usr/bin", "/bin"]),
            "HOME": str(ground.folder / "home"),
            "VIRTUAL_ENV": str(private / "venv"),
        }
        assert dict(search(environ).left_out) == reasons
        shown = mounts.shown(environ, ground.root, ground.repo, network=True)
        assert not [path for path in shown if path.is_relative_to(private)]
        python = str(private / "venv" / "bin" / "python")
        assert "VIRTUAL_ENV" not in toolchains.environment(ground.repo, ground.repo, python, [str(private)], {})

        worktree = ground.root / "parser"
        ground.workspace.prepare(Branch("conduct/t1"), ground.base, worktree)
        places = Places(ground.root, ground.repo, ground.repo / ".git")
        box = sandbox(Settings(), worktree, places, environ=environ, writable=True)
        for away in (private / "venv", private):  # a home folder, a state folder that is not this user's
            mounts.hidden({**environ, "HOME": str(away)}, away, away)
            mounts.shown({**environ, "HOME": str(away)}, away, away, network=True)
        if box is not None:
            done = subprocess.run(box.argv(["/bin/echo", "works"]), capture_output=True, text=True)
            assert done.stdout == "works\n", done

    as_ordinary_user(body)
