"""The embedded server, the doctor, versions: what is wrong is said with how to mend it, and no password is shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import conductor
from conductor.doors.cli.main import COMMANDS
from conductor.errors import Exit
from tests.doors.cli.stage import Said, User

Conduct = Callable[..., Said]
SECRET = "s3kr1t-pass"


def test_the_server_starts_and_stops(shell: User) -> None:
    stopped = shell.conduct("server")
    assert stopped.code == Exit.FAILED
    assert " server start`" in stopped.out
    assert shell.conduct("server", "start").code == 0
    status = shell.conduct("server", "--json").data
    assert status["running"]
    assert status["status"]["socket"].startswith(str(shell.home))
    assert shell.conduct("server", "start", "--json").data["status"]["pid"] == status["status"]["pid"]
    assert shell.conduct("server", "stop", "--json").data == {"running": False, "stopped": True}
    assert shell.conduct("server", "stop", "--json").data == {"running": False, "stopped": False}


def test_a_healthy_machine(shell: User) -> None:
    said = shell.conduct("doctor", "--json")
    assert said.code == 0, said
    rows = {row["name"]: row for row in said.data["rows"]}
    assert said.data["ok"]
    assert {"python", "git", "state folder", "disk space", "event store", "eviction", "fsync", "node", "go"} <= set(
        rows
    )
    assert all(rows[name]["ok"] for name in ("python", "git", "state folder", "event store", "eviction", "fsync"))


SHELL = """
[[agent]]

  [[agent.turn]]
  call = [{ tool = "bash", command = "echo one > first.txt; echo two > second.txt" }]
  report = { status = "PASS", summary = "Written." }
"""


def test_what_may_not_be_read_on_path_is_left_out_and_told(user: User) -> None:
    """In a process without root's right to read everything."""
    locked = user.root / "locked"
    (locked / "bin").mkdir(parents=True)
    (user.root / "file").write_text("")
    odd = [str(locked / "bin"), str(locked), str(user.root / "file"), "", "bin"]
    user.environ["PATH"] = os.pathsep.join([*odd, user.environ["PATH"]])
    ordinary: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and there is no setpriv to give that up")
        # Root's commands are confined only with `setfcap`: no user namespace maps root without it.
        ordinary = ["setpriv", "--bounding-set=-all,+setfcap", "--inh-caps=-all"]

    def conduct(*words: str) -> Said:
        command = [*ordinary, sys.executable, "-m", "conductor", *words]
        done = subprocess.run(command, cwd=user.repo, env=user.environ, capture_output=True, text=True, timeout=120)
        return Said(done.returncode, done.stdout, done.stderr)

    locked.chmod(0)
    try:
        doctor = conduct("doctor", "--json")
        said = conduct("run", "--agent", user.script("both", SHELL))
    finally:
        locked.chmod(0o700)
    row = next(row for row in doctor.data["rows"] if row["name"] == "PATH")
    assert (doctor.code, row["ok"]) == (0, None)
    for reason in (
        f"{locked}/bin may not be read",
        f"{locked} may not be read",
        "file is not a folder",
        "bin is relative",
    ):
        assert reason in row["detail"]
    assert said.code == 0, said


def test_a_missing_git_is_told(conduct: Conduct, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    said = conduct("doctor")
    assert said.code == Exit.FAILED
    assert re.search(r"git +not found", said.out)
    assert "install git 2.38 or newer" in said.out.partition("Hints:")[2]


def test_a_git_that_is_too_old_is_told(conduct: Conduct, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.9.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    said = conduct("doctor")
    assert said.code == Exit.FAILED
    assert "update git" in said.out


@pytest.mark.parametrize(
    "words", [("status",), ("list",), ("emit", "-", "team.x"), ("server", "start"), ("subscribe",)]
)
def test_a_state_folder_that_cannot_be_used(
    conduct: Conduct, user: User, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (user.root / "file").write_text("")
    monkeypatch.setenv("CONDUCT_HOME", str(user.root / "file" / "home"))
    monkeypatch.delenv("CONDUCT_REDIS_URL")
    said = conduct(*words)
    assert said.code == Exit.STORE
    assert "cannot be used: Not a directory" in said.err
    assert "CONDUCT_HOME" in said.err
    assert conduct("doctor").code == Exit.FAILED


@pytest.mark.parametrize("name", ["status", "list", "verify", "emit", "start", "doctor"])
@pytest.mark.parametrize("url", [f"redis://ada:{SECRET}@127.0.0.1:1/0", f"http://ada:{SECRET}@host/x"])
def test_a_server_that_is_not_there(conduct: Conduct, name: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCT_REDIS_URL", url)
    words = {"emit": ("emit", "-", "team.x"), "start": ("start", "--driver", "assisted")}.get(name, (name,))
    said = conduct(*words)
    unreadable = url.startswith("http")
    expected = Exit.FAILED if name == "doctor" else Exit.USAGE if unreadable else Exit.STORE
    assert said.code == expected
    assert ("cannot be read" if unreadable else "cannot be reached") in said.out + said.err
    assert SECRET not in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_a_server_that_asks_for_a_password(conduct: Conduct, server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCT_REDIS_URL", server_url.replace("unix://", f"unix://nobody:{SECRET}@"))
    for words in (("list",), ("verify",), ("doctor",)):
        said = conduct(*words)
        assert said.code in (Exit.STORE, Exit.FAILED)
        assert "user or password is missing or wrong" in said.out + said.err
        assert SECRET not in said.out + said.err


def test_versions(conduct: Conduct) -> None:
    versions = conduct("version", "--json").data
    assert versions["conductor"] == conductor.__version__
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert all(re.search(r"\d+\.\d+", versions[name]) for name in ("git", "server", "redis-py"))
    assert conduct("--version").out == conduct("version").out


def test_json_is_one_value_for_every_command_that_only_looks(conduct: Conduct) -> None:
    """Where there are no tasks, what needs one says so; the rest still answers in JSON."""
    for name in ("list", "server", "doctor", "version"):
        assert conduct(name, "--json").data is not None
    for name in set(COMMANDS) & {"status", "checkpoints", "docs", "events", "replay", "verify"}:
        said = conduct(name, "--json")
        assert (said.code, said.out) == (Exit.USAGE, "")
