"""The server in a process of its own: `python -m tests.support.messages_server TURNS SECONDS`. It prints its address.

Every model looks at README.md and writes a file, in turns, and reports in the last one; each message takes SECONDS.
"""

from __future__ import annotations

import sys

from tests.support.messages_server.answers import Answer, Asked, call, calls
from tests.support.messages_server.server import MessagesServer


def main(turns: int, seconds: float) -> None:
    def brain(asked: Asked) -> Answer:
        del server.asked[:]  # nobody looks at them
        if asked.turn == turns - 1:
            made = call("report", status="PASS", summary="Done.")
        elif asked.turn % 2:
            made = call("create", path="work.txt", text=f"turn {asked.turn}\n")
        else:
            made = call("view", path="README.md")
        return calls(made, delay=seconds)

    with MessagesServer(brain, lenient=True) as server:
        print(server.url, flush=True)
        sys.stdin.read()  # until whoever started it closes it


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
