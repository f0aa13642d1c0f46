"""Judges a finished command: passed, failed, ended by something else, or a missing tool."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

from conductor.checks import toolchains
from conductor.checks.project import Project
from conductor.checks.site import FAILED, PASSED, UNAVAILABLE, UNFINISHED, Result, one_line
from conductor.ids import CheckStatus
from conductor.process.ending import interrupted
from conductor.process.run import Finished

_SHOWN = 80  # characters of a command in a summary
_NOT_FOUND = re.compile(
    r"^(?:\S*sh: )?(?:line )?(?:\d+: )?(?:exec: )?(?P<tool>[^\s:]+): (?:command )?not found$"
    r"|^env: ['‘]?(?P<env>[^\s'’:]+)['’]?: No such file",
    re.MULTILINE,
)
_NOT_STARTED = re.compile(
    r"^\S*sh: (?:line )?(?:\d+: )?(?:exec: )?(?P<program>/[^\n:]+): (?P<why>[^\n]+)$", re.MULTILINE
)
_NO_MODULE = re.compile(r"^\S*python[\d.]*: No module named (\w+)", re.MULTILINE)
# What test runners print when they ran no tests, and when they ran some.
_RAN_NONE = re.compile(
    r"^(?:=* ?no tests ran\b|Ran 0 tests in |NO TESTS RAN|running 0 tests$|(?:# |ℹ )tests 0$|\?? .*\[no test files\]$)"
    r"|\[no tests to run\]$",
    re.MULTILINE,
)
_RAN_SOME = re.compile(
    r"^(?:Ran [1-9]\d* tests? in |running [1-9]\d* tests?$|(?:# |ℹ )tests [1-9]\d*$"
    r"|ok\s+\S+\s+(?!.*\[no tests to run\]$))"
    r"|\b[1-9]\d* (?:passed|failed|passing|skipped)\b",
    re.MULTILINE,
)


async def check_command(
    project: Project, command: str | Sequence[str], *, root: str = "", runs_tests: bool = False
) -> Result:
    """Run a command and judge it; a test run that reports no tests does not pass."""
    shown = command if isinstance(command, str) else shlex.join(command)
    shown = f"cd {shlex.quote(root)} && {shown}" if root else shown
    finished = await project.run(command, root=root)
    status, summary = _judge(project, shown, finished, runs_tests)
    return Result(status, one_line(summary), shown, finished.exit_code, finished.duration_ms, finished.output)


async def check_paths(project: Project, words: Sequence[str], paths: Sequence[str]) -> Result:
    """Run a tool on files of the tree and judge it; unavailable if it is not installed."""
    if find(project, words[0]) is None:
        return missing(words[0], " ".join(words))
    return await check_command(project, [*words, *(f"./{path}" for path in paths)])


def missing(tool: str, command: str = "") -> Result:
    """The result if a tool that the check needs is not installed."""
    return Result(UNAVAILABLE, one_line(f"{tool} is not installed: {toolchains.hint(tool)}"), command)


def unfinished(why: str, command: str, finished: Finished) -> Result:
    """The result if `finished` was cut short, for a reason given by `interrupted`."""
    return Result(
        UNFINISHED, one_line(f"{why}: {command}"), command, finished.exit_code, finished.duration_ms, finished.output
    )


def find(project: Project, tool: str) -> str | None:
    """The path of a tool, from the project's own environments first, then PATH; None if missing."""
    return shutil.which(tool, path=project.environment["PATH"])


def _judge(project: Project, command: str, finished: Finished, runs_tests: bool) -> tuple[CheckStatus, str]:
    command = textwrap.shorten(command, _SHOWN, placeholder=" …")
    if finished.timed_out:
        return FAILED, f"ended by the time limit of {project.site.settings.check_timeout:g} s: {command}"
    if why := interrupted(finished) or _not_started(project, finished):
        return UNFINISHED, f"{why}: {command}"
    if finished.exit_code != 0 and (tool := _missing_tool(project, finished)):
        return UNAVAILABLE, f"{tool} is not installed: {toolchains.hint(tool)}"
    if runs_tests and (finished.exit_code in (0, 5)) and _ran_nothing(finished.output):
        return FAILED, f"no tests ran: {command}"
    last = next((line for line in reversed(finished.output.splitlines()) if line.strip(" =-_")), "").strip(" =")
    if finished.exit_code == 0:
        return PASSED, f"{command}: {last or 'exit 0'}"
    code = finished.exit_code or 0
    how = f"ended by signal {-code}" if code < 0 else f"exit {code}"
    return FAILED, f"{command}: {how}" + (f": {last}" if last else "")


def _ran_nothing(output: str) -> bool:
    return _RAN_NONE.search(output) is not None and _RAN_SOME.search(output) is None


def _not_started(project: Project, finished: Finished) -> str:
    """Why a shell could not start an existing program outside the work; "" if that is not what happened."""
    for match in _NOT_STARTED.finditer(finished.output) if finished.exit_code == 126 else ():
        if not Path(match["program"]).is_relative_to(project.site.path):
            return f"could not be started ({match['program']}: {match['why']})"
    return ""


def _missing_tool(project: Project, finished: Finished) -> str | None:
    """The missing tool, if that is why the command failed.

    The exit code alone does not prove it (a script can end with 127): the name must really be missing. A path into the
    project is not a tool but a forgotten file.
    """
    if (match := _NO_MODULE.search(finished.output)) and match[1] in toolchains.PYTHON_TOOLS:
        return match[1]
    if finished.exit_code not in (126, 127):
        return None
    for match in _NOT_FOUND.finditer(finished.output):
        tool = next(name for name in match.groups() if name)
        if tool == project.python or ("/" not in tool and find(project, tool) is None):
            return tool
    return None
