"""Prepares types for msgspec, and rejects JSON that nests too deeply for it.

msgspec builds its information on a type at first use, and two threads doing so at once crash the process; here it is
built once, under a lock. Every type that is decoded or converted into goes through `prepared`.
"""

from __future__ import annotations

import re
import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
Text = TypeVar("Text", bytes, str)

# Levels of nested arrays and objects. How many a decoder accepts depends on the Python version and the stack in use;
# what was accepted once must be readable everywhere, by other programs too.
DEEPEST = 200

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")

_ready: set[object] = set()
_lock = threading.Lock()


def prepared(kind: type[T]) -> type[T]:
    """`kind`, which any number of threads may decode or convert into from now on. Raises TypeError if none can."""
    if kind not in _ready:
        with _lock:
            msgspec.json.Decoder(kind)
            _ready.add(kind)
    return kind


def bounded(data: Text) -> Text:
    """`data`, which is JSON from outside. Raises msgspec.DecodeError if it nests deeper than DEEPEST."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        depth = 0
        for bracket in _STRING.sub(b"", raw).translate(None, _ALL_BUT_BRACKETS):
            depth += 1 if bracket in b"[{" else -1
            if depth > DEEPEST:
                raise msgspec.DecodeError(f"it nests deeper than {DEEPEST} levels")
    return data
