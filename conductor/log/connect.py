"""Chooses the kind of connection for a URL; the only place that knows both kinds."""

from __future__ import annotations

from conductor.log.connection import Address, Connection


def connect(url: str, fast: bool = False) -> Connection:
    """A connection to the server at `url`; the first call opens the socket.

    `fast` is for short commands: a plain socket without heavy imports. TLS always goes through redis-py.
    Raises UsageError for a URL that cannot be read.
    """
    address = Address.parse(url)
    if fast and address.scheme != "rediss":
        from conductor.log.socket_client import SocketConnection

        return SocketConnection(address)
    from conductor.log.redis_client import RedisConnection

    return RedisConnection.to(url, str(address))
