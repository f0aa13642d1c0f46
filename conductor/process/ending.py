"""Whether something else ended a command, or kept it from starting, as opposed to the command itself."""

from __future__ import annotations

import re
import signal

from conductor.process.run import Finished

# Usually sent from outside: by a person, a supervisor, the out-of-memory killer, a resource limit. A program causes
# SIGSEGV, SIGABRT, SIGALRM and the like itself.
OUTSIDE = tuple(
    getattr(signal, name) for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM", "SIGXCPU", "SIGXFSZ")
)
# Exit codes by which a shell reports a signal; not 129 to 131, which programs use themselves (git: 129).
_BY_SHELL = {128 + number: number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU, signal.SIGXFSZ)}

_TAIL = 12  # last lines of the output, in which a tool reports how its child ended
_SIGNAL = r"SIG(?:KILL|TERM|XCPU|XFSZ)\b"
_NUMBER = r"(?:9|15|24|25)\b"
# What tools print when a signal ended their child: whole lines from their start, since a failing test's output may
# mention signals, too.
_SAID = (
    # make, of a recipe
    r"\S*make(?:\[\d+\])?: \*\*\* \[.+\] "
    r"(?:Killed|Terminated|CPU time limit exceeded|File size limit exceeded|Error (?:137|143|152|153))\b",
    # go and cargo, of tests and of compilers
    r"(?:(?:\S+: )?\S+/(?:asm|cgo|compile|link|vet): )?signal: (?:killed|terminated|CPU time limit exceeded)$",
    rf"\s*process didn't exit successfully: .*\(signal: {_NUMBER}, {_SIGNAL}",
    # npm, yarn, pnpm
    rf"npm (?:ERR!|error) (?:code|signal) {_SIGNAL}",
    rf'(?:error|\s*ELIFECYCLE\s+) ?Command failed with signal "?{_SIGNAL}',
    # tox, nox
    rf"\S+: exit -{_NUMBER}|ERROR: InvocationError .*\(exited with code -{_NUMBER}",
    rf"nox > Command .* failed with exit code -{_NUMBER}",
    # Gradle, Maven's Surefire
    r"> Process '.*' finished with non-zero exit value (?:137|143)\b|(?:\[ERROR\] )?Process Exit Code: (?:137|143)\b",
    # gcc, of its own programs
    r"\S+: (?:fatal|internal compiler) error: (?:Killed|Terminated) (?:signal terminated program|\(program) ",
    # a shell that could not start a process
    r"\S*sh: (?:line \d+: |\d+: )?(?:fork: |Cannot fork)",
)
_AT_THE_END = re.compile(f"^(?:{'|'.join(_SAID)})", re.MULTILINE)
# Jest and node --test print it where it happened, before their summaries.
_BEFORE = re.compile(
    rf"^\s*A jest worker process .* was terminated by another process: signal={_SIGNAL}"
    rf"|^\s+exitCode: (?:~|null),?\n\s+signal: '{_SIGNAL}'",
    re.MULTILINE,
)
_RAISED = re.compile(rf"subprocess\.CalledProcessError: .* died with <Signals\.{_SIGNAL}.*>\.")  # by a Python script


def interrupted(finished: Finished) -> str:
    """Why the command was kept from finishing, in a few words; "" if it finished, failed or crashed by itself.

    A command ended by the time limit does not count: that limit is ours. A signal that the work sends to itself
    cannot be distinguished from an outside one.
    """
    if finished.unstarted:
        return f"could not be started ({finished.unstarted})"
    code = finished.exit_code
    if finished.timed_out or not code:
        return ""
    if -code in OUTSIDE:
        return f"ended from outside by {signal.Signals(-code).name}"
    if code in _BY_SHELL:
        return f"ended from outside by {_BY_SHELL[code].name} (exit {code})"
    lines = [line for line in finished.output.splitlines() if line.strip()]
    said = _AT_THE_END.search("\n".join(lines[-_TAIL:])) or _BEFORE.search(finished.output)
    said = said or _RAISED.fullmatch(lines[-1] if lines else "")
    if said:
        return f"ended from outside (exit {code}, {' '.join(said[0].split())})"
    return f"disturbed (exit {code}): the system ran out of memory and killed processes" if finished.starved else ""
