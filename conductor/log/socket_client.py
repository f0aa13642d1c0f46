"""A connection over a plain socket and hiredis's reader, for short-lived commands. No TLS."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

import hiredis

from conductor.log.connection import TIMEOUT, Address, Argument, Down, ReplyError, down, lost


class SocketConnection:
    """One socket, opened by the first call and reopened after it breaks. Calls from several threads take turns."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._reader = hiredis.Reader()

    def call(self, *args: Argument) -> Any:
        command = _packed(args)
        with self._lock:
            if self._socket is None or _hung_up(self._socket):
                self._open()
            reply = self._exchange(command)
        if isinstance(reply, hiredis.ReplyError):
            raise self._refusal(reply)
        return reply

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> None:
        self.close()
        self._reader = hiredis.Reader()
        address = self._address
        try:
            if address.scheme == "unix":
                self._socket = socket.socket(socket.AF_UNIX)
                self._socket.settimeout(TIMEOUT)
                self._socket.connect(address.path)
            else:
                self._socket = socket.create_connection((address.host, address.port), TIMEOUT)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            self.close()
            raise down(str(address), error) from None
        if address.password is not None:
            user = (address.username,) if address.username else ()
            self._greet("AUTH", *user, address.password)
        if address.database:
            self._greet("SELECT", str(address.database))

    def _greet(self, *args: str) -> None:
        reply = self._exchange(_packed(args))
        if isinstance(reply, hiredis.ReplyError):
            self.close()
            raise self._refusal(reply)

    def _exchange(self, command: bytes) -> Any:
        assert self._socket is not None
        try:
            self._socket.sendall(command)
            while (reply := self._reader.gets()) is False:
                chunk = self._socket.recv(65536)
                if not chunk:
                    raise ConnectionResetError("the connection was closed")
                self._reader.feed(chunk)
        except BaseException as error:
            # Also when interrupted: an unread reply must never answer the next call.
            self.close()
            if isinstance(error, OSError | hiredis.ProtocolError):
                raise lost(str(self._address), error) from None
            raise
        return reply

    def _refusal(self, reply: Exception) -> Down | ReplyError:
        code, _, message = str(reply).partition(" ")
        if code == "LOADING":
            return down(str(self._address), "it is still loading its data")
        return ReplyError(str(self._address), code, message)


def _packed(args: tuple[Argument, ...]) -> bytes:
    packed: bytes = hiredis.pack_command(args)  # type: ignore[arg-type]  # its stub knows tuples of one only
    return packed


def _hung_up(sock: socket.socket) -> bool:
    """Whether the other end is gone or unexpected data is waiting: the socket must not be used again."""
    with suppress(BlockingIOError):
        sock.setblocking(False)
        try:
            sock.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True
        finally:
            sock.settimeout(TIMEOUT)
        return True
    return False
