"""Texts that are gone, as whoever has the server can have them."""

from __future__ import annotations

from conductor.log.store import EventStore


def erase(store: EventStore, digest: str) -> bool:
    """Delete a text for good. The events that name it, and their chain, stay whole. False: there was none."""
    return bool(store.connection.call("DEL", store.keys.blob(digest)) == 1)
