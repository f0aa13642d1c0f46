"""Claude Code as an agent: its CLI runs headless in the worktree, makes its own calls, and reports them.

Flags: https://code.claude.com/docs/en/cli-reference. None of the project's Claude Code configuration is loaded: an
agent could have written it.
"""

from __future__ import annotations

import re
import shutil
import time
import uuid
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from conductor.agents.contract.assignment import AgentBroke, Assignment, Ended
from conductor.agents.contract.protocols import Tools
from conductor.agents.contract.report import ReportError
from conductor.agents.contract.turns import Returned
from conductor.agents.loop import INTERRUPTED
from conductor.agents.meter import Meter
from conductor.agents.models import EVERY_ROLE, INHERIT
from conductor.agents.prices import price_of
from conductor.agents.roles.role import Role
from conductor.agents.runners.claude_code.journal import Journal, more
from conductor.agents.runners.claude_code.limits import failure
from conductor.agents.runners.claude_code.stream import Answered, Limited, SessionResult, Spoke, heard
from conductor.agents.runners.program import attempt
from conductor.agents.runners.program.lines import started
from conductor.agents.transcript import Transcript
from conductor.config.settings import Settings
from conductor.errors import UsageError
from conductor.events import ProgramEnded, ProgramStarted
from conductor.process.environment import scrubbed_environment
from conductor.text import one_line

PROGRAM = "claude"
# The first version that can require its sandbox.
MINIMUM = (2, 1, 83)
INSTALL = "install or update it: https://code.claude.com/docs/en/setup; then run `claude` once to log in"

# Its login and where that is stored. Not a key of the Messages API, which would be used and billed instead of the
# subscription. Not CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: with it the CLI (2.1.332) does not start without bubblewrap, and
# with bubblewrap it leaves empty files in the worktree and lets commands write outside.
_OWN = re.compile(r"CLAUDE_CONFIG_DIR|CLAUDE_CODE_OAUTH_TOKEN")
_FIXED = {"DISABLE_AUTOUPDATER": "1"}
# What is allowed without a prompt: no one is there to answer. Rules for Edit apply to all tools that write files.
_RULES = {"Read": "Read(./**)", "Write": "Edit(./**)", "Edit": "Edit(./**)"}
MAX_TURNS = 200  # of one run of the CLI
OUT_OF_TURNS = "error_max_turns"
_LOST = re.compile(r"no conversation found", re.IGNORECASE)

GO_ON = (
    "You were interrupted and now continue. Nothing you had started is still running: a command in progress may have "
    "done all of its work, part of it, or nothing. Check the working directory, continue with your briefing, and end "
    "with your report."
)
ASK = (
    "Your last message does not end with a readable report: {why}. If there is work left, do it. Then end "
    "your message with the report, one JSON object in a fenced block marked `json`: without it, your work does "
    "not count."
)


class ClaudeCodeAgent:
    """An AgentRunner that runs Claude Code's CLI. `program` is its path; "": `claude` on `environ`'s PATH."""

    name = "claude-code"

    def __init__(self, program: str, environ: Mapping[str, str], settings: Settings) -> None:
        """Raises UsageError if the CLI is missing, too old, or cannot be confined as the settings require."""
        if settings.sandbox == "require" and settings.network:
            raise UsageError(
                'conductor.toml says sandbox = "require" and network = true: the sandbox of Claude Code has no network',
                hint="choose one of the two, or other agents with --agent",
            )
        self.version = check(program, environ)
        self._program = _found(program, environ) or program
        self._settings = settings
        own = {name: value for name, value in environ.items() if _OWN.fullmatch(name)}
        self._environment = scrubbed_environment(environ, extra={**own, **_FIXED})

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        work = partial(self._work, assignment, tools, transcript)
        return await attempt.attempt(self.name, work, assignment, transcript, timeout=self._settings.agent_timeout)

    async def _work(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        last = attempt.last_start(transcript)
        if last is not None and transcript.turns:
            if attempt.went_well(transcript) and (ended := _reported(transcript)) is not None:
                return ended
            await _interrupted(transcript)
            why, session, told = "go_on", last.session, GO_ON
        else:
            why, session, told = "begin", str(uuid.uuid4()), await transcript.briefing()
        tree = last.tree if why == "go_on" and last else await attempt.tree_at_start(tools, transcript)
        asked = any(isinstance(body, ProgramStarted) and body.why == "report" for body in transcript.programs)
        while True:
            await transcript.program(ProgramStarted(tree, session, why))
            end = await self._run(assignment, tools, transcript, session, told, resumes=why != "begin")
            if end is None:  # the session is unknown: start again
                tree = await attempt.tree_at_start(tools, transcript)
                why, session, told = "begin", str(uuid.uuid4()), await transcript.briefing()
                continue
            if end.result == OUT_OF_TURNS:
                return Ended.silent(f"turn limit: {MAX_TURNS}", len(transcript.turns))
            try:
                return Ended.reported(attempt.report_in(end.text), len(transcript.turns))
            except ReportError as error:
                if asked:
                    return Ended.silent(error.what, len(transcript.turns))
                asked, why, told = True, "report", ASK.format(why=error.what)

    async def _run(
        self, assignment: Assignment, tools: Tools, transcript: Transcript, session: str, told: str, *, resumes: bool
    ) -> SessionResult | None:
        """How it ended; None if the session does not exist. Raises AgentBroke, Waiting, Exhausted."""
        words = self._words(tools.role, session, resumes)
        meter = Meter(assignment.allowance, partial(price_of, own=assignment.prices), assignment.worked)
        journal = Journal(transcript)
        limited: float | None = None
        odd: tuple[str, ...] = ()
        end: SessionResult | None = None
        async with started(
            words, cwd=Path(assignment.path), env=self._environment, stdin=told, note=tools.note
        ) as running:
            async for line in running:
                for said in heard(line):
                    match said:
                        case Spoke():
                            await journal.spoke(said)
                        case Answered():
                            await journal.answered(said)
                            if journal.between_turns:
                                meter.refuse_if_over(len(transcript.turns), transcript.usage, transcript.model)
                        case Limited(until=until):
                            limited, odd = until, said.odd
                        case SessionResult():
                            end = said
                if end is not None:
                    break
            code = await running.end()
            errors = running.errors
        await journal.close()
        if end is None:
            error = one_line(errors, 300) or "it printed no error"
            await transcript.program(ProgramEnded(f"exit code {code}", error))
            raise AgentBroke(f"Claude Code ended with exit code {code} but without a result: {error}")
        await transcript.program(
            ProgramEnded(
                end.result,
                one_line(end.text, 300) if end.failed else "",
                more(end.usage, journal.usage),
                end.cost,
                end.denied,
                tuple(dict.fromkeys((*odd, *end.odd))),
            )
        )
        if not end.failed or end.result == OUT_OF_TURNS:
            return end
        if resumes and _LOST.search(end.text):
            return None
        raise failure(end, limited, time.time())

    def _words(self, role: Role, session: str, resumes: bool) -> list[str]:
        words = [self._program, "-p", "--output-format", "stream-json", "--verbose"]
        words += ["--append-system-prompt", role.prompt, "--tools", ",".join(role.named)]
        words += ["--allowedTools", ",".join(dict.fromkeys(_RULES.get(name, name) for name in role.named))]
        words += ["--permission-mode", "dontAsk", "--max-turns", str(MAX_TURNS)]
        words += ["--setting-sources=user", "--strict-mcp-config", "--settings", self._sandbox()]
        if model := _model(role, self._settings.models):
            words += ["--model", model]
        return [*words, f"--resume={session}" if resumes else f"--session-id={session}"]

    def _sandbox(self) -> str:
        """Its own sandbox for commands: https://code.claude.com/docs/en/sandboxing. No domains listed: no network."""
        wanted = self._settings.sandbox != "off" and not self._settings.network
        strict = {"allowUnsandboxedCommands": False, "failIfUnavailable": self._settings.sandbox == "require"}
        return msgspec.json.encode({"sandbox": {"enabled": wanted, **(strict if wanted else {})}}).decode()


def check(program: str, environ: Mapping[str, str]) -> str:
    """The version of the CLI. Raises UsageError if it is missing, does not run, or is too old."""
    import subprocess  # only needed when agents are started

    path = _found(program, environ)
    if path is None:
        where = f"{program} is not a program" if program else f"`{PROGRAM}` is not on PATH"
        raise UsageError(f"Claude Code was not found: {where}", hint=INSTALL)
    try:
        done = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            env=scrubbed_environment(environ, extra=_FIXED),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"Claude Code at {path} does not run: {one_line(str(error), 200)}", hint=INSTALL) from None
    said = one_line(done.stdout.decode(errors="replace"), 100)
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", said)
    if done.returncode or numbers is None:
        raise UsageError(f"{path} prints {said!r} instead of a version of Claude Code", hint=INSTALL)
    if tuple(map(int, numbers.groups())) < MINIMUM:
        raise UsageError(
            f"Claude Code {numbers[0]} is too old", allowed=f"{'.'.join(map(str, MINIMUM))} or newer", hint=INSTALL
        )
    return numbers[0]


def _found(program: str, environ: Mapping[str, str]) -> str | None:
    return shutil.which(program or PROGRAM, path=environ.get("PATH", ""))


def _model(role: Role, chosen: Mapping[str, str]) -> str:
    """Like `models.model_of`, but aliases are left to the CLI, which has the same ones; "" is the user's default."""
    own = "" if role.model == INHERIT else role.model
    return chosen.get(role.name) or chosen.get(EVERY_ROLE) or own


async def _interrupted(transcript: Transcript) -> None:
    """Journal calls of the last turn without a result as interrupted."""
    turns = transcript.turns
    while turns and not turns[-1].complete:
        call = turns[-1].message.calls[len(turns[-1].results)]
        await transcript.hear(Returned(call.id, INTERRUPTED, True))


def _reported(transcript: Transcript) -> Ended | None:
    """The report, if it was recorded already and only the end of the attempt was not."""
    try:
        return Ended.reported(attempt.report_in(transcript.turns[-1].message.text), len(transcript.turns))
    except ReportError:
        return None
