"""Claude Code as an agent, against a stand-in of its CLI: what it is told, what is recorded, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conductor.agents.contract.assignment import AgentBroke, AgentRejected, Ended, Exhausted, Waiting
from conductor.agents.loop import INTERRUPTED
from conductor.agents.roles.role import role
from conductor.agents.runners.claude_code.runner import ASK, GO_ON, ClaudeCodeAgent
from conductor.config.settings import Limits, Settings
from conductor.errors import UsageError
from conductor.events import AttemptStarted, ProgramEnded, ProgramStarted, ToolReturned, TurnSaid, Usage
from conductor.log.store import EventStore
from tests.agents.runners.scripted.test_resume import Killed, Mortal
from tests.support.agents.claude_stand_in import asked, make
from tests.support.agents.live_stage import bodies, kept
from tests.support.agents.stage import Stage, toolbox

WORK = """
[[agent]]
  [[agent.turn]]
  say = "I write it."
  call = [
    { tool = "create", path = "src/parser.py", text = "x = 1\\n" },
    { tool = "bash", command = "echo one >> log" },
  ]
  [[agent.turn]]
  say = "Now the other."
  call = [{ tool = "replace", path = "src/parser.py", old = "1", new = "2" }, { tool = "bash", command = "cat none" }]
"""
REPORT = """
  [[agent.turn]]
  say = "Done."
  report = { status = "PASS", summary = "It parses." }
"""


def program(stage: Stage, script: str = WORK + REPORT, **control: Any) -> Path:
    return make(stage.scripts / "bin", stage.write(script).path, **control)


def play(
    stage: Stage,
    cli: Path | str,
    *,
    store: EventStore | None = None,
    environ: dict[str, str] | None = None,
    **more: Any,
) -> Ended:
    settings = msgspec.convert({"agent_timeout": 60.0, **more}, Settings)
    agent = ClaudeCodeAgent(str(cli), {**os.environ, **(environ or {})}, settings)
    tools = toolbox(stage.worktree, stage.assignment.role)
    return asyncio.run(agent.run(stage.assignment, tools, stage.transcript(store)))


# ---- a run -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
def test_its_turns_are_in_the_transcript_and_its_report_is_the_end(stage: Stage, backwards: bool) -> None:
    ended = play(stage, program(stage, backwards=backwards))

    assert (ended.verdict, ended.summary, ended.turns, ended.model) == ("PASS", "It parses.", 3, "stand-in-1")
    assert (stage.worktree / "src" / "parser.py").read_text() == "x = 2\n"
    assert stage.journal() == [
        *("attempt.started", "program.started"),
        *("turn.said", "tool.returned", "tool.returned") * 2,
        *("turn.said", "program.ended", "attempt.ended"),
    ]
    (started,) = bodies(stage, AttemptStarted)
    assert (started.agent, kept(stage, started.briefing)) == ("claude-code", "Build the parser.")
    message = msgspec.json.decode(kept(stage, bodies(stage, TurnSaid)[0].message))
    assert message["text"] == "I write it."
    assert [call["tool"] for call in message["calls"]] == ["Write", "Bash"]
    told = [(kept(stage, b.result)[:12], b.error) for b in bodies(stage, ToolReturned)]
    assert told == [("File created", False), ("", False), ("The file has", False), ("cat: none: N", True)]
    assert play(stage, program(stage)) == ended


def test_usage_is_counted_once_a_message_and_to_the_end(stage: Stage) -> None:
    ended = play(stage, program(stage))

    assert [b.usage for b in bodies(stage, TurnSaid)] == [Usage(10, 5, 100)] * 3
    (end,) = bodies(stage, ProgramEnded)
    assert (end.usage, end.cost, end.result, end.error) == (Usage(output=135), 0.25, "success", "")
    assert ended.usage == Usage(30, 150, 300)


def test_results_that_come_within_a_message_make_turns_of_its_parts(stage: Stage) -> None:
    ended = play(stage, program(stage, at_once=True))

    assert (ended.verdict, ended.turns, ended.usage) == ("PASS", 5, Usage(30, 150, 300))
    assert [b.usage.total for b in bodies(stage, TurnSaid)] == [115, 0, 115, 0, 115]
    assert [b.call for b in bodies(stage, ToolReturned)] == ["toolu_1_1_0", "toolu_1_1_1", "toolu_1_2_0", "toolu_1_2_1"]


def test_what_it_is_given(stage: Stage) -> None:
    scrubs = {"CLAUDE_CODE_SUBPROCESS_ENV_SCRUB": "1"}
    withheld = {"ANTHROPIC_API_KEY": "sk-ant-not-for-it", "MY_TOKEN": "t", "CLAUDECODE": "1", **scrubs}
    cli = program(stage)
    play(stage, cli, environ={**withheld, "CLAUDE_CODE_OAUTH_TOKEN": "own"}, models={"default": "haiku"})

    (call,) = asked(cli)
    argv, environ = call["argv"], call["environ"]
    after = dict(pairwise(argv))
    assert (call["stdin"], call["cwd"]) == ("Build the parser.", str(stage.worktree))
    assert argv[:4] == ["-p", "--output-format", "stream-json", "--verbose"]
    assert after["--append-system-prompt"] == role("implementation-executor").prompt
    assert after["--tools"] == "Read,Write,Edit,Bash,Grep,Glob"
    assert after["--allowedTools"] == "Read(./**),Edit(./**),Bash,Grep,Glob"
    assert (after["--permission-mode"], after["--model"]) == ("dontAsk", "haiku")
    assert {"--setting-sources=user", "--strict-mcp-config"} <= set(argv)
    sandbox = json.loads(after["--settings"])["sandbox"]
    assert sandbox == {"enabled": True, "allowUnsandboxedCommands": False, "failIfUnavailable": False}
    assert environ["HOME"] == os.environ["HOME"]
    assert environ["CLAUDE_CODE_OAUTH_TOKEN"] == "own"
    assert not set(withheld) & set(environ)


@pytest.mark.parametrize("bubblewrap", [False, True])
def test_it_starts_with_and_without_bubblewrap_and_leaves_no_file_of_its_own(
    stage: Stage, tmp_path: Path, bubblewrap: bool
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "git"):
        (tools / name).symlink_to(str(shutil.which(name)))
    if bubblewrap:
        (tools / "bwrap").symlink_to("/bin/true")
    ended = play(stage, program(stage), environ={"PATH": str(tools)})

    assert ended.verdict == "PASS"
    status = ["git", "status", "--porcelain", "--ignored", "--untracked-files=all"]
    left = subprocess.run(status, cwd=stage.worktree, capture_output=True, text=True, check=True).stdout
    assert left.split() == ["??", "log", "??", "src/parser.py"]


@pytest.mark.parametrize(
    ("settings", "sandbox"),
    [
        ({"sandbox": "require"}, {"enabled": True, "allowUnsandboxedCommands": False, "failIfUnavailable": True}),
        ({"sandbox": "off"}, {"enabled": False}),
        ({"network": True}, {"enabled": False}),
    ],
)
def test_its_sandbox_is_as_the_settings_say(stage: Stage, settings: dict[str, Any], sandbox: dict[str, Any]) -> None:
    cli = program(stage)
    play(stage, cli, **settings)
    argv = asked(cli)[0]["argv"]
    assert json.loads(argv[argv.index("--settings") + 1])["sandbox"] == sandbox


def test_a_read_only_role_has_no_tool_that_writes(stage: Stage) -> None:
    stage.assignment = msgspec.structs.replace(stage.assignment, role="code-reviewer")
    cli = program(stage)
    play(stage, cli)
    argv = asked(cli)[0]["argv"]
    assert argv[argv.index("--tools") + 1] == "Read,Bash,Grep,Glob"
    assert "Edit" not in argv[argv.index("--allowedTools") + 1]


# ---- reports -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("say = 'I think I am done.'", "the last message contains no report"),
        ("""garbage_report = '{"status": "MAYBE"}'""", "the report cannot be read: "),
    ],
)
def test_a_report_that_is_missing_or_wrong_is_asked_for_once(stage: Stage, first: str, why: str) -> None:
    cli = program(stage, f"[[agent]]\n  [[agent.turn]]\n  {first}\n{REPORT}", stops={"1": 1})
    assert play(stage, cli).verdict == "PASS"

    first_call, second = asked(cli)
    assert why in second["stdin"]
    assert second["argv"][-1] == first_call["argv"][-1].replace("--session-id=", "--resume=")


def test_without_a_report_in_the_end_there_is_none(stage: Stage) -> None:
    cli = program(stage, "[[agent]]\n  [[agent.turn]]\n  say = 'I think I am done.'\n")
    ended = play(stage, cli)

    assert (ended.verdict, ended.reason) == ("NO_REPORT", "the last message contains no report")
    first, second = asked(cli)
    assert second["stdin"] == ASK.format(why="the last message contains no report")
    assert second["argv"][-1] == first["argv"][-1].replace("--session-id=", "--resume=")
    assert [b.why for b in bodies(stage, ProgramStarted)] == ["begin", "report"]


# ---- how it can fail ---------------------------------------------------------------------------------------------

BROKEN = {"is_error": True, "subtype": "success", "terminal_reason": "api_error"}


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (500, "API Error: 500 Internal server error", AgentBroke),
        (None, "something odd", AgentBroke),
        (403, "Your organization has disabled Claude subscription access", AgentRejected),
        (None, "Invalid API key · Please run /login", AgentRejected),
        (None, "Credit balance is too low", AgentRejected),
    ],
)
def test_an_error_with_subtype_success_is_an_error(stage: Stage, status: int | None, text: str, kind: type) -> None:
    result = {**BROKEN, "api_error_status": status, "result": text}
    with pytest.raises(AgentBroke, match=text.split(" ·")[0]) as raised:
        play(stage, program(stage, ends={"1": {"text": text, "result": result}}))
    assert type(raised.value) is kind
    assert bodies(stage, ProgramEnded)[-1].error == text
    assert stage.journal()[-1] == "program.ended", "the attempt stands open"


@pytest.mark.parametrize("subtype", ["error_during_execution", "error_max_budget_usd"])
def test_other_results_are_errors_too(stage: Stage, subtype: str) -> None:
    ends = {"1": {"result": {"subtype": subtype, "result": None, "errors": ["it went wrong"]}}}
    with pytest.raises(AgentBroke, match="it went wrong"):
        play(stage, program(stage, ends=ends))


def test_a_limit_of_turns_is_no_report(stage: Stage) -> None:
    ended = play(stage, program(stage, ends={"1": {"result": {"subtype": "error_max_turns", "result": None}}}))
    assert (ended.verdict, ended.reason) == ("NO_REPORT", "turn limit: 200")


def test_a_usage_limit_is_a_wait_and_it_goes_on_from_there(stage: Stage) -> None:
    until = round(time.time()) + 3600
    result = {**BROKEN, "api_error_status": 429, "result": "You've hit your session limit · resets 1:10am (UTC)"}
    limit = {"status": "rejected", "resetsAt": until, "rateLimitType": "five_hour"}
    cli = program(stage, ends={"1": {"text": "You've hit your session limit", "limit": limit, "result": result}})
    with pytest.raises(Waiting) as waiting:
        play(stage, cli)
    assert (waiting.value.kind, waiting.value.until) == ("rate_limit", until)

    assert play(stage, cli).verdict == "PASS"
    assert asked(cli)[1]["stdin"] == GO_ON


def test_what_ends_without_a_result_broke(stage: Stage) -> None:
    with pytest.raises(AgentBroke, match=r"exit code 1 .* it breaks here, as its script says"):
        play(stage, program(stage, "[[agent]]\n[[agent.turn]]\ncrash = true\n"))


def test_a_time_limit_ends_it_and_its_whole_group(stage: Stage) -> None:
    pid = stage.scripts / "pid"
    script = f"[[agent]]\n[[agent.turn]]\ncall = [{{tool = 'bash', command = 'echo $$ > {pid}; exec sleep 600'}}]\n"
    ended = play(stage, program(stage, script), agent_timeout=3.0)

    assert (ended.verdict, ended.reason) == ("NO_REPORT", "time limit: 3 s")
    from conductor.process.identity import started

    assert started(int(pid.read_text())) is None


def test_an_allowance_ends_it_between_two_turns_and_it_goes_on_with_more(stage: Stage) -> None:
    stage.assignment = msgspec.structs.replace(stage.assignment, allowance=Limits(turns=1))
    cli = program(stage, WORK.replace("cat none", "sleep 1; cat none") + REPORT)
    with pytest.raises(Exhausted):
        play(stage, cli)
    stage.assignment = msgspec.structs.replace(stage.assignment, allowance=Limits())
    assert play(stage, cli).verdict == "PASS"
    assert asked(cli)[1]["stdin"] == GO_ON


# ---- after a crash -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dies", range(2, 13))
@pytest.mark.parametrize("recorded", [False, True])
def test_cut_off_at_any_step_it_goes_on(stage: Stage, dies: int, recorded: bool) -> None:
    cli = program(stage)
    with contextlib.suppress(Killed):
        play(stage, cli, store=Mortal(stage.store, dies, recorded))
    ended = play(stage, cli)

    assert ended.verdict == "PASS"
    assert stage.journal().count("attempt.started") == stage.journal().count("attempt.ended") == 1
    told, briefing = [call["stdin"] for call in asked(cli)[1:]], "Build the parser."
    # Cut off before it had written its session down, it knows nothing of it when it is to go on.
    assert told in ([], [GO_ON], [briefing], [GO_ON, briefing])
    if briefing in told:  # it began again, on the tree as it was
        assert (stage.worktree / "log").read_text() == "one\n"
    assert (stage.worktree / "src" / "parser.py").read_text() == "x = 2\n"


def test_a_call_without_a_result_is_told_as_interrupted(stage: Stage) -> None:
    cli = program(stage)
    with pytest.raises(Killed):
        play(stage, cli, store=Mortal(stage.store, 4, False))
    play(stage, cli)
    assert kept(stage, bodies(stage, ToolReturned)[0].result) == INTERRUPTED


def test_a_session_that_is_gone_begins_again_on_the_tree_of_the_start(stage: Stage) -> None:
    cli = program(stage)
    with pytest.raises(Killed):
        play(stage, cli, store=Mortal(stage.store, 6, False))
    for session in cli.parent.glob("session-*.json"):
        session.unlink()
    assert play(stage, cli).verdict == "PASS"
    assert (stage.worktree / "log").read_text() == "one\n"
    assert [b.why for b in bodies(stage, ProgramStarted)] == ["begin", "go_on", "begin"]


# ---- at plan time ------------------------------------------------------------------------------------------------


def test_a_missing_cli_is_said(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`claude` is not on PATH"):
        ClaudeCodeAgent("", {"PATH": str(tmp_path)}, Settings())
    with pytest.raises(UsageError, match="is not a program"):
        ClaudeCodeAgent(str(tmp_path / "claude"), os.environ, Settings())


def test_it_is_found_on_the_path(stage: Stage) -> None:
    cli = program(stage)
    assert ClaudeCodeAgent("", {"PATH": str(cli.parent)}, Settings()).version == "2.1.233"


@pytest.mark.parametrize("version", ["2.1.82", "1.9.200", "0.2.9"])
def test_a_cli_that_is_too_old_is_said(stage: Stage, version: str) -> None:
    with pytest.raises(UsageError, match=f"{version} is too old") as raised:
        play(stage, program(stage, version=version))
    assert raised.value.allowed == "2.1.83 or newer"


def test_another_program_is_not_taken_for_it(stage: Stage) -> None:
    with pytest.raises(UsageError, match="instead of a version"):
        play(stage, program(stage, version="python"))


def test_no_sandbox_with_a_network_can_be_required_of_it(stage: Stage) -> None:
    with pytest.raises(UsageError, match="has no network"):
        play(stage, program(stage), sandbox="require", network=True)
