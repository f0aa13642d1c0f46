"""Runs a program and reads its output line by line; its process group ends with it. It judges nothing."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from conductor.agents.contract.assignment import AgentBroke
from conductor.process.groups import end_group, noting

LONGEST = 64 * 1024 * 1024  # bytes of one line, which may contain an image
ERRORS = 4_000  # last bytes of standard error that are kept
GRACE = 5.0  # seconds that a program has to exit after its output was read


class OutputLines:
    """A running program: iterate over its lines with `async for`, then call `end`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._errors = b""
        self._listening = asyncio.ensure_future(self._listen())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Lines of standard output without line ends. Raises AgentBroke if one is too long."""
        assert self._process.stdout is not None
        while True:
            try:
                line = await self._process.stdout.readline()
            except ValueError:
                raise AgentBroke(f"the program wrote a line of more than {LONGEST // 1024 // 1024} MB") from None
            if not line:
                return
            yield line.rstrip(b"\r\n")

    async def end(self) -> int | None:
        """Its exit code, negative if a signal ended it; None if it did not exit after all output was read."""
        try:
            return await asyncio.wait_for(self._process.wait(), GRACE)
        except TimeoutError:
            return None

    @property
    def errors(self) -> str:
        """The end of its standard error."""
        return self._errors.decode("utf-8", "replace").strip()

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(65_536):
            self._errors = (self._errors + data)[-ERRORS:]

    async def close(self) -> None:
        """End whatever is still running."""
        try:
            await end_group(self._process.pid)
        finally:
            await self._process.wait()
            self._listening.cancel()


@contextlib.asynccontextmanager
async def started(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str, note: Path | None
) -> AsyncIterator[OutputLines]:
    """Run a command with exactly `env`; at the end of the block its whole process group is ended.

    `stdin` is its whole input; `note` is the folder that lists its process group while it runs. Raises AgentBroke if it
    cannot be started.
    """
    noted, command, environment = noting(note, words, env)
    try:
        with tempfile.TemporaryFile() as given:  # not a pipe: a program that does not read cannot block us
            given.write(stdin.encode("utf-8", "surrogateescape"))
            given.seek(0)
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    cwd=cwd,
                    env=environment,
                    stdin=given,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    start_new_session=True,
                    limit=LONGEST,
                )
            except (OSError, ValueError) as error:
                raise AgentBroke(f"{words[0]} cannot be started: {error}") from None
        running = OutputLines(process)
        try:
            yield running
        finally:
            await running.close()
    finally:
        if noted is not None:
            noted.unlink(missing_ok=True)
