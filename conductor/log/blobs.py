"""Texts by digest: prompts, reports, output. Written before the event that names them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from conductor.envelope import sha256
from conductor.errors import CorruptLog
from conductor.ids import Digest
from conductor.log.connection import Argument, Connection, Lost, ReplyError
from conductor.log.keys import Keys

_PLAIN, _DEFLATED = b"p", b"z"  # first byte of what is stored


class Blobs:
    """Blobs of one namespace. All methods raise StoreError when the server is down or refuses."""

    def __init__(self, connection: Connection, keys: Keys, clean: Callable[[bytes], bytes]) -> None:
        self._connection = connection
        self._keys = keys
        self._clean = clean

    def put(self, data: bytes | str) -> Digest:
        """Store `data`, redacted, and return the digest of what was stored (hex SHA-256)."""
        raw = data.encode(errors="backslashreplace") if isinstance(data, str) else data
        kept = self._clean(raw)
        digest = Digest(sha256(kept))
        small = zlib.compress(kept, 6)
        stored = _DEFLATED + small if len(small) < len(kept) else _PLAIN + kept
        self._ask("SET", self._keys.blob(digest), stored)
        return digest

    def get(self, digest: str) -> bytes | None:
        """The text; None if it was erased. Raises CorruptLog if it does not match its digest."""
        try:
            stored = self._ask("GET", self._keys.blob(digest))
        except ReplyError as error:
            if error.code != "WRONGTYPE":
                raise
            raise CorruptLog(f"blob {digest} is of another type") from None
        if stored is None:
            return None
        try:
            kept = zlib.decompress(stored[1:]) if stored[:1] == _DEFLATED else bytes(stored[1:])
        except zlib.error:
            kept = b""
        if sha256(kept) != digest:
            raise CorruptLog(f"blob {digest} does not match its digest")
        return kept

    def _ask(self, *args: Argument) -> Any:
        """Send a command, again if its reply is lost: none of these does harm when repeated."""
        try:
            return self._connection.call(*args)
        except Lost:
            return self._connection.call(*args)
