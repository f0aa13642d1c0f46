"""Whether something else ended a command, or kept it from starting. What a command did to itself is not told here."""

from __future__ import annotations

import re
import signal

from conductor.process.run import Finished

# Sent from outside as a rule: by a person, a supervisor, an out-of-memory killer, a limit of the machine. SIGSEGV,
# SIGABRT, SIGALRM and their like are what a program brings about itself.
OUTSIDE = tuple(
    getattr(signal, name) for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM", "SIGXCPU", "SIGXFSZ")
)
# As a shell says it. 129 to 131 are codes that programs end with by themselves (git: 129).
_BY_SHELL = {128 + number: number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU, signal.SIGXFSZ)}

_TAIL = 12  # lines at the end of an output, in which a tool says how what it ran has ended
_SIGNAL = r"SIG(?:KILL|TERM|XCPU|XFSZ)\b"
_NUMBER = r"(?:9|15|24|25)\b"
# What a tool says when what it ran was ended by a signal: its own lines, from their beginning, as a failing test may
# speak of signals, too.
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
    # gcc, of its parts
    r"\S+: (?:fatal|internal compiler) error: (?:Killed|Terminated) (?:signal terminated program|\(program) ",
    # a shell that could begin no process
    r"\S*sh: (?:line \d+: |\d+: )?(?:fork: |Cannot fork)",
)
_AT_THE_END = re.compile(f"^(?:{'|'.join(_SAID)})", re.MULTILINE)
# Jest and node --test go on to their summaries, and say it where it happened.
_BEFORE = re.compile(
    rf"^\s*A jest worker process .* was terminated by another process: signal={_SIGNAL}"
    rf"|^\s+exitCode: (?:~|null),?\n\s+signal: '{_SIGNAL}'",
    re.MULTILINE,
)
_RAISED = re.compile(rf"subprocess\.CalledProcessError: .* died with <Signals\.{_SIGNAL}.*>\.")  # by a Python script


def interrupted(finished: Finished) -> str:
    """Why the command did not come to its end, in a few words; "": it did, or it failed or crashed by itself.

    A command that the time limit ended is not told of: that limit is ours. A signal that the work sends to itself
    cannot be told from an outside one.
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
    return (
        f"disturbed (exit {code}): the system killed processes for want of memory meanwhile" if finished.starved else ""
    )
