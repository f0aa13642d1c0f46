"""The carriers that every contract test runs on: fakeredis, redis-py on a real server, and the plain socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conductor.log.connect import connect
from conductor.log.connection import Connection

KINDS = ("fakeredis", "redis-py", "socket")


@pytest.fixture(params=KINDS)
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == "fakeredis":
        import fakeredis

        from conductor.log.redis_client import RedisConnection

        connection: Connection = RedisConnection(fakeredis.FakeRedis(server_type="valkey", protocol=2), "of this test")
    else:
        connection = connect(request.getfixturevalue("server_url"), fast=request.param == "socket")
    yield connection
    connection.close()
