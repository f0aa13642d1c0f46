"""No traceback ever reaches a user: not early Ctrl-C, not a poor encoding, not a fault of Conductor's own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from conductor.errors import Exit
from tests.doors.cli.stage import Said, User

Conduct = Callable[..., Said]
# Ctrl-C in the middle of an import, as a person's would come.
EARLY = """
import runpy, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
sys.argv = ["conduct", "list"]
runpy.run_module("conductor", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["conductor.doors.cli.main", "conductor.doors.cli.dispatch", "conductor.log.store"])
def test_an_early_ctrl_c_ends_it_quietly(user: User, module: str) -> None:
    code = EARLY.format(module=module)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=user.repo, env=user.environ, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (Exit.INTERRUPTED, "")


@pytest.fixture
def ascii_user(user: User) -> User:
    user.environ |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    return user


def test_a_poor_encoding_loses_nothing(ascii_user: User) -> None:
    assert "conduct COMMAND \\u2026" in ascii_user.conduct("--help").out
    assert ascii_user.conduct("emit", "--help").code == 0
    task = ascii_user.conduct("start", "--driver", "assisted", "--json").data["task"]
    said = ascii_user.conduct("emit", task, "team.said", "--data", '{"é": "été \U0001f600"}')
    assert said.code == 0, said
    for words in (("events", task, "--type", "team.*"), ("subscribe", "--from", "start", "--type", "team.*")):
        more = ("--json",) if words[0] == "events" else ("--count", "1")
        said = ascii_user.conduct(*words, *more)
        assert (said.code, said.err) == (0, "")
        assert said.out.isascii()
        assert json.loads(said.out)["data"] == {"é": "été \U0001f600"}


def test_a_fault_is_one_line_and_its_details_are_noted(
    conduct: Conduct, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    import conductor.doors.cli.commands.connect.version as version

    def faulty(call: object) -> int:
        raise LookupError("with hunter2hunter2 and sk-ant-abcdefgh1234")

    monkeypatch.setenv("MY_PASSWORD", "hunter2hunter2")
    monkeypatch.setattr(version, "run", faulty)
    for _ in range(2):
        said = conduct("version")
        assert said.code == Exit.FAILED
        assert "internal error in Conductor (LookupError)" in said.err
        assert f"hint: the details are in {user.home / 'conductor.log'}" in said.err
        assert "Traceback" not in said.err + said.out
    assert json.loads(conduct("version", "--json").err)["exit_code"] == Exit.FAILED
    log = user.home / "conductor.log"
    notes = [json.loads(line) for line in log.read_text().splitlines()]
    assert [note["event"] for note in notes] == ["unexpected"] * 3
    assert "Traceback" in notes[0]["exception"]
    assert "in faulty" in notes[0]["exception"]
    assert "hunter2" not in log.read_text()
    assert "sk-ant-abc" not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_details_that_cannot_be_noted_are_told_too(
    conduct: Conduct, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    import conductor.doors.cli.commands.connect.version as version

    monkeypatch.setattr(version, "run", lambda call: dict[str, str]()["nothing"])
    user.home.mkdir(exist_ok=True)
    (user.home / "conductor.log").symlink_to(user.root / "elsewhere")
    said = conduct("version")
    assert said.code == Exit.FAILED
    assert "the details could not be saved" in said.err
    assert not (user.root / "elsewhere").exists()
