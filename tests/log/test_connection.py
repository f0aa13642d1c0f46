"""Connections: URLs, passwords, what is said when a server is away or says no, and what importing costs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor.errors import StoreError, UsageError
from conductor.log.connect import connect
from conductor.log.connection import Address, Argument, Connection, Down, ReplyError
from conductor.log.safety import examine, refuse_if_unsafe
from tests.log.processes import finished, start

both = pytest.mark.parametrize("fast", [False, True], ids=["redis-py", "socket"])


@pytest.fixture
def user(server_url: str, namespace: str) -> Iterator[str]:
    """A user of the server who needs a password with characters that a URL must escape."""
    admin = connect(server_url)
    admin.call("ACL", "SETUSER", namespace, "on", ">p@ss/w:rd", "~*", "+@all", "-config", "-info", "-command")
    yield namespace
    admin.call("ACL", "DELUSER", namespace)
    admin.close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://", Address("redis")),
        ("redis://store", Address("redis", "store")),
        ("redis://store:7000/3", Address("redis", "store", 7000, database=3)),
        ("rediss://ann:a%40b@store/", Address("rediss", "store", username="ann", password="a@b")),
        ("redis://:pw@[::1]:1", Address("redis", "::1", 1, password="pw")),
        ("unix:///tmp/a%20b.sock?db=2", Address("unix", path="/tmp/a b.sock", database=2)),
        ("unix://ann:pw@/tmp/s", Address("unix", path="/tmp/s", username="ann", password="pw")),
    ],
)
def test_urls(url: str, address: Address) -> None:
    assert Address.parse(url) == address
    assert "pw" not in str(address) and "a@b" not in str(address)


@pytest.mark.parametrize(
    "url", ["", "store:6379", "http://:hunter2@store", "redis://:hunter2@store:port", "redis://:hunter2@store/x"]
)
@both
def test_a_url_that_cannot_be_read_is_an_error_without_its_password(url: str, fast: bool) -> None:
    with pytest.raises(UsageError) as caught:
        connect(url, fast)
    assert "hunter2" not in str(caught.value)
    assert "redis://" in (caught.value.allowed or "")


@both
@pytest.mark.parametrize("url", ["unix://:hunter2@/nowhere/s", "redis://:hunter2@127.0.0.1:1/0"])
def test_a_server_that_is_away_is_told_without_the_password(url: str, fast: bool) -> None:
    with pytest.raises(Down, match="cannot be reached") as caught:
        connect(url, fast).call("PING")
    assert "hunter2" not in str(caught.value)
    assert caught.value.hint
    assert caught.value.__cause__ is None


@both
def test_a_password_opens_the_server(server_url: str, user: str, fast: bool) -> None:
    url = server_url.replace("unix://", f"unix://{user}:p%40ss%2Fw%3Ard@")
    assert connect(url, fast).call("ACL", "WHOAMI") == user.encode()


@both
def test_a_wrong_password_is_told_without_it(server_url: str, user: str, fast: bool) -> None:
    connection = connect(server_url.replace("unix://", f"unix://{user}:hunter2@"), fast)
    for _ in range(2):
        with pytest.raises(ReplyError, match="refuses") as caught:
            connection.call("PING")
        assert "hunter2" not in str(caught.value)
        assert "password" in (caught.value.hint or "")


@both
def test_a_database_is_selected(server_url: str, namespace: str, fast: bool) -> None:
    connect(server_url + "?db=3", fast).call("SET", namespace, "x")
    assert connect(server_url, fast).call("EXISTS", namespace) == 0
    assert connect(server_url + "?db=3", fast).call("GETDEL", namespace) == b"x"


@both
def test_threads_share_a_connection(server_url: str, namespace: str, fast: bool) -> None:
    connection = connect(server_url, fast)
    wrong: list[object] = []

    def echo(name: str) -> None:
        for n in range(20):
            # Larger than a socket's buffer: two threads on one socket would mix their commands.
            text = f"{name} {n}".encode() * 100_000
            if connection.call("ECHO", text) != text:
                wrong.append(text[:8])

    def run(name: str) -> None:
        try:
            echo(name)
        except StoreError as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    connection.close()
    assert connection.call("PING") == b"PONG"


@both
def test_a_connection_that_the_server_closed_is_opened_again(server_url: str, fast: bool) -> None:
    connection, other = connect(server_url, fast), connect(server_url)
    for _ in range(3):
        assert connection.call("PING") == b"PONG"
        other.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert connection.call("PING") == b"PONG"


def test_the_embedded_server_is_safe(server_url: str) -> None:
    assert refuse_if_unsafe(connect(server_url)) == []


@pytest.fixture
def configured(server_url: str) -> Iterator[Connection]:
    """A server whose settings a test may change."""
    connection = connect(server_url)
    yield connection
    connection.call("CONFIG", "SET", "maxmemory-policy", "noeviction", "appendonly", "yes", "appendfsync", "always")
    connection.close()


@pytest.mark.parametrize(
    ("setting", "value", "detail"),
    [("maxmemory-policy", "allkeys-lru", "maxmemory-policy is allkeys-lru"), ("appendonly", "no", "appendonly is no")],
)
def test_a_server_that_may_lose_events_is_refused(
    configured: Connection, setting: str, value: str, detail: str
) -> None:
    configured.call("CONFIG", "SET", setting, value)
    with pytest.raises(StoreError, match=detail) as caught:
        refuse_if_unsafe(configured)
    assert f"CONFIG SET {setting}" in (caught.value.hint or "")
    assert detail in [row.detail for row in refuse_if_unsafe(configured, accept=True)]


class Dated:
    """The real server, but it says that it is a Redis of another version."""

    def __init__(self, server: Connection, version: str) -> None:
        self._server = server
        self._version = version

    def call(self, *args: Argument) -> Any:
        reply = self._server.call(*args)
        if args != ("INFO",):
            return reply
        lines = [line for line in reply.splitlines() if not line.startswith((b"valkey_", b"redis_version:"))]
        return b"\r\n".join([f"redis_version:{self._version}".encode(), *lines])

    def close(self) -> None:
        self._server.close()


@pytest.mark.parametrize("version", ["5.0.14", "6.0.20", "6.1.240"])
def test_a_server_that_is_too_old_is_refused(server_url: str, version: str) -> None:
    server = Dated(connect(server_url), version)
    with pytest.raises(StoreError, match=f"Redis {version}") as caught:
        refuse_if_unsafe(server)
    assert "use Redis 6.2 or newer, or Valkey" in (caught.value.hint or "")
    assert f"Redis {version}" in [row.detail for row in refuse_if_unsafe(server, accept=True)]


@pytest.mark.parametrize("version", ["6.2.0", "7.0.15", "10.0.1"])
def test_from_redis_6_2_on_a_server_is_new_enough(server_url: str, version: str) -> None:
    assert refuse_if_unsafe(Dated(connect(server_url), version)) == []


def test_a_weaker_fsync_is_a_warning(configured: Connection) -> None:
    configured.call("CONFIG", "SET", "appendfsync", "everysec")
    (row,) = refuse_if_unsafe(configured)
    assert (row.name, row.ok, row.hint) == ("fsync", None, "CONFIG SET appendfsync always")


def test_what_a_managed_server_hides_is_a_warning(server_url: str, user: str) -> None:
    connection = connect(server_url.replace("unix://", f"unix://{user}:p%40ss%2Fw%3Ard@"))
    assert {row.ok for row in examine(connection)} == {None}
    assert len(refuse_if_unsafe(connection)) == len(examine(connection))


def test_the_fast_way_imports_nothing_heavy(server_url: str, namespace: str) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        from conductor.envelope import Draft, Head
        from conductor.events import TaskPaused
        from conductor.log import embedded
        from conductor.log.connect import connect
        from conductor.log.store import EventStore
        url, namespace, home = sys.argv[1:]
        assert embedded.ensure_running(Path(home)) == url
        store = EventStore(connect(url, fast=True), namespace)
        store.append("t1", Head(), [Draft(TaskPaused("x"), "person:ann")])
        heavy = {"redis", "asyncio", "subprocess", "logging", "git", "rich", "structlog", "importlib.metadata"}
        print(sorted(heavy & set(sys.modules)), len(store.read("t1")))
    """
    home = Path(Address.parse(server_url).path).parents[1]
    assert finished(start(script, server_url, namespace, home)) == "[] 1\n"
