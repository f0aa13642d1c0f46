"""Heartbeats of claims: kept up from a thread, and waited out where nothing else tells whether a claimant lives."""

from __future__ import annotations

import contextlib
import threading
import time

from conductor.driving import claims
from conductor.driving.ledger import Ledger
from conductor.errors import StoreError
from conductor.events import Claim
from conductor.ids import EffectId
from conductor.log.store import EventStore

BEAT = 5.0  # seconds between heartbeats
TTL_MS = 20_000  # milliseconds that each of them lasts
PATIENCE = 10.0  # seconds of silence until a claimant is given up: two beats of one that was only held up


class Heartbeat:
    """Keeps up the heartbeats of what a runner holds, as long as the `with` block lasts.

    In a thread: what holds up the runner's event loop, such as a slow disk, must not make it look dead. A beat that
    fails is tried again; should somebody take over meanwhile, the fence refuses our outcome.
    """

    def __init__(self, store: EventStore, task: str) -> None:
        self._store = store
        self._task = task
        self._held: dict[EffectId, int] = {}
        self._sure: dict[EffectId, float] = {}  # effect -> when its claim was last known to be ours
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name=f"heartbeat of {task}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=1.0)  # it may hang on a server that does not answer, and is not waited for

    def announce(self, effect: EffectId, claim: int) -> None:
        """The first beat, before the claim is recorded: nobody may see a claim without one. Raises StoreError."""
        self._sure[effect] = time.monotonic()
        self._store.heartbeat(self._task, effect, claim, TTL_MS)

    def hold(self, effect: EffectId, claim: int) -> None:
        """From now on keep it up."""
        self._held[effect] = claim

    def let_go(self, effect: EffectId) -> None:
        self._held.pop(effect, None)

    def holds(self, effect: EffectId, claim: int) -> bool:
        """Whether the claim is still ours. Raises StoreError where that had to be asked and cannot be.

        It is while its beats came in time. After a longer stop (SIGSTOP, a machine asleep) only the log knows.
        """
        if self._held.get(effect) != claim:
            return False
        now = time.monotonic()
        if now - self._sure[effect] < TTL_MS / 1000:
            return True
        self._store.heartbeat(self._task, effect, claim, TTL_MS)
        held = Ledger(self._store, self._task).catch_up().open.get(effect)
        if held is None or held.claim_version != claim:
            return False
        self._sure[effect] = now
        return True

    def _keep_up(self) -> None:
        while not self._ended.wait(BEAT):
            for effect, claim in list(self._held.items()):
                now = time.monotonic()
                with contextlib.suppress(StoreError):
                    self._store.heartbeat(self._task, effect, claim, TTL_MS)
                    if now - self._sure[effect] < TTL_MS / 1000:
                        self._sure[effect] = now


class Silence:
    """Which claims of a task may be taken over, looked at again and again by one runner.

    That a heartbeat has run out is not enough: the server may have been away, or this machine asleep, and whoever lives
    has not had the time to beat again. So it must be missing for PATIENCE seconds in which this process was there.
    """

    def __init__(self, store: EventStore, task: str) -> None:
        self._store = store
        self._task = task
        self._since: dict[int, float] = {}  # claim -> since when it was silent each time
        self._looked: dict[int, float] = {}

    def given_up(self, effect: EffectId, version: int, claim: Claim) -> bool:
        """Whether the claimant is dead, or has been silent for so long that it counts as dead. Raises StoreError."""
        alive = claims.lives(claim)
        if alive is not None:
            return not alive
        now = time.monotonic()
        away = now - self._looked.get(version, now) > BEAT  # it was we who were stopped
        self._looked[version] = now
        if away or self._store.has_heartbeat(self._task, effect, version):
            self._since.pop(version, None)
            return False
        return now - self._since.setdefault(version, now) >= PATIENCE
