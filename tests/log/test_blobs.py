"""Blobs, on every carrier: texts by digest, erasable, and told when forged."""

from __future__ import annotations

import pytest

from conductor.errors import CorruptLog
from conductor.log.connection import Connection
from conductor.log.store import EventStore
from tests.support.blobs import erase


@pytest.fixture
def store(connection: Connection, namespace: str) -> EventStore:
    return EventStore(connection, namespace)


@pytest.mark.parametrize("data", [b"", b"short", b"long " * 5000, bytes(range(256)) * 3])
def test_blobs_come_back_by_their_digest(store: EventStore, data: bytes) -> None:
    digest = store.blobs.put(data)
    assert store.blobs.get(digest) == data
    assert store.blobs.put(data) == digest
    assert store.connection.call("STRLEN", store.keys.blob(digest)) <= len(data) + 1


def test_texts_are_blobs_too(store: EventStore) -> None:
    assert store.blobs.get(store.blobs.put("grüße \ud800")) == "grüße \\ud800".encode()


def test_an_erased_blob_is_gone(store: EventStore) -> None:
    digest = store.blobs.put("x")
    assert (erase(store, digest), erase(store, digest), store.blobs.get(digest)) == (True, False, None)


@pytest.mark.parametrize("stored", [b"pforged", b"zforged", b""])
def test_a_forged_blob_is_told(store: EventStore, stored: bytes) -> None:
    digest = store.blobs.put("x")
    store.connection.call("SET", store.keys.blob(digest), stored)
    with pytest.raises(CorruptLog, match=digest):
        store.blobs.get(digest)
