"""`make test-pythons`: which versions are promised, and which of them a machine has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.pythons import installed, promised
from tests.support.places import ROOT

OURS = f"{sys.version_info[0]}.{sys.version_info[1]}"


def program(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    file.chmod(0o755)
    return file.parent


def test_the_oldest_that_is_promised_is_the_oldest_that_can_be_installed() -> None:
    assert f'requires-python = ">={promised()[0]}"' in (ROOT / "pyproject.toml").read_text()


def test_one_that_does_not_start_or_is_another_is_passed_over(tmp_path: Path) -> None:
    shim = program(tmp_path / "shims" / f"python{OURS}", "#!/bin/sh\necho 'not here' >&2\nexit 127\n")
    other = program(tmp_path / "other" / f"python{OURS}", "#!/bin/sh\necho 2.7 /usr/bin/python\n")
    broken = program(tmp_path / "broken" / f"python{OURS}", "no program at all")
    before = f"{shim}:{other}:{broken}:{tmp_path}/nothing"
    assert installed(OURS, {"PATH": before, "HOME": str(tmp_path)}) is None

    real = program(tmp_path / "real" / f"python{OURS}", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    assert installed(OURS, {"PATH": f"{before}:{real}", "HOME": str(tmp_path)}) == sys.executable


def test_those_of_pyenv_need_not_be_on_the_path(tmp_path: Path) -> None:
    place = tmp_path / ".pyenv" / "versions" / f"{OURS}.99" / "bin" / f"python{OURS}"
    program(place, f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    assert installed(OURS, {"PATH": "", "HOME": str(tmp_path)}) == sys.executable


def test_what_is_not_installed_is_skipped_and_nothing_at_all_is_a_failure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.pythons"]
    environ = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    for version in promised():
        assert f"Python {version}: skipped: it is not installed" in done.stdout
