"""Makes types ready for msgspec, and keeps from it what would nest too deep for it.

What it knows of a type it builds at the type's first use, and two threads that do so at once crash the process; here it
is built once. Every type that anything is decoded or converted into passes by.
"""

from __future__ import annotations

import re
import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
Text = TypeVar("Text", bytes, str)

# Arrays and objects within one another. How many a decoder takes depends on the version of Python and on how much of
# the stack is in use; what was taken once must be read everywhere, by other programs too.
DEEPEST = 200

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")

_ready: set[object] = set()
_lock = threading.Lock()


def prepared(kind: type[T]) -> type[T]:
    """`kind`, which from now on any number of threads may decode or convert into. Raises TypeError where none can."""
    if kind not in _ready:
        with _lock:
            msgspec.json.Decoder(kind)
            _ready.add(kind)
    return kind


def bounded(data: Text) -> Text:
    """`data`, JSON that somebody else wrote. Raises msgspec.DecodeError where it nests deeper than DEEPEST."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        depth = 0
        for bracket in _STRING.sub(b"", raw).translate(None, _ALL_BUT_BRACKETS):
            depth += 1 if bracket in b"[{" else -1
            if depth > DEEPEST:
                raise msgspec.DecodeError(f"it nests deeper than {DEEPEST} levels")
    return data
