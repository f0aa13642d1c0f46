"""Makes types ready for msgspec. What it knows of a type it builds at the type's first use, and two threads that do so
at once crash the process; here it is built once. Every type that anything is decoded or converted into passes by.
"""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")

_ready: set[object] = set()
_lock = threading.Lock()


def prepared(kind: type[T]) -> type[T]:
    """`kind`, which from now on any number of threads may decode or convert into. Raises TypeError where none can."""
    if kind not in _ready:
        with _lock:
            msgspec.json.Decoder(kind)
            _ready.add(kind)
    return kind
