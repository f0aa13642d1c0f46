"""Drives a task, and is killed when the first outcome of a type is not yet said: `python -m` and this, TASK OUTCOME.

What the effect was to do is done then, and only the record of its end is missing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

from conductor.app import App
from conductor.config.environment import Environment
from conductor.core.state import TaskState
from conductor.driving.ledger import Ledger
from conductor.driving.runner import Performer
from conductor.events import Outcome, Request, TaskStarted, type_of


class Dies(App):
    def __init__(self, environment: Environment, outcome: str) -> None:
        super().__init__(environment)
        self._outcome = outcome

    def performer(self, ledger: Ledger) -> Performer:
        performed = super().performer(ledger)

        async def perform(request: Request, claim: int, state: TaskState) -> AsyncIterator[Outcome]:
            async for outcome in performed(request, claim, state):
                if type_of(outcome) == self._outcome:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield outcome

        return perform


def main(task: str, outcome: str) -> None:
    app = Dies(Environment.read(), outcome)
    ledger = app.ledger(task)
    if ledger.catch_up().status == "planned":
        ledger.submit(TaskStarted(), actor="person:ada")
    asyncio.run(app.runner(ledger).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
