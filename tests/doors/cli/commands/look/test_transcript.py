"""What agents said and did, as a person reads it: safe to print, shortened, followed, and as JSON."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Callable

import pytest

from conductor.errors import Exit
from conductor.log.connect import connect
from conductor.log.store import EventStore
from tests.doors.cli.stage import SECOND, Said, User
from tests.support.blobs import erase

Conduct = Callable[..., Said]
LONG = "".join(f"line {n}\\n" for n in range(1, 101))
FIRST = f"""
[[agent]]
phase = "1"

  [[agent.turn]]
  say = "I \\u001b[31mbegin\\u001b[0m."
  call = [
    {{ tool = "create", path = "first.txt", text = "{LONG}" }},
    {{ tool = "replace", path = "first.txt", old = "line 1\\nline 2\\n", new = "line one\\n" }},
    {{ tool = "bash", command = "seq 1000 1099; printf '\\\\033[2J'" }},
    {{ tool = "replace", path = "none.txt", old = "a", new = "b" }},
  ]

  [[agent.turn]]
  report = {{ status = "PASS", summary = "Done \\u001b[31mhere\\u001b[0m." }}
"""


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> User:
    made = User(tmp_path_factory.mktemp("transcript"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    made.make_repository()
    said = made.conduct("run", "--agent", made.script("both", FIRST + SECOND))
    assert said.code == 0, said
    return made


def test_the_list_has_every_attempt(conduct: Conduct) -> None:
    said = conduct("transcript")
    rows = [line.split() for line in said.out.splitlines()]
    assert rows[0] == ["role", "where", "attempt", "verdict", "turns", "tokens", "AGENT"]
    assert [row[:7] for row in rows[1:3]] == [
        ["implementation-executor", "phase", "1,", "First", "1", "PASS", "2"],
        ["implementation-executor", "phase", "2,", "Second", "1", "PASS", "1"],
    ]
    data = conduct("transcript", "--json").data
    assert [(row["phase"], row["verdict"], row["turns"], row["tokens"]) for row in data] == [
        ("1", "PASS", 2, 0),
        ("2", "PASS", 1, 0),
    ]
    assert [row["effect"] for row in data] == [row[-1] for row in rows[1:3]]


def test_a_transcript_reads_as_it_went(conduct: Conduct) -> None:
    out = conduct("transcript", "notes", "1:").out
    lines = out.splitlines()
    assert lines[0].startswith("implementation-executor, phase 1, First, attempt 1  (scripted, ")
    order = (
        "── briefing",
        "│ # Notes",
        "── turn 1, ",
        "│ I begin.",
        "  calls create first.txt",
        "    + line 1",
        "  returned create",
    )
    places = [next(n for n, line in enumerate(lines) if line.startswith(start)) for start in order]
    assert places == sorted(places)
    at = lines.index("  calls replace first.txt")
    assert lines[at + 1 : at + 4] == ["    - line 1", "    - line 2", "    + line one"]
    assert "  failed replace" in lines
    assert any(line.startswith("PASS after 2 turns") for line in lines)
    assert any(line.startswith('│   "summary": "Done ') for line in lines)
    assert "\x1b" not in out


def test_what_is_long_is_cut_in_the_middle(conduct: Conduct) -> None:
    short, full = conduct("transcript", "notes", "1:").out, conduct("transcript", "notes", "1:", "--full").out
    assert ("1000" in short, "1050" in short, "1099" in short) == (True, False, True)
    assert "lines omitted" in short
    assert "1050" in full
    assert "omitted" not in full


def test_as_json_it_has_the_texts(conduct: Conduct) -> None:
    said = conduct("transcript", "notes", "1:", "--json")
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["event"]["type"] for row in rows][:2] == ["attempt.started", "turn.said"]
    assert rows[0]["briefing"].startswith("# Notes")
    assert json.loads(rows[1]["message"])["calls"][0]["tool"] == "create"
    assert json.loads(rows[-1]["report"])["status"] == "PASS"


def test_as_json_the_result_of_a_program_is_no_digest(
    tmp_path_factory: pytest.TempPathFactory, server_url: str
) -> None:
    user = User(tmp_path_factory.mktemp("program"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    user.make_repository()
    program = user.root / "agent"
    program.write_text(
        """#!/bin/sh\necho one > first.txt; echo two > second.txt\necho '{"status": "FAIL", "summary": "No."}'\n"""
    )
    program.chmod(0o755)
    user.conduct("run", "--agent", f"command:{program}")
    rows = [json.loads(line) for line in user.conduct("transcript", "notes", "1:", "--json").out.splitlines()]
    by_type = {row["event"]["type"]: row for row in rows}
    ended = by_type["program.ended"]
    assert ended["event"]["data"]["result"] == "exit code 0"
    assert ended.keys() == {"event"}
    assert json.loads(by_type["attempt.ended"]["report"])["summary"] == "No."


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("notes", "nobody"), "has no agent 'nobody'"),
        (("notes", "implementation"), "several agents"),
        (("notes", "--follow"), "--follow follows one agent"),
        (("other",), "there is no task 'other'"),
    ],
)
def test_what_is_not_there_is_said(conduct: Conduct, words: tuple[str, ...], what: str) -> None:
    said = conduct("transcript", *words)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert what in said.err


def test_what_was_erased_is_told_as_erased(user: User, conduct: Conduct, server_url: str) -> None:
    store = EventStore(connect(server_url), user.environ["CONDUCT_NAMESPACE"])
    row = json.loads(conduct("transcript", "notes", "2:", "--json").out.splitlines()[0])
    erase(store, row["event"]["data"]["briefing"])
    assert "[erased]" in conduct("transcript", "notes", "2:").out
    assert json.loads(conduct("transcript", "notes", "2:", "--json").out.splitlines()[0])["briefing"] is None


def test_it_is_followed_until_it_ends(tmp_path_factory: pytest.TempPathFactory, server_url: str) -> None:
    user = User(tmp_path_factory.mktemp("follow"), server_url, f"t-{uuid.uuid4().hex[:12]}")
    user.make_repository()
    with (user.repo / "conductor.toml").open("a") as settings:
        settings.write('sandbox = "off"\n')  # the command waits for a file outside of its worktree
    gate = user.root / "gate"
    wait = f"until [ -e {gate} ]; do sleep 0.05; done"
    script = f"""
[[agent]]
phase = "1"
  [[agent.turn]]
  say = "I wait."
  call = [{{ tool = "bash", command = "{wait}" }}]
  [[agent.turn]]
  call = [{{ tool = "create", path = "first.txt", text = "one" }}]
  report = {{ status = "PASS", summary = "Done." }}
"""
    with user.popen("run", "--agent", user.script("slow", script + SECOND)) as running:
        while not user.conduct("transcript", "--json").out.strip().startswith("[{"):
            assert running.poll() is None
        with user.popen("transcript", "notes", "1:", "--follow", stdin=subprocess.DEVNULL) as following:
            assert following.stdout is not None
            for line in following.stdout:
                if line.strip() == "│ I wait.":
                    break
            assert following.poll() is None
            gate.touch()
            rest = following.stdout.read()
            assert following.wait(60) == 0
        assert "PASS after 2 turns" in rest
        running.communicate(timeout=60)
