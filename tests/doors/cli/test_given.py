"""Data, variables and words that a user gives: no odd one of them is a fault of Conductor's, and none hangs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.errors import Exit
from tests.doors.cli.stage import Said, User

Conduct = Callable[..., Said]
DEEP = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.fixture
def task(conduct: Conduct) -> str:
    found: str = conduct("start", "--driver", "assisted", "--json").data["task"]
    return found


def refused(said: Said, told: str, code: int = Exit.USAGE) -> None:
    assert said.code == code, said
    assert told in said.err
    assert "fault" not in said.err and "Traceback" not in said.err
    assert len(said.err) < 1_000


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (DEEP.encode(), "nests deeper than"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "out of range"),
        (b'{"a": 1e400}', "out of range"),
        (b'{"a": NaN}', "malformed"),
        (b'{"a": 1}\0', "NUL character"),
        (b'{"a": "\xff"}', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"", "JSON"),
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', "too large"),
    ],
)
def test_data_that_is_none_is_refused(conduct: Conduct, user: User, task: str, data: bytes, told: str) -> None:
    file = user.root / "data.json"
    file.write_bytes(data)
    refused(conduct("emit", task, "team.said", "--data", f"@{file}"), told)
    words = [sys.executable, "-m", "conductor", "emit", task, "team.said", "--data", "-"]
    done = subprocess.run(words, cwd=user.repo, env=user.environ, input=data, capture_output=True, timeout=60)
    refused(Said(done.returncode, "", done.stderr.decode()), told)


def test_data_of_a_type_of_conductors_is_refused_by_field(conduct: Conduct, task: str) -> None:
    refused(conduct("emit", task, "finding.reported", "--data", "[]"), "the data of finding.reported")
    for number in ("9" * 5_000, "9" * 300, "1e400", "-1", "true"):
        said = conduct("emit", task, "rollback.asked", "--data", f'{{"checkpoint": {number}}}')
        assert said.code in (Exit.USAGE, Exit.REFUSED)
        assert "fault" not in said.err


@pytest.mark.timeout(60)
def test_data_from_what_is_no_file_is_refused(conduct: Conduct, user: User, task: str) -> None:
    os.mkfifo(user.root / "pipe")
    for name, told in (("pipe", "not a regular file"), (".", "a folder"), ("none", "No such file")):
        refused(conduct("emit", task, "team.said", "--data", f"@{user.root / name}"), told)
    refused(conduct("emit", task, "team.said", "--data", "@/dev/zero"), "not a regular file")
    with Path("/dev/zero").open("rb") as endless:
        done = user.popen("emit", task, "team.said", "--data", "-", stdin=endless)
        refused(Said(done.wait(60), "", done.communicate()[1]), "too large")
    closed = user.popen("emit", task, "team.said", "--data", "-", preexec_fn=lambda: os.close(0))
    refused(Said(closed.wait(60), "", closed.communicate()[1]), "standard input")


def test_a_byte_order_mark_and_a_number_of_any_length_are_taken(conduct: Conduct, user: User, task: str) -> None:
    (user.root / "data.json").write_text('{"n": ' + "9" * 300 + "}", encoding="utf-8-sig")
    assert conduct("emit", task, "team.said", "--data", f"@{user.root / 'data.json'}").code == 0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CONDUCT_HOME", "~nobody-of-that-name/x", "that user's home folder is unknown"),
        ("CONDUCT_REDIS_URL", "redis://a..b/0", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", f"redis://{'a' * 300}/0", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", "redis://\udcff/0", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", "redis://h:99999999999", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", f"redis://h/{'9' * 5_000}", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", "redis://h/-1", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", "unix://", "URL cannot be read"),
        ("CONDUCT_REDIS_URL", "unix:///%00", "URL cannot be read"),
        ("CONDUCT_NAMESPACE", "\udcff", "cannot name a namespace"),
        ("CONDUCT_NAMESPACE", "x" * 10_000, "cannot name a namespace"),
    ],
)
def test_a_variable_that_cannot_be_meant_is_refused(user: User, name: str, value: str, told: str) -> None:
    user.environ[name] = value
    for words in (("status",), ("emit", "-", "team.said"), ("start", "--driver", "assisted")):
        refused(user.conduct(*words), told)
    doctor = user.conduct("doctor")
    assert "fault" not in doctor.err and "Traceback" not in doctor.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOGNAME", "\udcff"), ("LOGNAME", "a\nb" * 1_000), ("GIT_CONFIG_COUNT", "²"), ("COLUMNS", "9" * 300)],
)
def test_a_variable_that_is_not_conductors_own_is_no_obstacle(user: User, name: str, value: str) -> None:
    user.environ[name] = value
    said = user.conduct("start", "--driver", "assisted", "--json")
    assert said.code == 0, said
    assert user.conduct("emit", "-", "team.said").code == 0


def test_a_folder_whose_name_is_no_text_can_be_told_as_json(user: User) -> None:
    user.environ["CONDUCT_HOME"] = f"{user.root}/\udcff"
    said = user.conduct("doctor", "--json")
    assert {row["name"]: row["detail"] for row in said.data["rows"]}["state folder"] == f"{user.root}/\udcff"


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("rollback", "9" * 5_000), "not a checkpoint number", Exit.USAGE),
        (("subscribe", "--from", "1-99999999999999999999", "--timeout", "1"), "not a position in the feed", Exit.USAGE),
        (("emit", "-", "team.said", "--request", "\udcff"), "holds text that is not Unicode", Exit.USAGE),
        (("replay", "--at", "9" * 300), "", Exit.USAGE),
    ],
)
def test_a_word_that_cannot_be_meant_is_refused(
    conduct: Conduct, task: str, words: tuple[str, ...], told: str, code: int
) -> None:
    refused(conduct(*words), told, code)
