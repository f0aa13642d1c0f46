"""Runs one command at a time in a process group of its own and ends everything it started.

It does not judge: what an exit code means is its caller's matter. POSIX only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from conductor.redact import names_secret

GRACE = 2.0  # seconds between SIGTERM and SIGKILL
_READ = 65_536
_DRAIN = 4 * 1024 * 1024  # what may still sit in a pipe; a writer that escaped must not keep us reading
_MARK = "CONDUCTOR_RUN"

# The child notes its own group before it becomes the command: no moment at which it runs and is not noted.
# `started` below must tell the same start time; `exec` keeps it.
_NOTE_AND_EXEC = """
if [ -r /proc/$$/stat ]; then
  read -r stat < /proc/$$/stat && rest=${stat##*) } && set -f && start=$(echo $rest | cut -d' ' -f20)
else
  start=$(LC_ALL=C ps -o lstart= -p $$)
fi
printf '%s\\n%s\\n%s\\n%s\\n' "$2" "$3" "$$" "$(echo $start)" > "$1.new" && mv "$1.new" "$1" || exit 125
set +f; shift 3; exec "$@"
"""


class Finished(msgspec.Struct, frozen=True):
    """How a command ended. `exit_code` is None when the time limit ended it, negative when a signal did."""

    exit_code: int | None
    output: str  # stdout and stderr as they came, UTF-8 with replacements, cut in the middle beyond the limit
    duration_ms: int
    timed_out: bool
    cut: int  # bytes of output left out


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

    Whatever it leaves running is ended, also on cancellation. A command that cannot be started ends with 127 (not
    found) or 126, as in a shell. `note` is a folder where the process group is noted while it runs: `end_left_over`.
    """
    begin = time.monotonic()
    words = [shell(), "-c", command] if isinstance(command, str) else list(command)
    noted, words, environment = noting(note, words, env)
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
                return Finished(code, f"cannot start the command: {error}\n", _since(begin), False, 0)
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
    finally:
        loop.remove_reader(reading)
        os.close(reading)
        if noted is not None:
            noted.unlink(missing_ok=True)
    return Finished(
        exit_code=None if timed_out else process.returncode,
        output=tape.text(),
        duration_ms=_since(begin),
        timed_out=timed_out,
        cut=tape.cut,
    )


def noting(
    note: Path | None, words: Sequence[str], env: Mapping[str, str]
) -> tuple[Path | None, list[str], dict[str, str]]:
    """A command, and its environment, that notes its process group in the folder `note`; and the file for it.

    Who runs it removes that file when the group has ended.
    """
    if note is None:
        return None, list(words), dict(env)
    note.mkdir(parents=True, exist_ok=True)
    file = note / uuid.uuid4().hex
    owner = os.getpid()
    command = ["/bin/sh", "-c", _NOTE_AND_EXEC, "sh", str(file), str(owner), started(owner) or "?", *words]
    return file, command, {**env, _MARK: file.name}


def shell() -> str:
    """The shell that commands given as one string are run by."""
    return next((shell for shell in ("/bin/bash", "/usr/bin/bash") if Path(shell).exists()), "/bin/sh")


def _since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)


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
    """The first and the last half of what is written to it."""

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
    """Take what was written before the end, without waiting for whoever still holds the pipe open."""
    taken = 0
    with contextlib.suppress(BlockingIOError):
        while taken < _DRAIN and (data := os.read(pipe, _READ)):
            tape.write(data)
            taken += len(data)


def _signal_group(group: int, number: int) -> bool:
    """Whether the group was still there. macOS answers EPERM for a group of zombies."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


async def end_group(group: int) -> None:
    """End a process group: it is asked, then killed. Nothing of it is left, also on cancellation."""
    try:
        until = time.monotonic() + GRACE
        there = _signal_group(group, signal.SIGTERM)
        while there and _alive(group) and time.monotonic() < until:
            await asyncio.sleep(0.02)
    finally:  # also when cancelled a second time
        _signal_group(group, signal.SIGKILL)


def _has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def started(pid: int) -> str | None:
    """The start time of a process as the OS tells it, for comparison only; None: there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        if _has_proc():
            return None
        asked = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
        )
        return " ".join(asked.stdout.split()) or None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def end_left_over(note: Path) -> int:
    """End the process groups noted in the folder `note` by a process that is dead; how many were ended."""
    ended = 0
    for file in sorted(note.glob("*")) if note.is_dir() else ():
        lines = file.read_text(errors="replace").splitlines()
        if len(lines) != 4 or not (lines[0].isdigit() and lines[2].isdigit()):
            continue  # being written, or not ours
        owner, group = int(lines[0]), int(lines[2])
        if started(owner) == lines[1]:
            continue
        if _is_the_noted(group, lines[3], file.name) and _signal_group(group, signal.SIGTERM):
            ended += 1
            until = time.monotonic() + GRACE
            while _alive(group) and time.monotonic() < until:
                time.sleep(0.02)
            _signal_group(group, signal.SIGKILL)
        file.unlink(missing_ok=True)
    return ended


def _is_the_noted(group: int, start: str, mark: str) -> bool:
    """Whether the group is the one noted and not a later one of the same number."""
    leader = started(group)
    if leader is not None:
        return leader == start
    # The leader is gone, its children may be there: they inherited the mark. Without /proc we cannot tell: leave them.
    needle = f"{_MARK}={mark}".encode()
    return any(needle in _environment(pid) for pid in _members(group))


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _alive(group: int) -> bool:
    """Zombies do not count: in a container nobody may ever reap them."""
    return _signal_group(group, 0) and (not _has_proc() or bool(_members(group)))


def _members(group: int) -> list[int]:
    """Live processes of a group, from /proc; none where there is no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, pgrp, *_ = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(pgrp) == group and state not in "ZX":
                found.append(int(folder.name))
    return found


_KEPT = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TMPDIR|TZ|USER|LOGNAME|SHELL|XDG_\w+"
    r"|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE"
    r"|VIRTUAL_ENV|(PIP|UV|PYENV|CONDA)_\w+|(NODE|NPM_CONFIG|NVM|VOLTA|FNM|YARN|PNPM)_\w+"
    r"|(CARGO|RUSTUP)_\w+|RUSTFLAGS|GO(PATH|ROOT|BIN|CACHE|MODCACHE|PROXY|FLAGS|PRIVATE|NOPROXY|NOSUMDB|SUMDB|TOOLCHAIN)"
    r"|(ASDF|MISE)_\w+",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"://[^/@\s]+@")  # a name alone may be a token


def scrubbed_environment(
    environ: Mapping[str, str], *, home: Path | None = None, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What of `environ` a command needs: search path, locale, proxies, certificates and language tools; no secrets.

    A value with a URL that names a user counts as a secret. `extra` is added as it is.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if _KEPT.fullmatch(name) and not names_secret(name) and not _SECRET_VALUE.search(value)
    }
    if home is not None:
        kept["HOME"] = str(home)
    fixed = {"TERM": "dumb", "CI": "1", "GIT_TERMINAL_PROMPT": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | fixed | dict(extra or {})
