"""The application behind one server: inputs are appended here, and what they call for is performed at once.

Within a process only one runner drives a task: two would take each other's claims for their own.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from conductor.app import App
from conductor.config.environment import Environment
from conductor.core.state import TaskState
from conductor.doors.person import NAME
from conductor.driving.ledger import Ledger
from conductor.envelope import Recorded
from conductor.events import Body
from conductor.log.store import damaged

Tell = Callable[[Recorded], Awaitable[None]]


class Submitted(msgspec.Struct, frozen=True):
    """The result of an input: the state at rest, and the events since. `repeated`: it had been recorded before."""

    state: TaskState
    events: tuple[Recorded, ...]
    repeated: bool


class Session:
    """One server's application. Each method raises ConductorError as the application does."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._ledgers: dict[str, Ledger] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._app: App | None = None

    @property
    def app(self) -> App:
        if self._app is None:
            self._app = App(self.environment)
        return self._app

    def forget(self) -> None:
        """Connect again with the next call: the store went away."""
        self._app = None
        self._ledgers.clear()

    def known(self, name: str) -> TaskState:
        """The state of a task, by its id or a unique beginning of it."""
        return self._ledger(self.app.find(name)).open()

    def events(self, task: str, *, after: int = 0) -> tuple[Recorded, ...]:
        """A task's events after a version. Raises CorruptLog: fewer are there than were known."""
        events = tuple(self.app.store.read(task, after=after))
        last, known = events[-1].version if events else after, self._ledger(task).head.version
        if last < known:
            raise damaged(task, f"it ends at version {last}, and {known} events were recorded")
        return events

    def ledger(self, task: str) -> Ledger:
        """The caught-up ledger of a task, by its whole id."""
        ledger = self._ledger(task)
        ledger.open()
        return ledger

    async def submit(
        self, task: str, body: Body, *, actor: str, request: str | None, tell: Tell | None = None
    ) -> Submitted:
        """Append an input, then perform what Conductor itself has to do, until the task rests.

        The same `request` with the same input again appends nothing. `tell` receives each event of that work.
        """
        before = self.known(task).version
        self.app.submit(task, body, actor=actor, request=request)
        first = before + 1
        if request:
            first = self.app.store.requested(task, request)[0].version
        state = await self.rest(task, tell)
        return Submitted(state, self.events(task, after=first - 1), repeated=first <= before)

    async def rest(self, task: str, tell: Tell | None = None) -> TaskState:
        """Perform what is open until the task waits for its client, a person, or nothing. Returns the state there.

        A task that Conductor drives is left to the process that drives it.
        """
        async with self._turns[task]:
            ledger = self._ledger(task)
            state = ledger.open()
            if state.driver == "assisted" or state.status == "rolling_back":
                async with _telling(ledger, tell):
                    return await self.app.runner(ledger).run()
            return state

    def _ledger(self, task: str) -> Ledger:
        if task not in self._ledgers:
            self._ledgers[task] = self.app.ledger(task)
        return self._ledgers[task]


@asynccontextmanager
async def _telling(ledger: Ledger, tell: Tell | None) -> AsyncIterator[None]:
    """Within the block, `tell` receives the ledger's events in order."""
    if tell is None:
        yield
        return
    seen: asyncio.Queue[Recorded] = asyncio.Queue()

    async def pass_on() -> None:
        while True:
            await tell(await seen.get())

    ledger.watch(lambda event, before, after: seen.put_nowait(event))
    telling = asyncio.create_task(pass_on())
    try:
        yield
    finally:
        ledger.watch(lambda event, before, after: None)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)  # the client may have left


def actor_of(client: str) -> str:
    """A client's name as an actor of the log: `client:claude-code`."""
    return f"client:{re.sub(r'[^A-Za-z0-9_.@/+-]+', '-', client)[:NAME].strip('-') or 'mcp'}"
