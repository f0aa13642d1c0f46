"""The feed as JSON lines: in order, without gaps or repeats, over restarts of either side."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from conductor.errors import Exit
from tests.doors.cli.stage import Said, User


@pytest.fixture(scope="module")
def task(shell: User) -> str:
    made = shell.conduct("start", "--driver", "assisted", "--json")
    assert made.code == 0, made
    found: str = made.data["task"]
    return found


@pytest.fixture
def follower(shell: User, task: str) -> Iterator[subprocess.Popen[str]]:
    """Follows from the start, and is killed if it does not end by itself."""
    process = shell.popen("subscribe", "--from", "start", "--task", task)
    yield process
    process.kill()
    process.communicate()


def events(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def read(process: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(count)]
    if not lines[-1]:
        process.wait(timeout=60)
        raise AssertionError((process.returncode, process.stderr and process.stderr.read()))
    return [json.loads(line) for line in lines]


def emit(shell: User, task: str, n: int) -> None:
    said = shell.conduct("emit", task, "team.counted", "--data", json.dumps({"n": n}))
    assert said.code == 0, said


def test_lines_are_the_events_in_order_with_their_positions(shell: User, task: str) -> None:
    told = events(shell.conduct("subscribe", "--from", "start", "--count", "3"))
    assert [(event["task"], event["version"]) for event in told] == [(task, 1), (task, 2), (task, 3)]
    stored = [json.loads(line) for line in shell.conduct("events", task, "--to", "3", "--json").out.splitlines()]
    positions = [event.pop("position") for event in told]
    assert told == stored
    assert positions == sorted(positions, key=lambda p: [int(part) for part in p.split("-")])
    rest = events(shell.conduct("subscribe", "--from", positions[0], "--count", "2"))
    assert [event["version"] for event in rest] == [2, 3]


def test_a_name_goes_on_where_it_stopped(shell: User, task: str) -> None:
    first = events(shell.conduct("subscribe", "--as", "reader", "--count", "1"))
    second = events(shell.conduct("subscribe", "--as", "reader", "--count", "1"))
    assert [event["version"] for event in (*first, *second)] == [1, 2]
    anew = events(shell.conduct("subscribe", "--as", "reader", "--from", "start", "--count", "1"))
    assert anew == first
    assert events(shell.conduct("subscribe", "--as", "reader", "--count", "1")) == second


def test_a_name_begun_now_stays_there(shell: User, task: str) -> None:
    assert shell.conduct("subscribe", "--as", "late", "--from", "now", "--timeout", "0.01").out == ""
    emit(shell, task, 1)
    (event,) = events(shell.conduct("subscribe", "--as", "late", "--count", "1"))
    assert event["data"] == {"n": 1}


def test_silence_ends_it_and_is_a_failure_where_a_count_was_wanted(shell: User, task: str) -> None:
    said = shell.conduct("subscribe", "--from", "start", "--type", "task.*", "--timeout", "0.2")
    assert said.code == 0
    assert [event["type"] for event in events(said)] == ["task.created", "task.started"]
    said = shell.conduct("subscribe", "--from", "start", "--type", "task.completed", "--count", "1", "--timeout", "0.2")
    assert (said.code, said.out) == (Exit.FAILED, "")


def test_ctrl_c_ends_it_in_peace(follower: subprocess.Popen[str]) -> None:
    read(follower, 1)
    follower.send_signal(signal.SIGINT)
    _, err = follower.communicate(timeout=60)
    assert (follower.returncode, err) == (0, "")


def test_a_reader_that_leaves_is_no_error(shell: User, follower: subprocess.Popen[str], task: str) -> None:
    read(follower, 1)
    assert follower.stdout and follower.stderr
    follower.stdout.close()
    emit(shell, task, 2)
    assert follower.wait(timeout=60) == 0
    assert follower.stderr.read() == ""


def test_it_goes_on_when_the_server_comes_back(shell: User, follower: subprocess.Popen[str], task: str) -> None:
    before = read(follower, 3)
    assert shell.conduct("server", "stop", "--json").data["stopped"]
    emit(shell, task, 3)
    after: list[dict[str, Any]] = []
    while not after or after[-1]["data"] != {"n": 3}:
        after += read(follower, 1)
    assert [event["version"] for event in (*before, *after)] == list(range(1, after[-1]["version"] + 1))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "yesterday"), "allowed: start, now, or one such as"),
        (("--as", "../etc"), "cannot name a subscriber"),
        (("--count", "0"), "--count must be at least 1, got 0"),
        (("--timeout", "nan"), "--timeout must be a finite number of seconds, 0 or more, got nan"),
        (("--timeout", "inf"), "--timeout must be a finite number of seconds, 0 or more, got inf"),
        (("--task", "nope"), "there is no task 'nope'"),
    ],
)
def test_what_cannot_be_followed_is_told(shell: User, task: str, words: tuple[str, ...], told: str) -> None:
    said = shell.conduct("subscribe", *words)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert told in said.err
