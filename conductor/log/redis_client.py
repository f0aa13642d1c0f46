"""A connection over redis-py: TLS, a pool for threads, and the usual URLs. Its retries are switched off.

By default redis-py resends a command whose reply is lost, which would store an event twice.
"""

from __future__ import annotations

from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from conductor.errors import UsageError
from conductor.log.connection import TIMEOUT, Argument, Down, ReplyError, down, lost

# redis-py strips the code from the text of these errors.
_CODES: dict[type[redis.RedisError], str] = {
    redis.exceptions.NoScriptError: "NOSCRIPT",
    redis.exceptions.ReadOnlyError: "READONLY",
    redis.exceptions.NoPermissionError: "NOPERM",
    redis.exceptions.OutOfMemoryError: "OOM",
    redis.exceptions.MovedError: "MOVED",
    redis.exceptions.AuthenticationError: "NOAUTH",
}


class RedisConnection:
    """Calls through a redis-py client's pool, bypassing its retries, callbacks and decoding."""

    def __init__(self, client: redis.Redis, where: str) -> None:
        self._pool = client.connection_pool
        self._where = where

    @classmethod
    def to(cls, url: str, where: str) -> RedisConnection:
        """`where` names the server in errors. Raises UsageError for a URL that redis-py cannot read."""
        try:
            client = redis.Redis.from_url(
                url,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
                socket_timeout=TIMEOUT,
                socket_connect_timeout=TIMEOUT,
            )
        except (ValueError, TypeError):
            raise UsageError(f"the URL of the event store {where} cannot be read") from None
        return cls(client, where)

    def call(self, *args: Argument) -> Any:
        try:
            connection = self._pool.get_connection()
        except (redis.RedisError, OSError) as error:
            raise self._unsent(error) from None
        try:
            connection.send_command(*args)  # type: ignore[no-untyped-call]
            return connection.read_response()
        except redis.exceptions.BusyLoadingError as error:
            raise self._unsent(error) from None
        except (redis.ConnectionError, redis.TimeoutError, redis.InvalidResponse, OSError) as error:
            if isinstance(error, redis.AuthenticationError):
                raise self._refusal(error) from None
            connection.disconnect()  # type: ignore[no-untyped-call]
            raise lost(self._where, error) from None
        except redis.RedisError as error:
            raise self._refusal(error) from None
        except BaseException:
            # Interrupted: an unread reply must never answer the next call.
            connection.disconnect()  # type: ignore[no-untyped-call]
            raise
        finally:
            self._pool.release(connection)

    def close(self) -> None:
        self._pool.disconnect()

    def _unsent(self, error: Exception) -> Down | ReplyError:
        if isinstance(error, redis.exceptions.BusyLoadingError):
            return down(self._where, "it is still loading its data")
        if isinstance(error, redis.AuthenticationError | redis.ResponseError):
            return self._refusal(error)
        return down(self._where, error)

    def _refusal(self, error: Exception) -> ReplyError:
        text = str(error)
        for kind, code in _CODES.items():
            if isinstance(error, kind):
                return ReplyError(self._where, code, text)
        code, _, message = text.partition(" ")
        return ReplyError(self._where, code, message) if code.isupper() else ReplyError(self._where, "ERR", text)
