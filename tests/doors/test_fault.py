"""Internal errors: one line and a hint for the user, the details in the state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor.doors.fault import internal_error


def test_the_details_are_noted_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCT_HOME", str(tmp_path))
    shown = str(internal_error(KeyError("what is inside"), tool="next_step"))
    assert shown.startswith("internal error in Conductor (KeyError)") and "what is inside" not in shown
    noted = (tmp_path / "conductor.log").read_text()
    assert "what is inside" in noted and "next_step" in noted


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONDUCT_HOME", str(tmp_path / "file"))
    assert "the details could not be saved" in str(internal_error(KeyError("x")))
