"""Runs a command in its own process group, and ends everything it started.

What an exit code means is left to the caller. POSIX only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from conductor.process.groups import end_group, noting
from conductor.process.memory import kills

_READ = 65_536
_DRAIN = 4 * 1024 * 1024  # bytes read from a pipe after the end; an escaped writer must not keep us reading


class Finished(msgspec.Struct, frozen=True):
    """How a command ended. `exit_code` is None if the time limit ended it, negative if a signal did."""

    exit_code: int | None
    output: str  # stdout and stderr interleaved, UTF-8 with replacements, cut in the middle beyond the limit
    duration_ms: int
    timed_out: bool
    cut: int  # bytes of output omitted
    unstarted: str = ""  # why it was never started; "" if it was
    starved: bool = False  # while it ran, the system killed processes here for lack of memory


async def run(
    command: str | Sequence[str],
    *,
    cwd: Path,
    timeout: float,
    env: Mapping[str, str],
    output_limit: int = 200_000,
    stdin: str | None = None,
    note: Path | None = None,
) -> Finished:
    """Run `command` (a string: by the shell) in `cwd` for at most `timeout` seconds, with exactly `env`.

    Everything it leaves running is ended, even on cancellation. A command that cannot be started ends with 127 (not
    found) or 126, as in a shell, and `unstarted` says why. `note` is a folder in which the process group is noted
    while it runs: see `end_left_over`.
    """
    start, killed = time.monotonic(), kills()
    own = [shell(), "-c", command] if isinstance(command, str) else list(command)
    noted, words, environment = noting(note, own, env)
    tape = _Tape(output_limit)
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    loop = asyncio.get_running_loop()
    timed_out = False
    try:
        with _stdin(stdin) as given:
            try:
                process = await asyncio.create_subprocess_exec(
                    *words,
                    cwd=cwd,
                    env=environment,
                    stdin=given,
                    stdout=writing,
                    stderr=writing,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                code = 127 if isinstance(error, FileNotFoundError) else 126
                return Finished(code, f"cannot start the command: {error}\n", _since(start), False, 0, str(error))
            finally:
                os.close(writing)
        try:
            loop.add_reader(reading, _on_readable, loop, reading, tape)
            try:
                await asyncio.wait_for(process.wait(), timeout)
            except TimeoutError:
                timed_out = True
        finally:
            await end_group(process.pid)
        await process.wait()
        loop.remove_reader(reading)
        _drain(reading, tape)
        unstarted = _unstarted(own[0], process.returncode, tape.text(), noted) if noted else ""
    finally:
        loop.remove_reader(reading)
        os.close(reading)
        if noted is not None:
            noted.unlink(missing_ok=True)
    return Finished(
        exit_code=None if timed_out else process.returncode,
        output=tape.text(),
        duration_ms=_since(start),
        timed_out=timed_out,
        cut=tape.cut,
        unstarted=unstarted,
        starved=bool(process.returncode) and kills() > killed,
    )


def _unstarted(program: str, code: int | None, output: str, noted: Path) -> str:
    """Why the shell that notes the process group did not become `program`; "" if it did."""
    if code == 125 and not noted.exists():
        return output.strip() or "its process group could not be noted"
    said = re.compile(rf"sh: (?:line )?(?:\d+: )?(?:exec: )?{re.escape(program)}: (.+)")
    found = [said.fullmatch(line) for line in output.splitlines()] if code in (126, 127) else []
    return found[-1][1] if found and found[-1] and all(found) else ""


def shell() -> str:
    """The shell that runs commands given as one string."""
    return next((shell for shell in ("/bin/bash", "/usr/bin/bash") if Path(shell).exists()), "/bin/sh")


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


@contextlib.contextmanager
def _stdin(text: str | None) -> Iterator[int | IO[bytes]]:
    """A file rather than a pipe: a command that does not read its input cannot block us."""
    if text is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode("utf-8", "surrogateescape"))
        file.seek(0)
        yield file


class _Tape:
    """Keeps the first and the last part of what is written to it, half of the limit each."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self.cut = 0

    def write(self, data: bytes) -> None:
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self._half + _READ:
            self._trim()

    def _trim(self) -> None:
        over = len(self._tail) - self._half
        if over > 0:
            del self._tail[:over]
            self.cut += over

    def text(self) -> str:
        self._trim()
        between = f"\n[... {self.cut} bytes cut ...]\n".encode() if self.cut else b""
        return (bytes(self._head) + between + bytes(self._tail)).decode("utf-8", "replace")


def _on_readable(loop: asyncio.AbstractEventLoop, pipe: int, tape: _Tape) -> None:
    try:
        data = os.read(pipe, _READ)
    except BlockingIOError:
        return
    if data:
        tape.write(data)
    else:
        loop.remove_reader(pipe)


def _drain(pipe: int, tape: _Tape) -> None:
    """Read what was written before the end, without waiting for processes that still hold the pipe open."""
    taken = 0
    with contextlib.suppress(BlockingIOError):
        while taken < _DRAIN and (data := os.read(pipe, _READ)):
            tape.write(data)
            taken += len(data)
