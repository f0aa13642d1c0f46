"""Files that a user gives: whatever they are, they are read, or refused by name; nothing hangs and nothing breaks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.agents.runners.scripted.script import Script
from conductor.config import given
from conductor.config.configuration import read_settings
from conductor.config.settings import Settings
from conductor.errors import SpecError, UsageError
from conductor.tasks.create import read_spec
from tests.support.places import ROOT

SCRIPT = '[[agent]]\n[[agent.turn]]\nsay = "x"\n'


def _sock(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


ODD: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "not a regular file": os.mkfifo,
    "No such file": lambda path: path.symlink_to("nowhere"),
    "Too many levels": lambda path: path.symlink_to(path.name),
    "a socket": _sock,
    "is not a regular file": lambda path: path.symlink_to("/dev/zero"),
    "too large": lambda path: path.write_bytes(b"#" * 10_000_001),
    "not UTF-8": lambda path: path.write_bytes(b"# ok\n# \xff\n"),
    "NUL": lambda path: path.write_bytes(b"# ok\n\0"),
}
READERS: dict[str, Callable[[Path], object]] = {
    "conductor.toml": lambda path: read_settings(path.parent),
    "script.toml": lambda path: Script.load(path.parent),
    "READY.md": read_spec,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("told", ODD)
def test_what_is_no_text_file_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ODD[told](tmp_path / name)
    with pytest.raises((UsageError, SpecError)) as refused:
        READERS[name](tmp_path / name)
    assert told in refused.value.what
    assert name in refused.value.what
    if told in ("not UTF-8", "NUL"):
        assert "line 2" in refused.value.what


@pytest.mark.parametrize("name", READERS)
def test_what_may_not_be_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """In a process without root's right to read everything."""
    path = tmp_path / name
    path.write_text(SCRIPT)
    path.chmod(0)
    code = (
        "import sys; from tests.config.test_given import *\n"
        "try: READERS[sys.argv[1]](Path(sys.argv[2]))\nexcept UsageError as error: print(error.what)"
    )
    words = [sys.executable, "-c", code, name, str(path)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and there is no setpriv to give that up")
        words = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
    assert f"{path} cannot be read: Permission denied" in done.stdout, done


TOML = [
    ("a = " + "[" * 100_000, "nested too deeply"),
    ("a = " + "{x = " * 20_000, "nested too deeply"),
    ("a" + ".a" * 20_000 + " = 1", "line 1: a key is nested too deeply"),
    ("# x\n[a" + " . a" * 20_000 + "]", "line 2: a key is nested too deeply"),
    ('"a"' + '."a"' * 20_000 + " = 1", "a key is nested too deeply"),
    ("# x\na = " + "9" * 5_000, "line 2: a number has too many digits"),
    ("a = 9" + "_9" * 5_000, "a number has too many digits"),
    ("a = " + "9" * 300, "a must be a number up to 1,000,000,000,000, got one with too many digits"),
    ("[b]\na = 0x" + "f" * 100_000, "b.a must be a number up to 1,000,000,000,000, got one with too many digits"),
    ("a = [1, nan]", "a[2] must be a finite number, got nan"),
    ("a.b = -inf", "a.b must be a finite number, got -inf"),
    ("a = 1e400", "a must be a finite number, got inf"),
    ("a = 1e13", "a must be a number up to 1,000,000,000,000, got 10000000000000.0"),
    ("a = [", "not valid TOML"),
    ("a = 1979-99-99", "not valid TOML"),
    ('a = "\\uD800"', "not valid TOML"),
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("text", "told"), TOML)
@pytest.mark.parametrize("name", ["conductor.toml", "script.toml"])
def test_toml_that_no_one_can_mean_is_refused_with_its_place(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as refused:
        READERS[name](tmp_path / name)
    assert str(tmp_path / name) in refused.value.what
    assert told in refused.value.what
    assert len(refused.value.what) < 500


def test_toml_as_people_write_it_is_taken() -> None:
    deep = "a" + ".b" * (given.DEPTH - 2) + " = 1"
    assert given.toml(deep, "x")
    assert (
        given.finite(given.toml(f"a = {given.NUMBER}\nb = -0.5\nc = true\nd = {'[' * 20}{']' * 20}", "x"), "x")["a"]
        == given.NUMBER
    )


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "conductor.toml").write_text("parallel = 2", encoding="utf-8-sig")
    (tmp_path / "script.toml").write_text(SCRIPT, encoding="utf-8-sig")
    assert read_settings(tmp_path) == Settings(parallel=2)
    assert len(Script.load(tmp_path).entries) == 1


@pytest.mark.parametrize(
    "text", ['python = "a\\u0000b"', '[commands]\ntest = "a\\u0000"', '[models]\n"a\\u0000" = "x"']
)
def test_a_setting_that_no_command_could_hold_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "conductor.toml").write_text(text)
    with pytest.raises(UsageError, match="contains a NUL character"):
        read_settings(tmp_path)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("told", [told for told in ODD if told != "NUL"])
def test_a_text_beside_a_script_is_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.chdir(tmp_path)
    ODD[told](tmp_path / "words")
    call = 'call = [{ tool = "create", path = "a", text_from = "words" }]'
    (tmp_path / "script.toml").write_text(f"[[agent]]\n[[agent.turn]]\n{call}\n")
    with pytest.raises(UsageError, match=r"is not a text file in the script's folder|leads out"):
        Script.load(tmp_path)
