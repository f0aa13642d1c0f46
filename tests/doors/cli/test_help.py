"""Every command explains itself, and what is not understood is answered with what would have been."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest

from conductor.doors.cli.dispatch import file_of
from conductor.doors.cli.main import COMMANDS, ROOMS, main
from conductor.errors import Exit


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_and_that_there_is_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    module = importlib.import_module(f"conductor.doors.cli.commands.{ROOMS[name]}.{file_of(name)}")
    said = capsys.readouterr().out
    assert end.value.code == 0
    assert f"usage: conduct {name}" in said
    assert "--json" in said
    assert all(f"  {line}\n" in said for line in module.EXAMPLE.strip().splitlines())
    assert f"conduct {name}" in module.EXAMPLE


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "init"])
def test_an_unknown_option_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--no-such-option"])
    said = capsys.readouterr().err
    assert end.value.code == Exit.USAGE
    assert f"hint: conduct {name} --help" in said


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in COMMANDS)


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"]])
def test_a_reader_who_leaves_in_the_middle_of_the_help_is_no_fault(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    unbuffered = [sys.executable, "-u", "-m", "conductor", *words]
    done = subprocess.run(unbuffered, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_command_is_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statsu"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "unknown command 'statsu'" in said
    assert "verify" in said.partition("allowed: ")[2]
    assert said.rstrip().endswith(" status")
