"""Any program as an agent: what it is given, what counts as its report, and that a crash begins it again."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conductor.agents.contract.assignment import Ended
from conductor.agents.runners.program.runner import CommandAgent
from conductor.config.settings import Settings
from conductor.errors import UsageError
from conductor.events import ProgramEnded, TurnSaid
from conductor.log.store import EventStore
from tests.agents.runners.scripted.test_resume import Killed, Mortal
from tests.support.agents.live_stage import bodies, kept
from tests.support.agents.stage import Stage, toolbox

PASS = """print('{"status": "PASS", "summary": "Done."}')"""


def program(folder: Path, text: str) -> str:
    file = folder / "agent"
    file.write_text(f"#!{sys.executable}\nimport os, sys, time\n{text}\n")
    file.chmod(0o755)
    return str(file)


def play(stage: Stage, text: str, *, store: EventStore | None = None, **settings: Any) -> Ended:
    made = msgspec.convert({"agent_timeout": 60.0, **settings}, Settings)
    agent = CommandAgent(program(stage.scripts, text), {**os.environ, "MY_TOKEN": "t"}, made)
    return asyncio.run(agent.run(stage.assignment, toolbox(stage.worktree), stage.transcript(store)))


def test_it_is_told_and_works_and_reports(stage: Stage) -> None:
    text = """
told = sys.stdin.read()
mine = sorted(n + "=" + v for n, v in os.environ.items() if n.startswith(("CONDUCT_", "MY_")))
open("work.txt", "w").write(chr(10).join([told, os.getcwd(), *mine]))
print("on the way", file=sys.stderr)
"""
    ended = play(stage, text + PASS)

    assert (ended.verdict, ended.summary, ended.turns) == ("PASS", "Done.", 1)
    assert (stage.worktree / "work.txt").read_text().splitlines() == [
        "Build the parser.",
        str(stage.worktree),
        "CONDUCT_ATTEMPT=1",
        "CONDUCT_MODULE=parser",
        "CONDUCT_PHASE=2",
        "CONDUCT_ROLE=implementation-executor",
        "CONDUCT_TASK=t1",
    ]
    assert stage.journal() == [
        *("attempt.started", "program.started", "turn.said", "program.ended", "attempt.ended"),
    ]
    assert play(stage, "sys.exit(1)") == ended


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PASS + "; sys.exit('no room')", "the program ended with exit code 1: no room"),
        ("print('All done!')", "the program's output is not a report: the report cannot be read"),
        ("pass", "the program's output is not a report: the report cannot be read"),
        ("print('{}')", "the program's output is not a report: the report cannot be read"),
        ("os.kill(os.getpid(), 9)", "the program ended with exit code -9"),
        ("[print('x' * 1000000) for _ in range(6)]", "the program ended with exit code None: it wrote more than 4 MB"),
    ],
)
def test_what_is_no_report_is_no_report_with_the_reason(stage: Stage, text: str, reason: str) -> None:
    ended = play(stage, text)

    assert ended.verdict == "NO_REPORT"
    assert ended.reason.startswith(reason)
    assert bodies(stage, ProgramEnded)


def test_its_output_is_kept(stage: Stage) -> None:
    play(stage, "print('half'); sys.exit('broken')")
    (said,) = bodies(stage, TurnSaid)
    assert msgspec.json.decode(kept(stage, said.message))["text"] == "half\n[standard error]\nbroken"


def test_a_time_limit_ends_it(stage: Stage) -> None:
    ended = play(stage, "time.sleep(600)", agent_timeout=0.5)
    assert (ended.verdict, ended.reason) == ("NO_REPORT", "time limit: 0.5 s")


@pytest.mark.parametrize("dies", range(1, 6))
@pytest.mark.parametrize("recorded", [False, True])
def test_cut_off_it_begins_again_on_the_tree_of_the_start(stage: Stage, dies: int, recorded: bool) -> None:
    text = "open('log', 'a').write('one' + chr(10))\n" + PASS
    with pytest.raises(Killed):
        play(stage, text, store=Mortal(stage.store, dies, recorded))
    assert play(stage, text).verdict == "PASS"
    assert (stage.worktree / "log").read_text() == "one\n"
    assert stage.journal().count("attempt.ended") == 1


def test_what_cannot_be_run_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("text")
    for name in ("", "no-such-program", str(tmp_path / "plain")):
        with pytest.raises(UsageError):
            CommandAgent(name, os.environ, Settings())


def test_it_is_not_run_where_a_sandbox_is_required(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="runs outside the sandbox"):
        CommandAgent(program(tmp_path, PASS), os.environ, Settings(sandbox="require"))
