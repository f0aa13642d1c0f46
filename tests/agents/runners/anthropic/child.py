"""Plays an attempt in a process of its own, so that it can be killed: `python -m` and this, FOLDER URL NAMESPACE.

With DIES=n the process kills itself when the journal has n events.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from conductor.agents.runners.anthropic.runner import AnthropicAgent
from conductor.agents.transcript import Transcript
from conductor.envelope import Draft, Head
from conductor.log.connect import connect
from conductor.log.store import Appended, EventStore
from tests.support.agents.stage import assignment_in, toolbox


class Mortal(EventStore):
    def append(
        self, stream: str, expected: Head, drafts: Sequence[Draft], *, feed: bool = True, time: str | None = None
    ) -> Appended:
        appended = super().append(stream, expected, drafts, feed=feed, time=time)
        if appended.head.version >= int(os.environ.get("DIES", sys.maxsize)):
            os.kill(os.getpid(), signal.SIGKILL)
        return appended


def main(folder: Path, url: str, namespace: str) -> None:
    asked = assignment_in(folder)
    store = Mortal(connect(url), namespace)
    transcript = Transcript(store, store.blobs, asked.task, asked.effect, asked.role)
    ended = asyncio.run(AnthropicAgent(os.environ, {}).run(asked, toolbox(folder), transcript))
    print(ended.verdict, ended.turns)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
