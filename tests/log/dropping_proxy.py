"""A TCP door to a server that loses things: the reply to an append, or the append itself."""

from __future__ import annotations

import socket
import threading
from collections import deque
from contextlib import suppress


class DroppingProxy:
    """Passes everything on, but the next appends fare as `plan` says: `reply`, `request` (lost) or `pass`."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.plan: deque[str] = deque()
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(self._server)
            while command := client.recv(1 << 20):
                fate = self.plan.popleft() if b"EVAL" in command and self.plan else "pass"
                if fate == "request":
                    return
                server.sendall(command)
                reply = server.recv(1 << 20)
                if fate == "reply":
                    return
                client.sendall(reply)
