"""User input: files, standard input, and the text and TOML in them, read in full without blocking on a pipe or device.

It does not know what any of it means. Anything wrong is a UsageError that says where.
"""

from __future__ import annotations

import math
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conductor.errors import UsageError

NUMBER = 1_000_000_000_000  # the largest allowed in a TOML file: sums and products of these stay finite
DEPTH = 50  # parts of a dotted key: with thousands, the TOML parser takes minutes

_KEYS = re.compile(rf"(?<![\"'\w.-])(?:[\"'\w-]++[ \t]*+\.[ \t]*+){{{DEPTH}}}")
_LONG = re.compile(r"[0-9](?:_?[0-9]){4300}")  # digits of a number: Python parses no more


def read(path: Path, what: str, *, most: int, allowed: str = "a text file", hint: str | None = None) -> bytes:
    """The bytes of a regular file, at most `most`; links are followed. `what` describes it in messages.

    Opened without blocking and checked afterwards: a pipe would wait for its writer, and a device might never end.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if is_socket(path):
            raise UsageError(f"{what} {path} is a socket", allowed=allowed, hint=hint) from None
        raise UsageError(f"{what} {path} cannot be read: {error.strerror}", hint=hint) from None
    except ValueError:
        raise UsageError(
            f"{what} {str(path)!r} cannot be read: a path must not contain a NUL character", hint=hint
        ) from None
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise UsageError(f"{what} {path} is {kind}", allowed=allowed, hint=hint)
        with os.fdopen(file, "rb", closefd=False) as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be read: {error.strerror}", hint=hint) from None
    finally:
        os.close(file)
    return bounded(data, f"{what} {path}", most)


def standard_input(what: str, *, most: int) -> bytes:
    """All of standard input, at most `most` bytes."""
    try:
        data = sys.stdin.buffer.read(most + 1)
    except (AttributeError, ValueError, OSError):  # closed, or a folder
        raise UsageError(f"{what} cannot be read from standard input: it is closed or not a file") from None
    return bounded(data, f"{what} on standard input", most)


def bounded(data: bytes, what: str, most: int) -> bytes:
    if len(data) > most:
        raise UsageError(f"{what} is too large", allowed=f"at most {_size(most)}")
    return data


def is_socket(path: Path) -> bool:
    """Whether `path` is a socket, which cannot be opened as a file."""
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def text(data: bytes, what: str) -> str:
    """UTF-8 without a byte order mark and without NUL characters."""
    try:
        found = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{what}: line {line} is not UTF-8 text", hint="save it as UTF-8") from None
    if (nul := found.find("\0")) >= 0:
        line = found.count("\n", 0, nul) + 1
        raise UsageError(f"{what}: line {line} contains a NUL character, so it is not text", hint="save it as UTF-8")
    return found


def toml(source: str, what: str, hint: str | None = None) -> dict[str, Any]:
    """A TOML file's tables."""
    import tomllib

    if found := _KEYS.search(source):
        where = f"{what}: line {_line(source, found.start())}"
        raise UsageError(f"{where}: a key is nested too deeply", allowed=f"at most {DEPTH} parts", hint=hint)
    try:
        data = tomllib.loads(source)
    except RecursionError:
        raise UsageError(f"{what}: lists or tables are nested too deeply", allowed="a few levels", hint=hint) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{what}: not valid TOML: {error}", hint=hint) from None
    except ValueError:  # a number with more digits than Python parses
        found = _LONG.search(source)
        where = f"{what}: line {_line(source, found.start())}" if found else what
        raise UsageError(f"{where}: a number has too many digits", allowed=f"up to {NUMBER:,}", hint=hint) from None
    return data


def finite(data: dict[str, Any], what: str) -> dict[str, Any]:
    """`data` itself. Raises UsageError if a number in it is not finite, or is huge."""
    for name, number in _numbers(data, ""):
        if not abs(number) <= NUMBER:  # also true for nan, which TOML allows
            shown = number if isinstance(number, float) else "one with too many digits"
            wanted = f"a number up to {NUMBER:,}" if abs(number) < math.inf else "a finite number"
            raise UsageError(f"{what}: {name} must be {wanted}, got {shown}", allowed=wanted)
    return data


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    """All numbers in `value`, with their dotted names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for n, inner in enumerate(value, 1):
            yield from _numbers(inner, f"{name}[{n}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, value


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def _size(most: int) -> str:
    return f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1_000} kB"
