"""Where a projection keeps its views: one hash, whose fields are updated together with a mark, or not at all.

Only the projection knows what the fields and the mark mean; here they are only read and written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from conductor.log.connection import Argument, Connection, ReplyError

_MARK = b""  # the name of its field
_BUILDING_TTL = 3600  # seconds until an interrupted rebuild is deleted

# Saves only if no other process was faster.
_SAVE = """
if (redis.call('HGET', KEYS[1], '') or '') ~= ARGV[1] then return end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
"""
_FLIP = """
redis.call('RENAME', KEYS[2], KEYS[1])
redis.call('PERSIST', KEYS[1])
"""


class StoredViews:
    """The fields of one projection. All methods raise StoreError when the server is down or refuses."""

    def __init__(self, connection: Connection, key: str) -> None:
        self._call = connection.call
        self._key = key

    def mark(self) -> bytes:
        """The mark; empty if there is none or the key holds another type."""
        try:
            return self._call("HGET", self._key, _MARK) or b""
        except ReplyError as error:
            if error.code != "WRONGTYPE":
                raise
            return b""

    def get(self, field: bytes) -> bytes | None:
        """A field's value; None if it does not exist."""
        found: bytes | None = self._call("HGET", self._key, field)
        return found

    def some(self, fields: Sequence[bytes]) -> dict[bytes, bytes]:
        """Those of `fields` that exist, with their values."""
        found = self._call("HMGET", self._key, *fields) if fields else ()
        return {field: value for field, value in zip(fields, found, strict=True) if value is not None}

    def all(self) -> dict[bytes, bytes]:
        """All fields with their values."""
        flat = self._call("HGETALL", self._key)
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        fields.pop(_MARK, None)
        return fields

    def names(self) -> list[bytes]:
        """The names of all fields."""
        return [name for name in self._call("HKEYS", self._key) if name != _MARK]

    def move(self, mark: bytes, to: str, changed: Mapping[bytes, bytes]) -> None:
        """Write the changed fields and the mark `to` atomically; nothing if the mark is no longer `mark`."""
        self._call("EVAL", _SAVE, 1, self._key, mark, _MARK, to, *chain.from_iterable(changed.items()))

    def anew(self, mark: str) -> Rebuild:
        """Start rewriting all fields, under that mark, beside the existing ones."""
        return Rebuild(self._call, self._key, mark)


class Rebuild:
    """Fields that are invisible until they replace the old ones as a whole."""

    def __init__(self, call: Any, key: str, mark: str) -> None:
        self._call = call
        self._key = key
        self._beside = f"{key}:building:{os.urandom(8).hex()}"
        self._write(_MARK, mark)

    def put(self, fields: Mapping[bytes, bytes]) -> None:
        """Add fields."""
        if fields:
            self._write(*chain.from_iterable(fields.items()))

    def finish(self) -> None:
        """Replace the old fields atomically."""
        self._call("EVAL", _FLIP, 2, self._key, self._beside)

    def _write(self, *fields: Argument) -> None:
        self._call("HSET", self._beside, *fields)
        self._call("EXPIRE", self._beside, _BUILDING_TTL)
