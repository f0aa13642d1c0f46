"""Any program as an agent: the briefing on its standard input, its report as JSON on its standard output."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from conductor.agents.contract.assignment import Assignment, Ended
from conductor.agents.contract.protocols import Tools
from conductor.agents.contract.report import ReportError, read_report
from conductor.agents.contract.turns import Message, Said
from conductor.agents.runners.program import attempt
from conductor.agents.runners.program.lines import started
from conductor.agents.transcript import Transcript
from conductor.config.settings import Settings
from conductor.errors import UsageError
from conductor.events import ProgramEnded, ProgramStarted
from conductor.process.environment import scrubbed_environment
from conductor.text import clean, one_line

LONGEST = 4 * 1024 * 1024  # bytes of output


class CommandAgent:
    """An AgentRunner that runs `program` once per attempt, in its worktree, with the user's rights.

    Variables identify the work: CONDUCT_ROLE, CONDUCT_PHASE, CONDUCT_MODULE, CONDUCT_ATTEMPT, CONDUCT_TASK.
    """

    name = "command"

    def __init__(self, program: str, environ: Mapping[str, str], settings: Settings) -> None:
        """Raises UsageError if the program is not found, or the settings require a sandbox, which it would not have."""
        if settings.sandbox == "require":
            raise UsageError(
                'conductor.toml says sandbox = "require", but your own program runs outside the sandbox',
                hint="choose other agents with --agent, or have the program confine itself and remove the setting",
            )
        self._program = found(program, environ)
        self._environ = environ
        self._timeout = settings.agent_timeout

    async def run(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        work = partial(self._work, assignment, tools, transcript)
        return await attempt.attempt(self.name, work, assignment, transcript, timeout=self._timeout)

    async def _work(self, assignment: Assignment, tools: Tools, transcript: Transcript) -> Ended:
        """An interrupted attempt starts again, on the worktree as it was."""
        if attempt.went_well(transcript):
            return _ended(transcript.turns[-1].message.text)
        tree = await attempt.tree_at_start(tools, transcript)
        await transcript.program(ProgramStarted(tree))
        code, output, errors = await self._run(assignment, tools, await transcript.briefing())
        said = clean("\n".join(filter(None, (output, errors and f"[standard error]\n{errors}"))))
        await transcript.say(Said(Message(output if code == 0 else said)), tree)
        if code != 0:
            why = f"the program ended with exit code {code}: {one_line(errors, 300)}".rstrip(": ")
            await transcript.program(ProgramEnded(f"exit code {code}", why))
            return Ended.silent(why, 1)
        await transcript.program(ProgramEnded("exit code 0"))
        return _ended(output)

    async def _run(self, assignment: Assignment, tools: Tools, briefing: str) -> tuple[int | None, str, str]:
        """Exit code, standard output, and the end of standard error. Raises AgentBroke if it cannot be started."""
        own = {
            "CONDUCT_ROLE": assignment.role,
            "CONDUCT_PHASE": assignment.phase or "",
            "CONDUCT_MODULE": assignment.module or "",
            "CONDUCT_ATTEMPT": str(assignment.attempt),
            "CONDUCT_TASK": assignment.task,
        }
        env = scrubbed_environment(self._environ, extra=own)
        output: list[bytes] = []
        size = 0
        async with started(
            [self._program], cwd=Path(assignment.path), env=env, stdin=briefing, note=tools.note
        ) as running:
            async for line in running:
                output.append(line)
                size += len(line) + 1
                if size > LONGEST:
                    return None, "", f"it wrote more than {LONGEST // 1024 // 1024} MB"
            code = await running.end()
            return code, b"\n".join(output).decode("utf-8", "replace"), running.errors


def found(program: str, environ: Mapping[str, str]) -> str:
    """The path of a program, given as a path or found on PATH. Raises UsageError if it is not found."""
    path = shutil.which(program, path=environ.get("PATH", "")) if program else None
    if path is None:
        raise UsageError(
            f"no executable program {program!r}" if program else "`command` needs a program",
            allowed="--agent command:PROGRAM",
            hint="give the path of an executable file, or the name of one on PATH",
        )
    return str(Path(path).absolute())


def _ended(output: str) -> Ended:
    raw = output.strip()
    try:
        read_report(raw)
    except ReportError as error:
        return Ended.silent(f"the program's output is not a report: {error.what}", 1)
    return Ended.reported(raw, 1)
