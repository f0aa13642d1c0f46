"""Text is aligned under its colours, and suggested commands can be called as they are printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conductor.doors.cli.render.output import Output, command, in_reach
from conductor.doors.cli.render.times import age, moment


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No `conduct` on PATH, no CONDUCT_HOME, and a folder that is not on PATH either."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.delenv("CONDUCT_HOME", raising=False)
    return tmp_path


def make_program(folder: Path) -> Path:
    program = folder / "conduct"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_a_command_on_path_is_named_plainly(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_program(nowhere)
    monkeypatch.setenv("PATH", str(nowhere))
    assert command("status x") == "conduct status x"


def test_a_command_that_is_not_on_path_is_the_one_beside_this_python(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nowhere / "a b").mkdir()
    program = make_program(nowhere / "a b")
    monkeypatch.setattr(sys, "executable", str(program.with_name("python3")))
    assert command("status x") == f"'{program}' status x"


def test_the_module_is_called_where_there_is_no_program(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(nowhere / "python3"))
    assert command("status") == f"{nowhere / 'python3'} -m conductor status"


def test_the_state_folder_goes_before_it(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCT_HOME", "/my state")
    assert command("status").startswith("CONDUCT_HOME='/my state' ")
    assert in_reach("try `conduct list`, or `git log`") == f"try `{command('list')}`, or `git log`"


def test_columns_are_aligned_by_what_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(json=False)
    output.colour = True
    output.table([[output.paint("a", "red"), "1"], ["bbb", "2"]])
    assert capsys.readouterr().out == "\x1b[31ma\x1b[0m    1\nbbb  2\n"


def test_times_are_told_in_the_unit_that_fits() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)
    told = [
        age(f"2026-03-{time}.000000Z", now)
        for time in ("10T11:59:30", "10T11:10:00", "10T02:00:00", "09T11:00:00", "01T12:00:00")
    ]
    assert told == ["30 s", "50 min", "10 h", "1 day", "9 days"]
    assert age("2026-03-10T12:00:09.000000Z", now) == "0 s"  # another machine's clock
    assert moment("2026-03-10T11:59:30.123456Z") == "2026-03-10 11:59:30Z"
