"""A terminal of a given width that a command of a user's is run at."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios

from tests.doors.cli.stage import User


def at_terminal(user: User, *words: str, columns: int = 80, types: bytes = b"", **environment: str) -> list[str]:
    """What `conduct` prints there, in lines; `types` is what the person types ahead."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = dict(user.environ)
    user.environ |= {"TERM": "xterm-256color", **environment}
    user.environ.pop("COLUMNS", None)
    try:
        process = user.popen(*words, stdin=theirs, stdout=theirs, stderr=subprocess.STDOUT, text=False)
    finally:
        user.environ.clear()
        user.environ.update(kept)
        os.close(theirs)
    said = b""
    with process, contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
        os.write(ours, types)
        while part := os.read(ours, 65536):
            said += part
    os.close(ours)
    return said.decode().replace("\r\n", "\n").split("\n")
